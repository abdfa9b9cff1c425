import { beforeAll, describe, expect, it } from '@jest/globals';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import { newMember, post, type SignedIn } from '../../protocol/world.ts';
import { type ProofKey, proofKey } from '../../support/dpop.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import {
  accountScopes,
  ask,
  machineToken,
  memberToken,
  registerMachine,
  registerSite,
  resourceOf,
  revoke,
} from './world.ts';

const me = '/api/account/whoami';
const configuration = '/api/configuration/whoami';

let issuer: TestIssuer;
let site: RelyingParty;
let ann: SignedIn;
let number = 0;

beforeAll(async () => {
  issuer = await startIssuer();
  site = await registerSite(issuer, 'airline');
  await registerMachine(issuer, 'ledger', 'members:attributes.write');
  await registerMachine(issuer, 'pipeline', 'configuration:read configuration:write.site');
  ann = await newMember(issuer, site, 'ann@example.com');
});

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it did not come true');
}

const someone = () => {
  number += 1;
  return newMember(issuer, site, `member-${number}@example.com`);
};
const tokenOf = async (member: SignedIn, scope?: string) =>
  (await memberToken(issuer, site, member, { api: 'account', ...(scope && { scope }) })).access_token;
const opens = async (token: string, path = me) => (await ask(issuer, path, { token })).status;

describe('a member’s token', () => {
  it('is opaque and opens its API, for the scopes it has', async () => {
    const token = await memberToken(issuer, site, ann, { api: 'account' });
    expect(token.access_token).not.toContain('.');
    const answer = await ask(issuer, me, { token: token.access_token });
    expect([answer.status, answer.json]).toEqual([
      200,
      { client: 'airline', sub: ann.memberId, scopes: accountScopes.split(' ') },
    ]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.has('set-cookie')).toBe(false);
  });

  it('opens no other API, and neither does one for userinfo', async () => {
    expect(await opens(await tokenOf(ann), configuration)).toBe(401);
    expect(await opens(ann.tokens.access_token)).toBe(401);
    const other = await memberToken(issuer, site, ann, { api: 'configuration' });
    expect(await opens(other.access_token)).toBe(401);
    expect(await opens(other.access_token, configuration)).toBe(200);
  });

  it('holds only scopes that its client is registered for', async () => {
    const narrow = await registerSite(issuer, 'narrow', { scope: 'openid account:profile.read' });
    const token = await memberToken(issuer, narrow, ann, { api: 'account' });
    expect((await ask(issuer, me, { token: token.access_token })).json.scopes).toEqual([
      'account:profile.read',
    ]);
    const silent = await registerSite(issuer, 'silent', { scope: undefined });
    const { page } = await silent.open(ann.agent, {
      prompt: 'none',
      scope: `openid ${accountScopes}`,
      resource: resourceOf(issuer, 'account'),
    });
    expect(new URL(page.url).searchParams.get('code')).not.toBeNull();
    const none = await memberToken(issuer, silent, ann, { api: 'account' });
    expect(await opens(none.access_token)).toBe(403);
  });

  it('can never write attributes of members as a machine does', async () => {
    await expect(
      registerSite(issuer, 'greedy', { scope: 'openid members:attributes.write' }),
    ).rejects.toThrow(/needs the grant client_credentials/);
  });

  it('names the member as its client knows them', async () => {
    const partner = await registerSite(issuer, 'sector', {
      scope: 'openid account:profile.read',
      subject_type: 'pairwise',
    });
    const token = await memberToken(issuer, partner, ann, { api: 'account', scope: 'account:profile.read' });
    const { sub } = (await ask(issuer, me, { token: token.access_token })).json;
    expect(sub).not.toBe(ann.memberId);
    const { page, begun } = await partner.open(ann.agent, { prompt: 'none', scope: 'openid' });
    expect((await partner.finish(page, begun)).claims()?.sub).toBe(sub);
  });
});

