/** What must not come of a token exchange: each attempt is answered as RFC 8693 says, and leaves nothing behind. */
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import { tokenExchangeGrant } from '../../../src/business/clients/client-metadata.ts';
import { endEverything } from '../../../src/protocol/oidc/sign-out.ts';
import { eventually } from '../../support/browser.ts';
import { proofKey } from '../../support/dpop.ts';
import { everythingStored } from '../../support/everything.ts';
import {
  apis,
  dpopKey,
  type ExchangeWorld,
  endSessions,
  exchange,
  exchangeWorld,
  registerService,
  tokenFor,
  types,
} from '../../support/exchange.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { type Answer, expectRefusal, newMember, post, type SignedIn } from '../world.ts';

let world: ExchangeWorld;
let member: SignedIn;
let agent: SignedIn;
let subject: string;

beforeAll(async () => {
  world = await exchangeWorld();
  member = await newMember(world.issuer, world.app, 'mia@example.com');
  agent = await newMember(world.issuer, world.support, 'agent@example.com');
});

beforeEach(async () => {
  subject = await tokenFor(world.app, member, apis.points, 'points:read points:redeem');
});

type Form = Record<string, string>;

const delegated = (form: Form = {}, as = 'service', headers: Form = {}) =>
  exchange(world.issuer, as, { subject_token: subject, resource: apis.bookings, ...form }, headers);

const impersonated = (form: Form = {}, headers: Form = {}) =>
  exchange(
    world.issuer,
    'support',
    {
      subject_token: member.memberId,
      subject_token_type: types.member,
      actor_token: agent.tokens.id_token ?? '',
      actor_token_type: types.id,
      resource: apis.points,
      reason: 'member_request',
      ...form,
    },
    headers,
  );

/** A further member who is signed in at the app, with a token for the points API. */
async function somebody(name: string): Promise<SignedIn & { token: string }> {
  const person = await newMember(world.issuer, world.app, `${name}@example.com`);
  return { ...person, token: await tokenFor(world.app, person, apis.points, 'points:read') };
}

/** What an attempt could leave behind; replay memory of proofs is meant to stay. */
async function standing(): Promise<string> {
  const all = await everythingStored(world.issuer.db);
  const kept = ['events', 'eventHeads', 'members', 'clients'].map((name) => all.get(name) ?? []);
  const artefacts = (all.get('artefacts') ?? []).filter(({ kind }) => kind !== 'ReplayDetection');
  // Work that is owed already may be done meanwhile.
  const owed = (all.get('outbox') ?? []).map(({ _id }) => String(_id)).sort();
  return JSON.stringify([...kept, artefacts, owed]);
}

/** The answer, and that nothing was written. */
async function expectNothing(attempt: () => Promise<Answer>, error: string): Promise<void> {
  const before = await standing();
  const answer = await attempt();
  expectRefusal(answer, 400, error);
  expect(answer.json.access_token).toBeUndefined();
  expect(await standing()).toBe(before);
}

const claims = () => ({
  sub: member.memberId,
  client_id: 'airline',
  scope: 'points:read points:redeem',
  aud: apis.points,
  iss: world.issuer.url,
  jti: 'forged',
});
const inTime = (token: SignJWT, issuer = world.issuer) =>
  token
    .setIssuedAt(Math.floor(issuer.clock.now() / 1000))
    .setExpirationTime(Math.floor(issuer.clock.now() / 1000) + 300);

