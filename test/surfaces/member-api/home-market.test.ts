/** What a member's home market guards, when they answer a form of an app that stands in another one. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newMember } from '../../protocol/world.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { copyOfProgram } from '../../support/program-folder.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { ask, memberToken } from '../apis/world.ts';

const label = { en: 'Diet' };
const folder = copyOfProgram();
let issuer: TestIssuer;
let app: RelyingParty;

beforeAll(async () => {
  folder.edit('program.json', (program) => {
    const eats = { type: 'text', class: 'trait', label, read: ['member', 'client:app'] };
    program.attributes = { ...(program.attributes as object), eats };
    const fields = [{ attribute: 'eats' }];
    program.forms = { ...(program.forms as object), table: { title: label, steps: [{ fields }] } };
  });
  // In this market the law takes it for a matter of health and belief.
  folder.edit('markets/de.json', (market) => {
    market.attributes = { eats: { class: 'sensitive', read: ['member'] } };
  });
  issuer = await startIssuer({ env: { SYMBOLON_PROGRAM_DIR: folder.path } });
  const metadata = { scope: 'openid profile email account:forms' };
  app = await RelyingParty.register(issuer, { id: 'app', market: 'us', metadata });
});

afterAll(() => folder.remove());

it.each([
  ['de', {}],
  ['us', { eats: 'halal' }],
])('keeps it as the home market %s asks, from the first moment on', async (market, traits) => {
  const home = await RelyingParty.register(issuer, { id: `home-${market}`, market });
  const member = await newMember(issuer, home, `${market}@example.com`);
  const { access_token: token } = await memberToken(issuer, app, member, {
    api: 'account',
    scope: 'account:forms',
  });
  const json = { attributes: { eats: 'halal' } };
  const sent = await ask(issuer, '/api/account/forms/table/answers', { token, method: 'POST', json });
  expect(sent.status).toBe(200);
  const { members } = issuer.issuer.people;
  // The program's definition lets the app read it; that of the home market names nobody but the member.
  const seen = sent.json.answers as Record<string, unknown>;
  expect(seen.attributes).toEqual(market === 'us' ? { eats: 'halal' } : {});
  const kept = await members.get(member.memberId);
  expect(kept?.traits).toEqual(traits);
  expect(kept && (await members.attributes(kept, ['eats']))).toEqual({ eats: 'halal' });
});
