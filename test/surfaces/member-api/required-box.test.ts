/** A box that must be ticked before an app gets a scope: no way round leaves it empty. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newMember, type SignedIn } from '../../protocol/world.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { copyOfProgram } from '../../support/program-folder.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { ask, memberToken } from '../apis/world.ts';

const label = { en: 'I am of age' };
const points = { scope: 'openid points:read', resource: 'https://points.xenia.example/api' };

let issuer: TestIssuer;
let app: RelyingParty;
const folder = copyOfProgram();

beforeAll(async () => {
  folder.edit('program.json', (program) => {
    const box = (kind: string) => ({ type: 'boolean', class: kind, label });
    program.attributes = {
      ...(program.attributes as object),
      of_age: box('trait'),
      of_age_too: box('identifier'),
    };
    program.profiling = {
      must: { ask: ['of_age', 'of_age_too'], when: { scopes: ['points:read'] }, required: true },
      open: { ask: ['of_age'], when: { clients: ['app'], scopes: ['account:questions'] }, required: true },
    };
    const fields = [{ attribute: 'of_age' }, { attribute: 'of_age_too' }];
    program.forms = { ...(program.forms as object), boxes: { title: label, steps: [{ fields }] } };
  });
  issuer = await startIssuer({ env: { SYMBOLON_PROGRAM_DIR: folder.path } });
  const scope = 'openid profile email account:questions account:forms points:read';
  app = await RelyingParty.register(issuer, { id: 'app', metadata: { scope } });
});

afterAll(() => folder.remove());

const answered = async ({ agent }: SignedIn) => {
  const { page } = await app.open(agent, { ...points, prompt: 'none' });
  return new URL(page.url).searchParams;
};

/** Ticks both on the way to the points, and gets there. */
async function ticked(member: SignedIn): Promise<void> {
  const { page } = await app.open(member.agent, points);
  expect((await member.agent.submit(page, {}, '/questions')).status).toBe(422);
  const boxes = { 'field.of_age': 'yes', 'field.of_age_too': 'yes' };
  const back = await member.agent.submit(page, boxes, '/questions');
  expect(new URL(back.url).searchParams.has('code')).toBe(true);
}

describe('a box that must be ticked', () => {
  it.each(['of_age', 'of_age_too'])('is asked again once another form has left %s empty', async (name) => {
    const member = await newMember(issuer, app, `${name.replaceAll('_', '-')}@example.com`);
    await ticked(member);
    expect((await answered(member)).has('code')).toBe(true);
    const { access_token: token } = await memberToken(issuer, app, member, {
      api: 'account',
      scope: 'account:forms',
    });
    const json = { attributes: { [name]: false } };
    const sent = await ask(issuer, '/api/account/forms/boxes/answers', { token, method: 'POST', json });
    expect(sent.status).toBe(200);
    expect((await answered(member)).get('error')).toBe('interaction_required');
    await ticked(member);
  });

  it('is not answered by an app that sends it empty', async () => {
    const member = await newMember(issuer, app, 'empty@example.com');
    const { page } = await app.open(member.agent, {
      scope: 'openid account:questions',
      resource: `${issuer.url}/api/account`,
    });
    await member.agent.submit(page, { 'field.of_age': 'yes' }, '/questions');
    const { access_token: token } = await memberToken(issuer, app, member, {
      api: 'account',
      scope: 'account:questions account:forms',
    });
    const forms = '/api/account/forms/boxes/answers';
    await ask(issuer, forms, { token, method: 'POST', json: { attributes: { of_age: false } } });
    const json = { answers: { of_age: false } };
    const sent = await ask(issuer, '/api/account/questions', { token, method: 'POST', json });
    expect(sent.json.errors).toEqual([{ path: '/answers/of_age', code: 'field.required' }]);
  });
});