describe('a subject token', () => {
  it('that another issuer signed is refused, with its key id or with one of ours', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    const [header = ''] = subject.split('.');
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
    const body = JSON.parse(Buffer.from(subject.split('.')[1] ?? '', 'base64url').toString());
    for (const given of [
      { kid: 'foreign', iss: 'https://elsewhere.example' },
      { kid, iss: world.issuer.url },
    ]) {
      const token = await inTime(new SignJWT({ ...body, iss: given.iss }))
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: given.kid })
        .sign(privateKey);
      await expectNothing(() => delegated({ subject_token: token }), 'invalid_request');
    }
  });

  it('that nobody signed, or that a public key signed as a secret, is refused', async () => {
    const unsigned = new UnsecuredJWT(claims()).setExpirationTime('5m').setIssuedAt().encode();
    const jwks = await (await fetch(`${world.issuer.url}/jwks`)).text();
    const shared = await inTime(new SignJWT(claims()))
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
      .sign(Buffer.from(jwks));
    for (const token of [unsigned, shared, 'a.b.c', '..', 'nothing', `${subject}x`])
      await expectNothing(() => delegated({ subject_token: token }), 'invalid_request');
  });

  it('that was changed is refused', async () => {
    const [header, payload, signature] = subject.split('.');
    const body = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString());
    const raised = Buffer.from(JSON.stringify({ ...body, sub: agent.memberId })).toString('base64url');
    const token = [header, raised, signature].join('.');
    await expectNothing(() => delegated({ subject_token: token }), 'invalid_request');
  });

  it.each(['id_token', 'refresh_token'] as const)('that is an %s is refused', async (kind) => {
    const own = member.tokens[kind] ?? '';
    await expectNothing(() => delegated({ subject_token: own }), 'invalid_request');
    await expectNothing(
      () => delegated({ subject_token: own, subject_token_type: types.id }),
      'invalid_request',
    );
  });

  it('for userinfo, for another API, or of a client of its own is refused', async () => {
    const bookings = await tokenFor(world.app, member, apis.bookings, 'points:read');
    const machine = await post(
      world.issuer,
      '/token',
      { grant_type: 'client_credentials', resource: apis.points, scope: 'points:read' },
      { as: 'service' },
    );
    for (const token of [member.tokens.access_token, bookings, String(machine.json.access_token)])
      await expectNothing(() => delegated({ subject_token: token }), 'invalid_request');
  });

  it('that is over is refused', async () => {
    const person = await somebody('late');
    world.issuer.clock.advance(601_000);
    await expectNothing(() => delegated({ subject_token: person.token }), 'invalid_request');
  });

  it('whose member has signed out is refused', async () => {
    const person = await somebody('gone');
    await endSessions(world.issuer, person.memberId);
    await expectNothing(() => delegated({ subject_token: person.token }), 'invalid_request');
  });

  it('whose member is of a newer epoch, or locked, is refused', async () => {
    const person = await somebody('locked');
    const { core, people, outbox } = world.issuer.issuer;
    await inTransaction(core.db, async (tx) => {
      await endEverything({ members: people.members, outbox }, tx, { memberId: person.memberId });
    });
    await expectSettled();
    await expectNothing(() => delegated({ subject_token: person.token }), 'invalid_request');
    const found = await people.members.get(person.memberId);
    if (!found) throw new Error('the member is gone');
    await inTransaction(core.db, (tx) =>
      people.members.setStatus(tx, found, 'locked', 'fraud', systemVisit('test')),
    );
    await expectNothing(() => delegated({ subject_token: person.token }), 'invalid_request');
    await expectNothing(() => impersonated({ subject_token: person.memberId }), 'invalid_request');
  });

  it('whose grant was taken back is refused', async () => {
    const person = await somebody('revoked');
    const { inUnit, sessions } = world.issuer.issuer.oidc;
    await inUnit(() => sessions.endGrants(person.memberId, 'airline'));
    await expectNothing(() => delegated({ subject_token: person.token }), 'invalid_request');
  });

  it('of a disabled client is refused', async () => {
    const other = await RelyingParty.register(world.issuer, { id: 'closing-app' });
    await other.silently(member.agent);
    const token = await tokenFor(other, member, apis.points, 'points:read');
    expect((await delegated({ subject_token: token })).status).toBe(200);
    await world.issuer.issuer.core.clients.disable('closing-app', systemVisit('test'));
    await eventually('refused', async () => (await delegated({ subject_token: token })).status !== 200);
    await expectNothing(() => delegated({ subject_token: token }), 'invalid_request');
  });

  it('of an opaque kind dies the same ways', async () => {
    const other = await RelyingParty.register(world.issuer, { id: 'other-app' });
    await other.silently(member.agent);
    const token = await tokenFor(other, member, apis.vault, 'points:read');
    const ask = () => delegated({ subject_token: token }, 'second-service');
    expect((await ask()).status).toBe(200);
    await post(world.issuer, '/token/revocation', { token }, { as: 'other-app' });
    await expectNothing(ask, 'invalid_request');
  });

  it('as long as a body may be is refused without a look at it', async () => {
    await expectNothing(() => delegated({ subject_token: 'a'.repeat(55_000) }), 'invalid_request');
    await expectNothing(
      () => delegated({ subject_token: `${'a.'.repeat(2)}${'b'.repeat(50_000)}` }),
      'invalid_request',
    );
    await expectNothing(() => impersonated({ subject_token: 'm'.repeat(50_000) }), 'invalid_request');
    const larger = await delegated({ subject_token: 'a'.repeat(57 * 1024) });
    expect(larger.status).toBe(413);
  });
});

