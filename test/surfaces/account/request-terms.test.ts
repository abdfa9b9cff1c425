import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newMember, post as postForm, type SignedIn } from '../../protocol/world.ts';
import { ask, pollForm, registerKiosk, settled } from '../../support/backchannel.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { registrationForm } from '../../support/people.ts';
import { addGreenleafTerms, copyOfProgram } from '../../support/program-folder.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { post } from './world.ts';

const path = '/account/requests';

describe('an app whose brand has terms that the member has not accepted', () => {
  const program = copyOfProgram();
  let issuer: TestIssuer;
  let kiosk: RelyingParty;
  let someone: SignedIn;

  beforeAll(async () => {
    addGreenleafTerms(program);
    issuer = await startIssuer({ env: { SYMBOLON_PROGRAM_DIR: program.path } });
    kiosk = await registerKiosk(issuer, { id: 'kiosk', brand: 'greenleaf' });
    someone = await newMember(
      issuer,
      await RelyingParty.register(issuer, { id: 'airline' }),
      'una@example.com',
    );
  });
  afterAll(() => program.remove());

  it('can be denied at once, and allowed once they are accepted', async () => {
    const { agent, email, memberId } = someone;
    const denied = await ask(kiosk, email);
    const blocked = await agent.open(path);
    expect(blocked.text).not.toContain('value="allow"');
    expect((await post(agent, blocked, '/answer', { decision: 'allow' })).status).toBe(422);
    expect((await post(agent, blocked, '/answer', { decision: 'deny' })).status).toBe(303);
    await settled(issuer);
    expect((await postForm(issuer, '/token', pollForm(denied), { as: 'kiosk' })).json.error).toBe(
      'access_denied',
    );
    const asked = await ask(kiosk, email);
    const page = await agent.open(path);
    const unticked = await agent.submit(page, {}, '/terms');
    expect(unticked.status).toBe(422);
    expect(unticked.text).toContain('aria-invalid="true"');
    const accepted = await agent.submit(unticked, registrationForm(unticked), '/terms');
    expect(accepted.text).toContain('Thank you. You can answer now.');
    await agent.submit(accepted, { decision: 'allow' }, '/answer');
    await settled(issuer);
    expect((await postForm(issuer, '/token', pollForm(asked), { as: 'kiosk' })).status).toBe(200);
    const rows = await issuer.issuer.people.consents.history(memberId);
    expect(rows.find(({ subjectId }) => subjectId === 'greenleaf-terms')).toMatchObject({
      kind: 'accepted',
      brand: 'greenleaf',
    });
  });
});
