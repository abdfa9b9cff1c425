import { beforeAll, describe, expect, it } from '@jest/globals';
import { newMember, post as postForm } from '../../protocol/world.ts';
import { ask, pollForm, registerKiosk, settled } from '../../support/backchannel.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { copyOfProgram } from '../../support/program-folder.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { post } from './world.ts';

const path = '/account/requests';

describe('an app elsewhere whose scope needs an answer of the member', () => {
  let issuer: TestIssuer;
  let pump: RelyingParty;
  let site: RelyingParty;

  beforeAll(async () => {
    const program = copyOfProgram();
    program.edit('brands/volt/brand.json', (brand) => {
      brand.attributes = {
        plate: { type: 'text', class: 'trait', label: { en: 'Number plate' }, constraints: { maxLength: 8 } },
        cup: { type: 'text', class: 'trait', label: { en: 'Cup' } },
      };
      brand.forms = {};
      brand.profiling = {
        plates: { ask: ['plate'], when: { scopes: ['email'] }, required: true },
        cups: { ask: ['cup'], when: { scopes: ['email'] } },
      };
    });
    issuer = await startIssuer({ env: { SYMBOLON_PROGRAM_DIR: program.path } });
    program.remove();
    pump = await registerKiosk(issuer, { id: 'pump', brand: 'volt' });
    site = await RelyingParty.register(issuer, { id: 'airline' });
  });

  const poll = async (asked: Parameters<typeof pollForm>[0]) =>
    postForm(issuer, '/token', pollForm(asked), { as: 'pump' });

  it('cannot be allowed before it is given, and gets nothing meanwhile', async () => {
    const { agent, memberId } = await newMember(issuer, site, 'una@example.com');
    const asked = await ask(pump, 'una@example.com', { scope: 'openid email' });
    const page = await agent.open(path);
    expect(page.text).toContain('Number plate');
    expect(page.text).not.toContain('Cup');
    expect(page.text).toContain('Please answer the question above first, or deny.');
    expect(page.text).not.toContain('value="allow"');
    expect((await post(agent, page, '/answer', { decision: 'allow' })).status).toBe(422);
    expect((await poll(asked)).json.error).toBe('authorization_pending');

    const wrong = await agent.submit(page, { 'field.plate': 'far too long a plate' }, '/questions');
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('aria-invalid="true"');
    expect(wrong.text).toContain('value="far too long a plate"');

    const answered = await agent.submit(wrong, { 'field.plate': 'KA 1234' }, '/questions');
    expect(answered.text).toContain('Thank you. You can answer now.');
    const allowed = await agent.submit(answered, { decision: 'allow' }, '/answer');
    expect(allowed.text).toContain('You have allowed it');
    await settled(issuer);
    issuer.clock.advance(6_000);
    expect((await poll(asked)).status).toBe(200);
    const types = (await issuer.issuer.core.events.ofMember(memberId, 100)).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['member.attributes_changed', 'member.questioned']));
  });

  it('asks nothing once it is known, also for another request', async () => {
    const { agent } = await newMember(issuer, site, 'uma@example.com');
    await ask(pump, 'uma@example.com', { scope: 'openid email' });
    await agent.submit(await agent.open(path), { 'field.plate': 'KA 1235' }, '/questions');
    await ask(pump, 'uma@example.com', { scope: 'openid email' });
    const known = await agent.open(path);
    expect(known.text).not.toContain('Number plate');
    expect(known.text.match(/value="allow"/g)).toHaveLength(2);
  });

  it('asks nothing where the scope is not asked for', async () => {
    const { agent } = await newMember(issuer, site, 'otto@example.com');
    await ask(pump, 'otto@example.com', { scope: 'openid profile' });
    const page = await agent.open(path);
    expect(page.text).not.toContain('Number plate');
    expect(page.text).toContain('value="allow"');
  });
});