describe('what is asked', () => {
  it.each([
    ['points:redeem'],
    ['points:read points:redeem'],
    ['bookings:read'],
    ['openid'],
    ['points:read offline_access'],
    ['admin'],
  ])('cannot be more than token and policy give: %s', async (scope) => {
    await expectNothing(() => delegated({ scope }), 'invalid_scope');
  });

  it.each([
    ['a resource outside of the policy', { resource: apis.points }],
    ['an unknown resource', { resource: 'https://elsewhere.example/api' }],
    ['this issuer', { resource: 'userinfo' }],
    ['no resource', { resource: '' }],
    ['an audience that is not the resource', { audience: apis.vault }],
  ])('cannot be for %s', async (_name, form) => {
    await expectNothing(() => delegated(form), 'invalid_target');
  });

  it('cannot be for two resources', async () => {
    const form = new URLSearchParams({
      grant_type: tokenExchangeGrant,
      subject_token: subject,
      subject_token_type: types.access,
    });
    for (const resource of [apis.bookings, apis.vault]) form.append('resource', resource);
    await expectNothing(() => exchange(world.issuer, 'service', form.toString()), 'invalid_target');
  });

  it.each(['subject_token', 'subject_token_type', 'scope', 'requested_token_type', 'grant_type'])(
    'cannot be said twice: %s',
    async (name) => {
      const form = new URLSearchParams({
        grant_type: tokenExchangeGrant,
        subject_token: subject,
        subject_token_type: types.access,
        requested_token_type: types.access,
        resource: apis.bookings,
        scope: 'points:read',
      });
      form.append(name, form.get(name) ?? '');
      await expectNothing(() => exchange(world.issuer, 'service', form.toString()), 'invalid_request');
    },
  );

  it.each([
    ['no token', { subject_token: '' }],
    ['no type', { subject_token_type: '' }],
    ['an unknown type', { subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' }],
    ['a refresh token', { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }],
    ['an ID token', { requested_token_type: types.id }],
    ['an actor without a type', { actor_token: 'x' }],
    ['a type without an actor', { actor_token_type: types.access }],
    ['an actor beside the client', { actor_token: 'x', actor_token_type: types.access }],
  ])('must be whole and known: %s', async (_name, form) => {
    await expectNothing(() => delegated(form), 'invalid_request');
  });
});

describe('a client', () => {
  it('without a policy, or with one for the other use only, is refused', async () => {
    await expectNothing(() => delegated({}, 'no-policy'), 'unauthorized_client');
    await expectNothing(() => delegated({}, 'support'), 'unauthorized_client');
    await expectNothing(
      () =>
        delegated(
          {
            subject_token: member.memberId,
            subject_token_type: types.member,
            actor_token: 'x',
            actor_token_type: types.id,
            reason: 'fault',
          },
          'service',
        ),
      'unauthorized_client',
    );
  });

  it('that is public cannot even be registered for it', async () => {
    const refused = registerService(world.issuer, 'public-one', {}, { token_endpoint_auth_method: 'none' });
    await expect(refused).rejects.toThrow('needs a client that can authenticate');
    const answer = await post(world.issuer, '/token', {
      grant_type: tokenExchangeGrant,
      client_id: 'service',
      subject_token: subject,
      subject_token_type: types.access,
      resource: apis.bookings,
    });
    expectRefusal(answer, 401, 'invalid_client');
  });

  it('that was disabled is no client', async () => {
    await registerService(world.issuer, 'retired', {
      delegation: { from: [apis.points], resources: [apis.bookings], scopes: ['points:read'] },
    });
    expect((await delegated({}, 'retired')).status).toBe(200);
    await world.issuer.issuer.core.clients.disable('retired', systemVisit('test'));
    const answers = async () => (await delegated({}, 'retired')).status;
    await eventually('refused', async () => (await answers()) !== 200);
    expectRefusal(await delegated({}, 'retired'), 401, 'invalid_client');
  });
});

describe('a chain', () => {
  it('of more than three services is refused', async () => {
    let token = String((await delegated()).json.access_token);
    for (const depth of [2, 3]) {
      const next = await delegated({ subject_token: token }, 'second-service');
      expect([depth, next.status]).toEqual([depth, 200]);
      token = String(next.json.access_token);
    }
    await expectNothing(() => delegated({ subject_token: token }, 'second-service'), 'invalid_request');
  });

  it('ends with the sign-in at its beginning', async () => {
    const person = await somebody('chained');
    const first = String(
      (await delegated({ subject_token: person.token, resource: apis.vault })).json.access_token,
    );
    const second = await delegated({ subject_token: first }, 'second-service');
    expect(second.status).toBe(200);
    await endSessions(world.issuer, person.memberId);
    for (const token of [first, String(second.json.access_token)])
      await expectNothing(() => delegated({ subject_token: token }, 'second-service'), 'invalid_request');
  });

  it('cannot go on from a token to act as a member', async () => {
    await registerService(world.issuer, 'greedy', {
      delegation: { from: [apis.points, apis.vault], resources: [apis.bookings], scopes: ['points:read'] },
    });
    for (const resource of [apis.points, apis.vault]) {
      const token = String((await impersonated({ resource })).json.access_token);
      await expectNothing(() => delegated({ subject_token: token }, 'greedy'), 'invalid_request');
      const asActor = { actor_token: token, actor_token_type: types.access };
      await expectNothing(() => impersonated(asActor), 'invalid_request');
    }
  });
});

describe('an agent', () => {
  it('cannot act as themself, as nobody, or without a reason', async () => {
    await expectNothing(() => impersonated({ subject_token: agent.memberId }), 'invalid_request');
    await expectNothing(() => impersonated({ subject_token: 'mbr_nobody' }), 'invalid_request');
    await expectNothing(() => impersonated({ subject_token: 'mia@example.com' }), 'invalid_request');
    for (const reason of ['', 'curiosity', 'MEMBER_REQUEST'])
      await expectNothing(() => impersonated({ reason }), 'invalid_request');
  });

  it('must bring a token of their own, of this very tool', async () => {
    const elsewhere = await newMember(world.issuer, world.app, 'elsewhere@example.com');
    const forms: Form[] = [
      { actor_token: '', actor_token_type: '' },
      { actor_token: elsewhere.tokens.id_token ?? '' },
      { actor_token: elsewhere.tokens.access_token, actor_token_type: types.access },
      { actor_token: agent.tokens.access_token },
      { actor_token: agent.tokens.id_token ?? '', actor_token_type: types.access },
      { actor_token: agent.memberId, actor_token_type: types.member },
      { actor_token: agent.tokens.refresh_token ?? 'x', actor_token_type: types.access },
    ];
    for (const form of forms) await expectNothing(() => impersonated(form), 'invalid_request');
  });

  it('must not be locked, signed out, or signed in long ago', async () => {
    const tokensOf = ({ tokens }: SignedIn): Form[] => [
      { actor_token: tokens.id_token ?? '', actor_token_type: types.id },
      { actor_token: tokens.access_token, actor_token_type: types.access },
    ];
    const [locked, away, tired] = await Promise.all(
      ['locked-agent', 'away-agent', 'tired-agent'].map((name) =>
        newMember(world.issuer, world.support, `${name}@example.com`),
      ),
    );
    if (!locked || !away || !tired) throw new Error('three agents');
    const { core, people } = world.issuer.issuer;
    const found = await people.members.get(locked.memberId);
    if (!found) throw new Error('the agent is gone');
    await inTransaction(core.db, (tx) =>
      people.members.setStatus(tx, found, 'locked', 'left', systemVisit('test')),
    );
    await endSessions(world.issuer, away.memberId);
    await expectSettled();
    for (const person of [locked, away])
      for (const form of tokensOf(person)) await expectNothing(() => impersonated(form), 'invalid_request');
    world.issuer.clock.advance(3_590_000);
    const again = await world.support.silently(tired.agent);
    world.issuer.clock.advance(20_000);
    const { id_token = '', access_token } = again;
    for (const form of tokensOf({ ...tired, tokens: again }))
      await expectNothing(() => impersonated(form), 'invalid_request');
    expect([id_token, access_token]).not.toContain('');
    agent = await newMember(world.issuer, world.support, 'second-agent@example.com');
  });

  it('gets no scope, and no API, outside of the policy', async () => {
    for (const scope of ['points:redeem', 'openid', 'offline_access', 'points:read offline_access'])
      await expectNothing(() => impersonated({ scope }), 'invalid_scope');
    await expectNothing(() => impersonated({ resource: apis.bookings }), 'invalid_target');
  });
});

describe('a bound token', () => {
  it('is refused without a proof of its key, and a proof counts once', async () => {
    const [owner, thief] = [await dpopKey(world.issuer), await dpopKey(world.issuer)];
    const form = { subject_token: subject, resource: apis.vault };
    const chained = await exchange(world.issuer, 'service', form, { dpop: await owner.proof() });
    const bound = { subject_token: String(chained.json.access_token) };
    await expectNothing(() => delegated(bound, 'second-service'), 'invalid_request');
    const stolen = { dpop: await thief.proof() };
    await expectNothing(() => delegated(bound, 'second-service', stolen), 'invalid_request');
    const proof = { dpop: await owner.proof() };
    expect((await delegated(bound, 'second-service', proof)).json.token_type).toBe('DPoP');
    await expectNothing(() => delegated(bound, 'second-service', proof), 'invalid_dpop_proof');
  });

  it('is needed where the client asks for bound tokens only', async () => {
    const policy = { from: [apis.points], resources: [apis.bookings], scopes: ['points:read'] };
    await registerService(world.issuer, 'bound', { delegation: policy }, { dpop_bound_access_tokens: true });
    await expectNothing(() => delegated({}, 'bound'), 'invalid_grant');
  });

  it('is not made of a proof for another endpoint', async () => {
    const key = await proofKey(world.issuer.clock.now);
    const proof = await key.proof('POST', `${world.issuer.url}/userinfo`);
    await expectNothing(() => delegated({}, 'service', { dpop: proof }), 'invalid_dpop_proof');
  });
});

/** Waits until the outbox has nothing left to do, so that a comparison sees only what an attempt wrote. */
async function expectSettled(): Promise<void> {
  const jobs = () => world.issuer.db.main.collection('outbox').countDocuments({ state: 'due' });
  for (let tries = 0; tries < 200 && (await jobs()) > 0; tries += 1)
    await new Promise((resolve) => setImmediate(resolve));
}