describe('a partner’s token', () => {
  it('holds what the member has allowed, in words they can read', async () => {
    const partner = await RelyingParty.register(issuer, {
      id: 'partner',
      firstParty: false,
      metadata: { scope: 'openid account:profile.read account:consents' },
    });
    const member = await someone();
    const resource = resourceOf(issuer, 'account');
    const { page } = await partner.open(member.agent, {
      scope: 'openid account:profile.read account:consents account:profile.write',
      resource,
    });
    expect(page.text).toContain('See your profile: name, contact details and preferences');
    expect(page.text).toContain('See and change what you have agreed to');
    expect(page.text).not.toContain('Change your profile for you');
    await member.agent.submit(page, { decision: 'allow', 'scope.account:profile.read': 'yes' }, '/consent');
    const token = await memberToken(issuer, partner, member, {
      api: 'account',
      scope: 'account:profile.read',
    });
    const { json } = await ask(issuer, me, { token: token.access_token });
    expect(json).toMatchObject({ client: 'partner', scopes: ['account:profile.read'] });
    expect(json.sub).not.toBe(member.memberId);
    await issuer.issuer.people.consents.revokeGrant(member.memberId, 'partner', systemVisit('test'));
    await eventually(async () => (await opens(token.access_token)) === 401);
  });

  it('cannot be for the configuration', async () => {
    const greedy = RelyingParty.register(issuer, {
      id: 'greedy-partner',
      firstParty: false,
      metadata: { scope: 'openid configuration:read' },
    });
    await expect(greedy).rejects.toThrow(/program's own/);
  });
});

describe('a token that was refreshed', () => {
  it('is for the same API', async () => {
    const app = await registerSite(issuer, 'refreshing');
    const { refresh_token: refreshToken = '' } = await memberToken(issuer, app, ann, { api: 'account' });
    const form = {
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      resource: resourceOf(issuer, 'account'),
    };
    const { json } = await post(issuer, '/token', form, { as: 'refreshing' });
    expect(await opens(String(json.access_token))).toBe(200);
  });
});

describe('a member’s token dies at once', () => {
  const setStatus = (memberId: string, status: 'locked' | 'active') =>
    inTransaction(issuer.db, async (tx) => {
      const { members } = issuer.issuer.people;
      const member = await members.get(memberId);
      if (member) await members.setStatus(tx, member, status, 'test', systemVisit('test'));
    });

  it('with a change of the password', async () => {
    const member = await someone();
    const token = await tokenOf(member);
    await inTransaction(issuer.db, (tx) => issuer.issuer.people.members.raiseEpoch(tx, member.memberId));
    expect(await opens(token)).toBe(401);
  });

  it('with the lock of the member, and stays dead', async () => {
    const member = await someone();
    const token = await tokenOf(member);
    await setStatus(member.memberId, 'locked');
    expect(await opens(token)).toBe(401);
    await setStatus(member.memberId, 'active');
    expect(await opens(token)).toBe(401);
  });

  it('with its session', async () => {
    const member = await someone();
    const token = await tokenOf(member);
    const { oidc } = issuer.issuer;
    await oidc.inUnit(() =>
      oidc.sessions.end(
        member.memberId,
        () => true,
        async () => undefined,
      ),
    );
    expect(await opens(token)).toBe(401);
  });

  it('with its grant, and when it is revoked', async () => {
    const member = await someone();
    const [one, two] = [await tokenOf(member), await tokenOf(member)];
    await revoke(site, one);
    expect([await opens(one), await opens(two)]).toEqual([401, 401]);
  });

  it('with its client', async () => {
    const member = await someone();
    const closing = await registerSite(issuer, 'closing');
    const { access_token: token } = await memberToken(issuer, closing, member, { api: 'account' });
    expect(await opens(token)).toBe(200);
    const { clients } = issuer.issuer.core;
    await clients.disable('closing', systemVisit('test'));
    await eventually(async () => (await opens(token)) === 401);
  });

  it('in the scope that its client loses', async () => {
    const member = await someone();
    const shrinking = await registerSite(issuer, 'shrinking');
    const { access_token: token } = await memberToken(issuer, shrinking, member, { api: 'account' });
    await issuer.issuer.core.clients.update(
      'shrinking',
      { metadata: { scope: 'openid account:consents' } },
      systemVisit('test'),
    );
    const only = async () => String((await ask(issuer, me, { token })).json.scopes);
    await eventually(async () => (await only()) === 'account:consents');
  });

  it('after ten minutes', async () => {
    const token = await tokenOf(await someone());
    issuer.clock.advance(9 * 60_000);
    expect(await opens(token)).toBe(200);
    issuer.clock.advance(2 * 60_000);
    expect(await opens(token)).toBe(401);
  });
});

describe('a machine’s token', () => {
  it('opens its API for what the machine is registered for', async () => {
    const { json } = await machineToken(issuer, 'pipeline', {
      api: 'configuration',
      scope: 'configuration:read configuration:write.site',
    });
    const answer = await ask(issuer, configuration, { token: String(json.access_token) });
    expect(answer.json).toMatchObject({
      client: 'pipeline',
      sub: null,
      scopes: ['configuration:read', 'configuration:write.site'],
    });
    const ledger = await machineToken(issuer, 'ledger', {
      api: 'account',
      scope: 'members:attributes.write',
    });
    expect(await opens(String(ledger.json.access_token))).toBe(200);
  });

  it('is refused where it asks for more', async () => {
    for (const [id, api, scope] of [
      ['pipeline', 'configuration', 'configuration:publish'],
      ['ledger', 'account', 'account:profile.read'],
      ['ledger', 'configuration', 'configuration:read'],
    ] as const) {
      const { status, json } = await machineToken(issuer, id, { api, scope });
      expect([status, json.error]).toEqual([400, 'invalid_scope']);
    }
  });

  it('is for the program’s own machines only', async () => {
    const foreign = issuer.client({
      id: 'foreign',
      name: 'Foreign',
      brand: 'aurora-air',
      metadata: { grant_types: ['client_credentials'], scope: 'configuration:read' },
    });
    await expect(foreign).rejects.toThrow(/program's own/);
  });
});

describe('a request without a good token', () => {
  const challengeOf = (headers: Headers) => headers.get('www-authenticate') ?? '';

  it('learns where to get one', async () => {
    const answer = await ask(issuer, me);
    expect([answer.status, answer.json.code]).toEqual([401, 'token.missing']);
    const challenge = challengeOf(answer.headers);
    expect(challenge).toContain(`Bearer realm="${issuer.url}"`);
    expect(challenge).toContain('DPoP realm=');
    expect(challenge).toContain('algs="ES256 ');
    expect(challenge).not.toContain('error=');
    const [, metadata = ''] = /resource_metadata="([^"]+)"/.exec(challenge) ?? [];
    const described = (await (await fetch(metadata)).json()) as Record<string, unknown>;
    expect(described).toMatchObject({
      resource: resourceOf(issuer, 'account'),
      authorization_servers: [issuer.url],
    });
  });

  it.each([
    ['Basic YTpi', 'token.missing'],
    ['Bearer', 'token.missing'],
    ['Bearer a b', 'token.missing'],
    [`Bearer ${'a'.repeat(5000)}`, 'token.missing'],
    ['Bearer eyJhbGciOiJub25lIn0.e30.', 'token.invalid'],
    ['Bearer unknown-unknown-unknown-unknown-unknown-unk', 'token.invalid'],
    ['Bearer __proto__', 'token.invalid'],
    ['bearer unknown', 'token.invalid'],
  ])('is refused: %.40s', async (authorization, code) => {
    const answer = await ask(issuer, me, { headers: { authorization } });
    expect([answer.status, answer.json.code]).toEqual([401, code]);
    if (code === 'token.invalid') expect(challengeOf(answer.headers)).toContain('error="invalid_token"');
  });

  it('is refused with the token in the address', async () => {
    const token = await tokenOf(ann);
    expect((await ask(issuer, `${me}?access_token=${token}`)).json.code).toBe('token.missing');
  });

  it('learns which scope is missing', async () => {
    const token = await memberToken(issuer, site, ann, { api: 'account', scope: 'openid' });
    const answer = await ask(issuer, me, { token: token.access_token });
    expect([answer.status, answer.json.code]).toEqual([403, 'token.insufficient']);
    expect(challengeOf(answer.headers)).toMatch(/error="insufficient_scope", scope="account:/);
  });

  it('is refused with a token that was exchanged for another', async () => {
    const { status, json } = await post(
      issuer,
      '/token',
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: await tokenOf(ann),
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        resource: resourceOf(issuer, 'account'),
      },
      { as: 'airline' },
    );
    expect([status, json.access_token]).toEqual([400, undefined]);
  });
});

