/** Operations of machines at the token endpoint: client credentials in their variants, refresh, a device's poll. */
import { randomUUID } from 'node:crypto';
import { createCookieJar } from '../cookie-jar.ts';
import { createProver, signJwt } from '../proofs.ts';
import { basic, json, type Tokens, token } from '../requests.ts';
import { type Slot, type Step, stocked } from './operation.ts';
import { fullSignIn } from './sign-ins.ts';

/**
 * Client credentials with a secret.
 * @param slot whose peer
 * @param jwt a token for a resource is a JWT; one for no resource in particular is opaque
 */
export async function clientCredentials(slot: Slot, jwt: boolean): Promise<Step> {
  const { machine } = slot.target.world;
  const form = jwt ? jwtForm(slot) : { grant_type: 'client_credentials' };
  return {
    async run() {
      const { access_token } = await token(slot, machine, form);
      if (isJwt(access_token) !== jwt) throw new Error('access token of the wrong format');
    },
  };
}

/** As many clients as real programs have, in turn, each fetching a JWT: caches of clients are put to use. */
export async function manyClients(slot: Slot): Promise<Step> {
  const { many } = slot.target.world;
  const form = jwtForm(slot);
  let turn = slot.index;
  return {
    async run() {
      const client = many[turn % many.length];
      if (client === undefined) throw new Error('no clients');
      turn += slot.slots;
      const { access_token } = await token(slot, client, form);
      if (!isJwt(access_token)) throw new Error('access token of the wrong format');
    },
  };
}

/** Client credentials with a signed assertion instead of a secret (RFC 7523), used once. */
export async function clientAssertion(slot: Slot): Promise<Step> {
  const { signer } = slot.target.world;
  const url = slot.endpoints.token_endpoint;
  return {
    async run() {
      const iat = Math.floor(Date.now() / 1000);
      const claims = { iss: signer.id, sub: signer.id, aud: slot.target.issuer, jti: randomUUID(), iat };
      const form = {
        ...jwtForm(slot),
        client_id: signer.id,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: signJwt(signer.jwk, {}, { ...claims, exp: iat + 60 }),
      };
      const { access_token } = (await json({ url, method: 'POST', form })) as Tokens;
      if (!isJwt(access_token)) throw new Error('access token of the wrong format');
    },
  };
}

/**
 * Refresh with rotation and a new ID token.
 * @param slot whose peer
 * @param bound whether access tokens are bound to a key, with a proof at each refresh (RFC 9449)
 */
export async function refresh(slot: Slot, bound: boolean): Promise<Step> {
  const { app } = slot.target.world;
  const prove = createProver();
  const headers = (): Record<string, string> =>
    bound ? { dpop: prove('POST', slot.endpoints.token_endpoint) } : {};
  const first = await fullSignIn(slot, app, { jar: createCookieJar(), headers });
  let current = first.refresh_token;
  return {
    async run() {
      if (current === undefined) throw new Error('no refresh token');
      const form = { grant_type: 'refresh_token', refresh_token: current };
      const next = await token(slot, app, form, headers());
      if (next.refresh_token === current) throw new Error('the refresh token did not rotate');
      if (next.token_type !== (bound ? 'DPoP' : 'Bearer')) throw new Error(`a ${next.token_type} token`);
      current = next.refresh_token;
    },
  };
}

/** Codes that wait at once, in all slots together: about what a round uses up. */
const mostDevices = 512;

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** A poll for a device whose person has not answered yet (RFC 8628 section 3.5); each code is polled once. */
export async function devicePoll(slot: Slot): Promise<Step> {
  const { device } = slot.target.world;
  const { device_authorization_endpoint, token_endpoint } = slot.endpoints;
  const post = { method: 'POST' as const, headers: basic(device) };
  const make = async () => {
    const form = { scope: 'openid' };
    const answer = await json({ ...post, url: device_authorization_endpoint, form });
    return (answer as { device_code: string }).device_code;
  };
  return stocked(mostDevices, make, async (device_code) => {
    const form = { grant_type: deviceGrant, device_code };
    const { error } = (await json({ ...post, url: token_endpoint, form }, 400)) as { error?: string };
    if (error !== 'authorization_pending') throw new Error(`the poll was answered ${error}`);
  });
}

function jwtForm({ target }: Slot): Record<string, string> {
  const { resourceScope, jwtResource } = target.world;
  return { grant_type: 'client_credentials', scope: resourceScope, resource: jwtResource };
}

function isJwt(accessToken: string): boolean {
  return accessToken.split('.').length === 3;
}
