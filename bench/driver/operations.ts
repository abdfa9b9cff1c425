/**
 * The operations the bench measures, each as a preparation (not measured) that returns one repeatable step (measured).
 * Every step checks what it gets, so that a fast refusal never counts as work.
 */
import type { Target } from '../peers/peer.ts';
import type { BenchClient } from '../world.ts';
import { authorize, type Returned } from './browser.ts';
import { type CookieJar, createCookieJar } from './cookie-jar.ts';
import { type Ask, send } from './http.ts';

/** Endpoints out of the peer's discovery document. */
export interface Endpoints {
  discovery: string;
  authorization_endpoint: string;
  token_endpoint: string;
  userinfo_endpoint: string;
  introspection_endpoint: string;
}

/** What an operation works with: the peer, and which of the parallel slots it fills. */
export interface Slot {
  target: Target;
  endpoints: Endpoints;
  index: number;
  slots: number;
}

/** Prepares a slot and returns its step. */
export type Operation = (slot: Slot) => Promise<() => Promise<void>>;

interface Tokens {
  access_token: string;
  refresh_token?: string;
  id_token?: string;
}

/** The operations by name. */
export const operations: Record<string, Operation> = {
  discovery,
  'cc-jwt': (slot) => clientCredentials(slot, true),
  'cc-opaque': (slot) => clientCredentials(slot, false),
  refresh,
  userinfo,
  introspection,
  'sign-in': signIn,
  sso: singleSignOn,
};

/**
 * Reads a peer's endpoints from its discovery document.
 * @param target the peer
 */
export async function discover(target: Target): Promise<Endpoints> {
  const url = `${target.issuer}/.well-known/openid-configuration`;
  return { ...((await json({ url })) as Endpoints), discovery: url };
}

async function discovery({ endpoints, target }: Slot): Promise<() => Promise<void>> {
  return async () => {
    const found = (await json({ url: endpoints.discovery })) as { issuer: string };
    if (found.issuer !== target.issuer) throw new Error('foreign issuer');
  };
}

/** A token for a resource is a JWT; one for no resource in particular is opaque. */
async function clientCredentials(slot: Slot, jwt: boolean): Promise<() => Promise<void>> {
  const { machine, resourceScope, jwtResource } = slot.target.world;
  const wanted = jwt ? { scope: resourceScope, resource: jwtResource } : {};
  const form = { grant_type: 'client_credentials', ...wanted };
  return async () => {
    const { access_token } = await token(slot, machine, form);
    if ((access_token.split('.').length === 3) !== jwt) throw new Error('access token of the wrong format');
  };
}

async function refresh(slot: Slot): Promise<() => Promise<void>> {
  const { app } = slot.target.world;
  let current = (await fullSignIn(slot, app, createCookieJar(), 0)).refresh_token;
  return async () => {
    if (current === undefined) throw new Error('no refresh token');
    const next = await token(slot, app, { grant_type: 'refresh_token', refresh_token: current });
    if (next.refresh_token === current) throw new Error('the refresh token did not rotate');
    current = next.refresh_token;
  };
}

async function userinfo(slot: Slot): Promise<() => Promise<void>> {
  const { access_token } = await fullSignIn(slot, slot.target.world.site, createCookieJar(), 0);
  const ask = { url: slot.endpoints.userinfo_endpoint, headers: { authorization: `Bearer ${access_token}` } };
  return async () => {
    const { sub } = (await json(ask)) as { sub?: string };
    if (sub === undefined) throw new Error('userinfo without a subject');
  };
}

async function introspection(slot: Slot): Promise<() => Promise<void>> {
  const { access_token } = await fullSignIn(slot, slot.target.world.site, createCookieJar(), 0);
  const ask: Ask = {
    url: slot.endpoints.introspection_endpoint,
    method: 'POST',
    headers: basic(slot.target.world.api),
    form: { token: access_token, token_type_hint: 'access_token' },
  };
  return async () => {
    const { active } = (await json(ask)) as { active?: boolean };
    if (active !== true) throw new Error('the token is not active');
  };
}

async function signIn(slot: Slot): Promise<() => Promise<void>> {
  const jars = new Map<number, CookieJar>();
  let turn = 0;
  const step = async () => {
    turn += 1;
    const known = jars.get(turn % membersPerSlot(slot));
    const jar = known?.only(slot.target.deviceCookies) ?? createCookieJar();
    const { id_token } = await fullSignIn(slot, slot.target.world.site, jar, turn);
    if (id_token === undefined) throw new Error('no ID token');
    jars.set(turn % membersPerSlot(slot), jar);
  };
  // The usual sign-in is one on a known device; a new one costs a mail besides.
  while (turn < membersPerSlot(slot)) await step();
  return step;
}

async function singleSignOn(slot: Slot): Promise<() => Promise<void>> {
  const jar = createCookieJar();
  const { site } = slot.target.world;
  await fullSignIn(slot, site, jar, 0);
  return async () => {
    const returned = await authorize({ ...visitOf(slot, site), jar });
    if ((await exchange(slot, site, returned)).id_token === undefined) throw new Error('no ID token');
  };
}

function visitOf({ target, endpoints }: Slot, client: BenchClient) {
  const isApp = client.id === target.world.app.id;
  return {
    target,
    authorizationEndpoint: endpoints.authorization_endpoint,
    client,
    scope: isApp ? target.scopes.app : target.scopes.site,
    // The library grants offline access only where consent is asked for (OpenID Connect Core section 11).
    ...(isApp && target.scopes.app.includes('offline_access') ? { prompt: 'consent' } : {}),
  };
}

async function fullSignIn(slot: Slot, client: BenchClient, jar: CookieJar, turn: number): Promise<Tokens> {
  const own = turn % membersPerSlot(slot);
  const member = slot.target.world.members[slot.index + own * slot.slots];
  if (member === undefined) throw new Error('more slots than members');
  return exchange(slot, client, await authorize({ ...visitOf(slot, client), jar, member }));
}

/** Parallel slots never sign in the same member, as real members do not. */
function membersPerSlot({ target, slots }: Slot): number {
  return Math.max(1, Math.min(2, Math.floor(target.world.members.length / slots)));
}

function exchange(slot: Slot, client: BenchClient, { code, verifier }: Returned): Promise<Tokens> {
  return token(slot, client, {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: slot.target.world.redirectUri,
  });
}

async function token(slot: Slot, client: BenchClient, form: Record<string, string>): Promise<Tokens> {
  const ask: Ask = { url: slot.endpoints.token_endpoint, method: 'POST', headers: basic(client), form };
  return (await json(ask)) as Tokens;
}

function basic({ id, secret }: BenchClient): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` };
}

async function json(ask: Ask): Promise<unknown> {
  const { status, body } = await send(ask);
  if (status !== 200)
    throw new Error(`${new URL(ask.url).pathname} answered ${status}: ${body.slice(0, 200)}`);
  return JSON.parse(body);
}