describe('a token that is bound to a key', () => {
  let key: ProofKey;
  let token: string;
  const address = () => `${issuer.url}${me}`;
  const send = (proof: string, scheme = 'DPoP', path = me) =>
    ask(issuer, path, { headers: { authorization: `${scheme} ${token}`, dpop: proof } });

  beforeAll(async () => {
    key = await proofKey(issuer.clock.now);
    token = (await memberToken(issuer, site, await someone(), { api: 'account', key })).access_token;
  });

  it('opens with a proof for this request, once', async () => {
    const proof = await key.proof('GET', address(), { token });
    expect((await send(proof)).status).toBe(200);
    const again = await send(proof);
    expect([again.status, again.json.code]).toEqual([401, 'token.proof_invalid']);
    expect(again.headers.get('www-authenticate')).toMatch(/^DPoP .*error="invalid_dpop_proof".*algs="/);
  });

  it('opens whatever the query', async () => {
    expect((await send(await key.proof('GET', address(), { token }), 'DPoP', `${me}?x=1`)).status).toBe(200);
  });

  it('opens nothing as a bearer token', async () => {
    expect((await ask(issuer, me, { token })).json.code).toBe('token.invalid');
    const proof = await key.proof('GET', address(), { token });
    expect((await send(proof, 'Bearer')).json.code).toBe('token.invalid');
  });

  it.each<[string, () => Promise<string>]>([
    ['of another method', () => key.proof('POST', address(), { token })],
    ['of another address', () => key.proof('GET', `${issuer.url}/userinfo`, { token })],
    ['of another host', () => key.proof('GET', `https://evil.example${me}`, { token })],
    ['of another token', () => key.proof('GET', address(), { token: 'other' })],
    ['of no token', () => key.proof('GET', address())],
    ['without an id', () => key.proof('GET', address(), { token, jti: undefined })],
    ['that is none', async () => 'nonsense'],
  ])('is refused with a proof %s', async (_, proof) => {
    const answer = await send(await proof());
    expect([answer.status, answer.json.code]).toEqual([401, 'token.proof_invalid']);
  });

  it('is refused with the proof of another key', async () => {
    const other = await proofKey(issuer.clock.now);
    const answer = await send(await other.proof('GET', address(), { token }));
    expect([answer.status, answer.json.code]).toEqual([401, 'token.invalid']);
  });

  it('is asked for a nonce where the clock of the caller is wrong, and opens with it', async () => {
    const early = { token, iat: Math.floor(issuer.clock.now() / 1000) - 3600 };
    const asked = await send(await key.proof('GET', address(), early));
    expect([asked.status, asked.json.code]).toEqual([401, 'token.proof_needs_nonce']);
    expect(asked.headers.get('www-authenticate')).toContain('error="use_dpop_nonce"');
    const nonce = asked.headers.get('dpop-nonce');
    expect((await send(await key.proof('GET', address(), { ...early, nonce }))).status).toBe(200);
  });

  it('binds tokens of machines as well, and an unbound token takes no proof', async () => {
    const { json } = await machineToken(issuer, 'pipeline', {
      api: 'configuration',
      scope: 'configuration:read',
      headers: { dpop: await key.proof('POST', `${issuer.url}/token`) },
    });
    const bound = String(json.access_token);
    const there = `${issuer.url}${configuration}`;
    const opened = await ask(issuer, configuration, {
      headers: { authorization: `DPoP ${bound}`, dpop: await key.proof('GET', there, { token: bound }) },
    });
    expect(opened.status).toBe(200);
    const unbound = await tokenOf(ann);
    const refused = await ask(issuer, me, {
      headers: {
        authorization: `DPoP ${unbound}`,
        dpop: await key.proof('GET', address(), { token: unbound }),
      },
    });
    expect(refused.json.code).toBe('token.invalid');
  });
});
