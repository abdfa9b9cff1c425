/** Operations that read: discovery, userinfo, introspection. */
import { createCookieJar } from '../cookie-jar.ts';
import type { Ask } from '../http.ts';
import { basic, json } from '../requests.ts';
import type { Endpoints, Slot, Step } from './operation.ts';
import { fullSignIn } from './sign-ins.ts';

/** The discovery document. */
export async function discovery({ endpoints, target }: Slot): Promise<Step> {
  return {
    async run() {
      const found = (await json({ url: endpoints.discovery })) as { issuer: string };
      if (found.issuer !== target.issuer) throw new Error('foreign issuer');
    },
  };
}

/** Userinfo with a member's access token. */
export async function userinfo(slot: Slot): Promise<Step> {
  const { access_token } = await fullSignIn(slot, slot.target.world.site, { jar: createCookieJar() });
  const ask = { url: slot.endpoints.userinfo_endpoint, headers: { authorization: `Bearer ${access_token}` } };
  return {
    async run() {
      const { sub } = (await json(ask)) as { sub?: string };
      if (sub === undefined) throw new Error('userinfo without a subject');
    },
  };
}

/**
 * Introspection of a member's access token by a client it was not issued to.
 * @param slot whose peer
 * @param hinted whether the caller says which kind of token it is (RFC 7662 section 2.1)
 */
export async function introspection(slot: Slot, hinted: boolean): Promise<Step> {
  const { access_token } = await fullSignIn(slot, slot.target.world.site, { jar: createCookieJar() });
  const ask: Ask = {
    url: slot.endpoints.introspection_endpoint,
    method: 'POST',
    headers: basic(slot.target.world.api),
    form: { token: access_token, ...(hinted && { token_type_hint: 'access_token' }) },
  };
  return {
    async run() {
      const { active } = (await json(ask)) as { active?: boolean };
      if (active !== true) throw new Error('the token is not active');
    },
  };
}

/**
 * Reads a peer's endpoints from its discovery document.
 * @param issuer the peer's address
 */
export async function discover(issuer: string): Promise<Endpoints> {
  const url = `${issuer}/.well-known/openid-configuration`;
  return { ...((await json({ url })) as Endpoints), discovery: url };
}
