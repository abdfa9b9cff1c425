/** Where the attacks take place: an issuer with every kind of client, a member who is signed in, and an attacker. */
import { createHash, randomUUID } from 'node:crypto';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import type { ClientDraft } from '../../../src/business/clients/client-input.ts';
import type { Agent, Page } from '../../support/agent.ts';
import { type Asked, ask, registerDevice } from '../../support/device.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import type { ProgramFolder } from '../../support/program-folder.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { type Answer, basic, freshCode, newMember, post, type SignedIn, signedIn } from '../world.ts';
import { type Pair, pair, token } from './forge.ts';
import { till } from './names.ts';

/** Form parameters. */
export type Form = Record<string, string>;

/** What a proof of possession says differently from a right one. */
export interface ProofChange {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  /** Signs instead of the key that the proof shows. */
  signer?: Parameters<typeof token>[2];
}

/** Everything a row can use. */
export interface Arena {
  issuer: TestIssuer;
  url: string;
  airline: RelyingParty;
  app: RelyingParty;
  device: RelyingParty;
  /** Signed in, at the browser that rows share. */
  member: SignedIn;
  keys: Record<'signer' | 'other' | 'shop' | 'holder' | 'thief', Pair>;
  /** A browser nobody has used. */
  stranger(): Agent;
  /** A browser of its own in which the member is signed in at this moment. */
  freshly(): Promise<SignedIn>;
  /** A redemption of a fresh code of the airline. */
  code(parameters?: Form): Promise<Form>;
  /** Tokens of a fresh code of the airline. */
  tokens(parameters?: Form): Promise<Form>;
  /** A fresh code of the native app, and its tokens. */
  appCode(parameters?: Form): Promise<Form>;
  appTokens(headers?: Record<string, string>): Promise<Form>;
  /** Posts to an endpoint, as the airline unless told otherwise; `as: ''` is nobody. */
  post(path: string, form: Form | string, as?: string, headers?: Record<string, string>): Promise<Answer>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** The authorization request of the airline with changes; `undefined` takes a parameter away. */
  authorize(changed: Record<string, string | undefined>, raw?: string, browser?: Agent): Promise<Page>;
  /** A right assertion of `signer`, header and claims, and as a token. */
  assertion(claims?: Record<string, unknown>): {
    header: Record<string, unknown>;
    payload: Record<string, unknown>;
    jwt: string;
  };
  /** A right request object of `shop`. */
  requestObject(claims?: Record<string, unknown>): Promise<{
    header: Record<string, unknown>;
    payload: Record<string, unknown>;
    jwt: string;
  }>;
  /** A proof of possession of a key for a request. */
  proof(key: Pair, request: { method?: string; path: string; token?: string }, change?: ProofChange): string;
  /** A device that waits. */
  asked(): Promise<Asked>;
  /** An initial access token. */
  invitation(): Promise<string>;
  /** Moves time; the driver moves it back after the row. */
  move(seconds: number): void;
  /** Seconds since the epoch. */
  now(): number;
}

/** Changes the program for the arena: a second resource, whose tokens are opaque. */
export function changeProgram(folder: ProgramFolder): void {
  folder.edit('program.json', (program) => {
    (program.resources as object[]).push({
      indicator: till,
      scopes: ['till:pay'],
      tokens: 'opaque',
      authorizationDetails: ['points_redemption'],
    });
  });
}

const jwks = (...pairs: Pair[]) => ({
  keys: pairs.map(({ jwk, kid }) => ({ ...jwk, kty: 'EC' as const, kid, use: 'sig' })),
});

const described = (
  id: string,
  metadata: ClientDraft['metadata'],
  more: Partial<ClientDraft> = {},
): ClientDraft & { id: string } => ({
  name: `Test ${id}`,
  brand: 'aurora-air',
  firstParty: true,
  metadata,
  ...more,
  id,
});

async function registerClients(issuer: TestIssuer, keys: Arena['keys']): Promise<void> {
  const machine = { grant_types: ['client_credentials' as const], redirect_uris: [], scope: 'points:read' };
  const signing = { ...machine, token_endpoint_auth_method: 'private_key_jwt' as const };
  const site = (id: string) => ({ redirect_uris: [`https://${id}.example/callback`] });
  const drafts = [
    described('machine', machine),
    described('signer', { ...signing, jwks: jwks(keys.signer) }),
    described('other-signer', { ...signing, jwks: jwks(keys.other) }),
    described('api', { grant_types: ['client_credentials'], redirect_uris: [] }, { resourceServer: true }),
    described('shop', { ...site('shop'), jwks: jwks(keys.shop), request_object_signing_alg: 'ES256' }),
    described('old', site('old'), { pkceExempt: true }),
    described('narrow', { ...site('narrow'), scope: 'openid' }),
    described('partner', site('partner'), { firstParty: false }),
    described(
      'bank',
      { ...site('bank'), token_endpoint_auth_method: 'private_key_jwt', jwks: jwks(keys.other) },
      { profile: 'fapi2' },
    ),
    described('app', {
      application_type: 'native',
      redirect_uris: [
        'com.example.app:/callback',
        'http://127.0.0.1/callback',
        'http://[::1]/callback',
        'http://localhost:8080/callback',
        'https://app.example/callback',
      ],
      post_logout_redirect_uris: ['com.example.app:/signed-out', 'http://127.0.0.1/signed-out'],
      token_endpoint_auth_method: 'none',
      subject_type: 'public',
    }),
    described('web-loopback', { redirect_uris: ['http://127.0.0.1:9000/callback'] }),
  ];
  for (const draft of drafts) await issuer.client(draft);
}

