import { beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { commandsOf, watchedDatabaseAddress } from '../../support/commands.ts';
import { ask, pollForm, registerDevice } from '../../support/device.ts';
import { proofKey } from '../../support/dpop.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { signIn } from '../../support/people.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { codeOf, freshCode, newMember, post, redemption, type SignedIn, signedIn } from '../world.ts';

const forPoints = {
  grant_type: 'client_credentials',
  resource: 'https://points.xenia.example/api',
  scope: 'points:read',
};
/** What one read and one write of artefacts are, however many artefacts they are about. */
const read = 'aggregate artefacts';
const write = 'update artefacts';

describe('commands that one request costs the database', () => {
  const service = {
    grant_types: ['client_credentials' as const],
    redirect_uris: [],
    post_logout_redirect_uris: [],
  };
  let commands: string[];
  let issuer: TestIssuer;
  let site: RelyingParty;
  let member: SignedIn;

  beforeAll(async () => {
    issuer = await startIssuer({ database: watchedDatabaseAddress() });
    commands = await commandsOf(issuer.db);
    site = await RelyingParty.register(issuer, { id: 'airline' });
    for (const [id, resourceServer] of [
      ['machine', false],
      ['points-api', true],
    ] as const) {
      await RelyingParty.register(issuer, { id, resourceServer, metadata: service });
    }
    member = await newMember(issuer, site, 'una@example.com');
    await post(issuer, '/token', { grant_type: 'client_credentials' }, { as: 'machine' });
    await post(issuer, '/token', { grant_type: 'client_credentials' }, { as: 'points-api' });
  });

  const refreshed = async (token: string, headers?: Record<string, string>) => {
    const form = { grant_type: 'refresh_token', refresh_token: token };
    const { status, json } = await post(issuer, '/token', form, {
      as: 'airline',
      ...(headers && { headers }),
    });
    expect(status).toBe(200);
    return String(json.refresh_token);
  };

  const counted = async (work: () => Promise<unknown>) => {
    await issuer.issuer.outbox.idle();
    commands.length = 0;
    await work();
    return [...commands].sort();
  };

  it('are none for client credentials with a JWT', async () => {
    expect(await counted(() => post(issuer, '/token', forPoints, { as: 'machine' }))).toEqual([]);
  });

  it('are none for a hundred clients that have been here before', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `service-${index}`);
    for (const id of ids) {
      await issuer.client({ id, name: id, brand: 'aurora-air', firstParty: true, metadata: service });
    }
    const all = async () => {
      for (const as of ids) expect((await post(issuer, '/token', forPoints, { as })).status).toBe(200);
    };
    await all();
    expect(await counted(all)).toEqual([]);
  });

  it('are one more with a client assertion, which is good for once', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'own' }] };
    const metadata = { ...service, token_endpoint_auth_method: 'private_key_jwt', jwks };
    await RelyingParty.register(issuer, { id: 'signer', metadata });
    const request = async () => {
      const assertion = new SignJWT({ jti: crypto.randomUUID() })
        .setProtectedHeader({ alg: 'ES256', kid: 'own' })
        .setIssuer('signer')
        .setSubject('signer')
        .setAudience(issuer.url)
        .setIssuedAt()
        .setExpirationTime('1m');
      const form = {
        ...forPoints,
        client_id: 'signer',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await assertion.sign(privateKey),
      };
      expect((await post(issuer, '/token', form)).status).toBe(200);
    };
    await request();
    expect(await counted(request)).toEqual([write]);
  });

  it('are one for an introspection, with a hint or without, and two for userinfo', async () => {
    const token = member.tokens.access_token;
    for (const hint of [{}, { token_type_hint: 'access_token' }]) {
      const form = { token, ...hint };
      const introspection = () => post(issuer, '/token/introspection', form, { as: 'points-api' });
      expect(await counted(introspection)).toEqual([read]);
    }
    const userinfo = () => fetch(`${issuer.url}/userinfo`, { headers: { authorization: `Bearer ${token}` } });
    expect(await counted(userinfo)).toEqual(['aggregate artefacts', 'find memberKeys']);
  });

  it('are two for a refresh, and one more with a DPoP proof', async () => {
    let current = member.tokens.refresh_token ?? '';
    const plain = async () => {
      current = await refreshed(current);
    };
    expect(await counted(plain)).toEqual([read, write]);
    const key = await proofKey(issuer.clock.now);
    const proven = async () => {
      current = await refreshed(current, { dpop: await key.proof('POST', `${issuer.url}/token`) });
    };
    expect(await counted(proven)).toEqual([read, write, write]);
  });

  it('are one for the poll of a device that waits', async () => {
    const device = await registerDevice(issuer, { id: 'seatback' });
    const asked = await ask(device);
    const poll = async () => {
      const { json } = await post(issuer, '/token', pollForm('seatback', asked));
      expect(json.error).toBe('authorization_pending');
    };
    expect(await counted(poll)).toEqual(['findAndModify artefacts']);
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

  it('are two more when the request of a single sign-on is pushed: to keep it, and to find it again', async () => {
    const begun = await site.begin({ prompt: 'none' });
    const form = Object.fromEntries(new URL(begun.url).searchParams);
    let uri = '';
    const push = async () => {
      const { status, json } = await post(issuer, '/authorize/par', form, { as: 'airline' });
      expect(status).toBe(201);
      uri = String(json.request_uri);
    };
    expect(await counted(push)).toEqual([write]);
    let back = '';
    const follow = async () => {
      const query = new URLSearchParams({ client_id: 'airline', request_uri: uri });
      const page = await member.agent.open(`${issuer.url}/authorize?${query}`);
      codeOf(page);
      back = page.url;
    };
    expect(await counted(follow)).toEqual([read, read, 'find consentStates', write]);
    expect(new URL(back).searchParams.get('state')).toBe(begun.state);
  });

  it('are no more after every key has been changed', async () => {
    const { keys } = issuer.issuer.core;
    for (const use of ['ES256', 'cookie', 'artefacts', 'dpop', 'csrf', 'member-keys'] as const) {
      await keys.rotate(use);
    }
    const exchange = async () =>
      post(issuer, '/token', await freshCode(site, member.agent), { as: 'airline' });
    await exchange();
    expect(await counted(exchange)).toEqual([read, read, 'find consentStates', write, write]);
    expect(await counted(() => post(issuer, '/token', forPoints, { as: 'machine' }))).toEqual([]);
  });

  it('are at most twenty for a password sign-in on a known device with code exchange', async () => {
    const all = await counted(async () => {
      const { page, begun } = await site.open(member.agent, { prompt: 'login' });
      const back = await signIn(member.agent, page, { email: member.email });
      await post(issuer, '/token', redemption(site, back, begun), { as: 'airline' });
    });
    expect(all.length).toBeLessThanOrEqual(20);
  });

  it('do not grow with the relying parties of a session that is signed out', async () => {
    const { agent } = await signedIn(issuer, site, member);
    for (let index = 0; index < 20; index += 1) {
      const metadata = { backchannel_logout_uri: 'http://127.0.0.1:9/logout' };
      const party = await RelyingParty.register(issuer, { id: `party-${index}`, metadata });
      await party.silently(agent);
    }
    const leave = async () => {
      const page = await agent.open(`${issuer.url}/sign-out`);
      await agent.submit(page, { logout: 'yes' }, '/sign-out');
    };
    const onArtefacts = (await counted(leave)).filter((command) => command.endsWith(' artefacts'));
    expect(onArtefacts).toEqual([read, read, write, write]);
  });
});
