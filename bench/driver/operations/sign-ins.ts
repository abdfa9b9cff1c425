/** Operations of people: signing in with a password, signing on with a live session, the same by a pushed request. */
import type { BenchClient } from '../../world.ts';
import { authorize, type Returned, type Visit } from '../browser.ts';
import { type CookieJar, createCookieJar } from '../cookie-jar.ts';
import { type Tokens, token } from '../requests.ts';
import type { Slot, Step } from './operation.ts';

/** Password sign-in on a known device with code exchange. */
export async function signIn(slot: Slot): Promise<Step> {
  const jars = new Map<number, CookieJar>();
  let turn = 0;
  const run = async () => {
    turn += 1;
    const known = jars.get(turn % membersPerSlot(slot));
    const jar = known?.only(slot.target.deviceCookies) ?? createCookieJar();
    const { id_token } = await fullSignIn(slot, slot.target.world.site, { jar, turn });
    if (id_token === undefined) throw new Error('no ID token');
    jars.set(turn % membersPerSlot(slot), jar);
  };
  // The usual sign-in is one on a known device; a new one costs a mail besides.
  while (turn < membersPerSlot(slot)) await run();
  return { run };
}

/**
 * Single sign-on with code exchange: session and grant are there.
 * @param slot whose peer
 * @param pushed whether the request is pushed first (RFC 9126)
 */
export async function singleSignOn(slot: Slot, pushed: boolean): Promise<Step> {
  const jar = createCookieJar();
  const { site } = slot.target.world;
  const { pushed_authorization_request_endpoint } = slot.endpoints;
  await fullSignIn(slot, site, { jar });
  const visit: Visit = {
    ...visitOf(slot, site),
    jar,
    ...(pushed && { prompt: 'none', pushTo: pushed_authorization_request_endpoint }),
  };
  return {
    async run() {
      const { id_token } = await exchange(slot, site, await authorize(visit));
      if (id_token === undefined) throw new Error('no ID token');
    },
  };
}

/** What a relying party asks for, in whichever browser. */
export function visitOf({ target, endpoints }: Slot, client: BenchClient): Omit<Visit, 'jar'> {
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

/**
 * Signs in with a password and exchanges the code.
 * @param slot whose peer and members
 * @param client where the member signs in
 * @param how the browser; which turn, as members take turns; makes headers for the exchange
 */
export async function fullSignIn(
  slot: Slot,
  client: BenchClient,
  how: { jar: CookieJar; turn?: number; headers?: () => Record<string, string> },
): Promise<Tokens> {
  const own = (how.turn ?? 0) % membersPerSlot(slot);
  const member = slot.target.world.members[slot.index + own * slot.slots];
  if (member === undefined) throw new Error('more slots than members');
  const returned = await authorize({ ...visitOf(slot, client), jar: how.jar, member });
  return exchange(slot, client, returned, how.headers?.());
}

/** Parallel slots never sign in the same member, as real members do not. */
function membersPerSlot({ target, slots }: Slot): number {
  return Math.max(1, Math.min(2, Math.floor(target.world.members.length / slots)));
}

function exchange(
  slot: Slot,
  client: BenchClient,
  { code, verifier }: Returned,
  headers?: Record<string, string>,
): Promise<Tokens> {
  const form = {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: slot.target.world.redirectUri,
  };
  return token(slot, client, form, headers);
}