/** Starts everything. */
export async function startArena(programDir: string): Promise<Arena & { moved(): number }> {
  const issuer = await startIssuer({ env: { SYMBOLON_PROGRAM_DIR: programDir } });
  const airline = await RelyingParty.register(issuer, { id: 'airline', metadata: airlineMetadata });
  await RelyingParty.register(issuer, { id: 'grocery' });
  const keys = {
    signer: pair('signer-1'),
    other: pair('other-1'),
    shop: pair('shop-1'),
    holder: pair('holder'),
    thief: pair('thief'),
  };
  await registerClients(issuer, keys);
  const app = await RelyingParty.known(issuer, { id: 'app', redirectUri: 'com.example.app:/callback' });
  const device = await registerDevice(issuer, { id: 'seatback' });
  await registerDevice(issuer, { id: 'other-screen' });
  const member = await newMember(issuer, airline, 'una@example.com');
  let moved = 0;
  const now = () => Math.floor(issuer.clock.now() / 1000);
  const common = { issuer, url: issuer.url, airline, app, device, member, keys, now };
  const requests = requestsOf(common);
  return {
    ...common,
    ...requests,
    ...tokensByHand(common),
    freshly: () => signedIn(issuer, airline, member),
    asked: () => ask(device),
    async invitation() {
      const draft = { brand: 'aurora-air', redirectHosts: ['new.example'] };
      return (await issuer.issuer.core.invitations.issue(draft, systemVisit('test'))).token;
    },
    move(seconds) {
      moved += seconds * 1000;
      issuer.clock.advance(seconds * 1000);
    },
    moved() {
      const by = moved;
      moved = 0;
      return by;
    },
  };
}

const airlineMetadata = {
  redirect_uris: ['https://airline.example/callback', 'https://airline.example/second'],
  authorization_details_types: ['points_redemption'],
};

type Common = Pick<Arena, 'issuer' | 'url' | 'airline' | 'app' | 'device' | 'member' | 'keys' | 'now'>;

function requestsOf({ issuer, url, airline, app, member }: Common) {
  const send: Arena['post'] = (path, form, as = 'airline', headers = {}) =>
    post(issuer, path, form, {
      headers: { ...(as && { authorization: basic(as) }), ...headers },
    });
  const appCode = async (parameters: Form = {}) => {
    const { page, begun } = await app.open(member.agent, parameters);
    const back = await member.agent.submit(page, {}, '/continue');
    return {
      grant_type: 'authorization_code',
      client_id: 'app',
      code: new URL(back.url).searchParams.get('code') ?? '',
      redirect_uri: app.redirectUri,
      code_verifier: begun.verifier,
    };
  };
  const body = (answer: Answer) => {
    if (answer.status !== 200) throw new Error(`no tokens: ${answer.text}`);
    return answer.json as Form;
  };
  return {
    stranger: () => issuer.agent(),
    code: (parameters: Form = {}) => freshCode(airline, member.agent, parameters),
    tokens: async (parameters: Form = {}) =>
      body(await send('/token', await freshCode(airline, member.agent, parameters))),
    appCode,
    appTokens: async (headers: Record<string, string> = {}) =>
      body(await send('/token', await appCode(), '', headers)),
    post: send,
    async get(path: string, headers: Record<string, string> = {}) {
      const response = await fetch(new URL(path, url), { headers, redirect: 'manual' });
      return { status: response.status, headers: response.headers, text: await response.text(), json: {} };
    },
    async authorize(changed: Record<string, string | undefined>, raw = '', browser = member.agent) {
      const begun = new URL((await airline.begin({ prompt: 'none' })).url);
      for (const [name, value] of Object.entries(changed)) {
        if (value === undefined) begun.searchParams.delete(name);
        else begun.searchParams.set(name, value);
      }
      return browser.request(`${begun.href}${raw}`);
    },
  };
}

function tokensByHand({ url, keys, now, airline }: Common) {
  const made = (key: Pair, typ: string | undefined, payload: Record<string, unknown>) => {
    const header = { alg: 'ES256', kid: key.kid, ...(typ && { typ }) };
    return { header, payload, jwt: token(header, payload, key.privateKey) };
  };
  return {
    assertion: (claims: Record<string, unknown> = {}) =>
      made(keys.signer, undefined, {
        ...{ iss: 'signer', sub: 'signer', aud: url, jti: randomUUID() },
        ...{ iat: now(), exp: now() + 60, ...claims },
      }),
    async requestObject(claims: Record<string, unknown> = {}) {
      const begun = new URL((await airline.begin({ prompt: 'none' })).url);
      return made(keys.shop, 'oauth-authz-req+jwt', {
        ...Object.fromEntries(begun.searchParams),
        ...{ iss: 'shop', aud: url, client_id: 'shop', redirect_uri: 'https://shop.example/callback' },
        ...{ iat: now(), exp: now() + 60, ...claims },
      });
    },
    proof(key: Pair, request: { method?: string; path: string; token?: string }, change: ProofChange = {}) {
      const header = { alg: 'ES256', typ: 'dpop+jwt', jwk: key.jwk, ...change.header };
      const payload = {
        ...{ htm: request.method ?? 'POST', htu: `${url}${request.path}`, jti: randomUUID(), iat: now() },
        ...(request.token && { ath: createHash('sha256').update(request.token).digest('base64url') }),
        ...change.claims,
      };
      return token(header, payload, 'signer' in change ? change.signer : key.privateKey);
    },
  };
}
