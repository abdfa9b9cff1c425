/** How long a consent counts by API: as long as the member's home market and the market of the app both say. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newMember, type SignedIn, signedIn } from '../../protocol/world.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { copyOfProgram } from '../../support/program-folder.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { ask, memberToken } from '../apis/world.ts';

const scopes = 'account:profile.read account:profile.write account:consents';
const consents = '/api/account/consents';
const days = (count: number) => count * 86_400_000;

let issuer: TestIssuer;
let app: RelyingParty;
let ann: SignedIn;
const folder = copyOfProgram();

beforeAll(async () => {
  folder.edit('program.json', (program) => {
    const fodder = {
      type: 'text',
      class: 'sensitive',
      label: { en: 'Fodder' },
      purpose: 'personalisation',
      read: ['client:app'],
      write: ['client:app'],
    };
    program.attributes = { ...(program.attributes as object), fodder };
  });
  // The app's market is stricter than the brand's usual one, where the member is at home.
  folder.edit('markets/jp.json', (market) => {
    market.legal = { ...(market.legal as object), consentMaxAgeDays: 30 };
  });
  issuer = await startIssuer({ env: { SYMBOLON_PROGRAM_DIR: folder.path } });
  const home = await RelyingParty.register(issuer, { id: 'home', market: 'us' });
  const scope = `openid profile email ${scopes}`;
  app = await RelyingParty.register(issuer, { id: 'app', market: 'jp', metadata: { scope } });
  ann = await newMember(issuer, home, 'ann@example.com');
});

afterAll(() => folder.remove());

const tokenOf = async (member: Pick<SignedIn, 'agent'>) =>
  (await memberToken(issuer, app, member, { api: 'account', scope: scopes })).access_token;

async function standing(token: string) {
  const { items } = (await ask(issuer, consents, { token })).json as { items: Record<string, string>[] };
  const profile = await ask(issuer, '/api/account/profile', { token });
  const shown = items.find(({ purpose }) => purpose === 'personalisation');
  return { state: shown?.state, shown, attributes: profile.json.attributes };
}

async function give(token: string) {
  const { version, language, hash } = (await standing(token)).shown ?? {};
  const json = { state: 'given', version, language, hash };
  return ask(issuer, `${consents}/personalisation`, { token, method: 'PUT', json });
}

it('is over when the stricter of both says so, and can be given anew', async () => {
  const token = await tokenOf(ann);
  const json = { attributes: { fodder: 'hay' } };
  await ask(issuer, '/api/account/profile', { token, method: 'PATCH', json });
  await give(token);
  expect(await standing(token)).toMatchObject({ state: 'given', attributes: { fodder: 'hay' } });
  issuer.clock.advance(days(31));
  const later = await tokenOf(await signedIn(issuer, app, ann));
  const over = await standing(later);
  expect([over.state, over.attributes]).toEqual(['expired', {}]);
  await give(later);
  expect(await standing(later)).toMatchObject({ state: 'given', attributes: { fodder: 'hay' } });
});
