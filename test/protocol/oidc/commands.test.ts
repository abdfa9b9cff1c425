import { beforeAll, describe, expect, it } from '@jest/globals';
import { freshDatabaseAddress } from '../../support/database.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { signIn } from '../../support/people.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { freshCode, newMember, post, redemption, type SignedIn } from '../world.ts';

/** Collections that jobs and settling work on beside the requests; test/people/risk counts the limits' own. */
const background = ['jobs', 'outbox', 'throttles'];
const notCounted = new Set(['ping', 'hello', 'endSessions', 'getMore', 'abortTransaction']);

describe('commands that one request costs the database', () => {
  const commands: string[] = [];
  let issuer: TestIssuer;
  let site: RelyingParty;
  let member: SignedIn;

  beforeAll(async () => {
    const { uri, keysUri } = freshDatabaseAddress();
    const watched = (address: string) => `${address}${address.includes('?') ? '&' : '?'}monitorCommands=true`;
    issuer = await startIssuer({ database: { uri: watched(uri), keysUri: watched(keysUri) } });
    issuer.db.main.getClient().on('commandStarted', ({ commandName, command }) => {
      const collection = String(command[commandName]);
      if (!notCounted.has(commandName) && !background.includes(collection))
        commands.push(`${commandName} ${collection}`);
    });
    site = await RelyingParty.register(issuer, { id: 'airline' });
    for (const [id, resourceServer] of [
      ['machine', false],
      ['points-api', true],
    ] as const) {
      const metadata = {
        grant_types: ['client_credentials'],
        redirect_uris: [],
        post_logout_redirect_uris: [],
      };
      await RelyingParty.register(issuer, { id, resourceServer, metadata });
    }
    member = await newMember(issuer, site, 'una@example.com');
    await post(issuer, '/token', { grant_type: 'client_credentials' }, { as: 'machine' });
    await post(issuer, '/token', { grant_type: 'client_credentials' }, { as: 'points-api' });
  });

  const counted = async (work: () => Promise<unknown>) => {
    commands.length = 0;
    await work();
    return [...commands].sort();
  };

  it('are none for client credentials with a JWT', async () => {
    const form = {
      grant_type: 'client_credentials',
      resource: 'https://points.xenia.example/api',
      scope: 'points:read',
    };
    expect(await counted(() => post(issuer, '/token', form, { as: 'machine' }))).toEqual([]);
  });

  it('are one for an introspection and two for userinfo', async () => {
    const token = member.tokens.access_token;
    const introspection = () => post(issuer, '/token/introspection', { token }, { as: 'points-api' });
    expect(await counted(introspection)).toEqual(['aggregate artefacts']);
    const userinfo = () => fetch(`${issuer.url}/userinfo`, { headers: { authorization: `Bearer ${token}` } });
    expect(await counted(userinfo)).toEqual(['aggregate artefacts', 'find memberKeys']);
  });

  it('are two for a refresh', async () => {
    const form = { grant_type: 'refresh_token', refresh_token: member.tokens.refresh_token ?? '' };
    expect(await counted(() => post(issuer, '/token', form, { as: 'airline' }))).toEqual([
      'aggregate artefacts',
      'update artefacts',
    ]);
  });

  it('are five for a single sign-on with code exchange', async () => {
    const exchange = async () =>
      post(issuer, '/token', await freshCode(site, member.agent), { as: 'airline' });
    expect(await counted(exchange)).toEqual([
      'aggregate artefacts',
      'aggregate artefacts',
      'find consentStates',
      'update artefacts',
      'update artefacts',
    ]);
  });

  it('are at most twenty for a password sign-in on a known device with code exchange', async () => {
    const all = await counted(async () => {
      const { page, begun } = await site.open(member.agent, { prompt: 'login' });
      const back = await signIn(member.agent, page, { email: member.email });
      await post(issuer, '/token', redemption(site, back, begun), { as: 'airline' });
    });
    expect(all.length).toBeLessThanOrEqual(20);
  });
});
