/**
 * The way back from a sign-in: the page that was wanted travels as the `state` of the authorization request, signed
 * for this browser, and only a path of a signed-in person's pages ever comes out of it. Pure.
 */
import { constantTimeEqual, keyedHash } from '../../base/kernel/sealing.ts';
import { ownClient } from '../../protocol/oidc/own-client.ts';

/** A page of ours, without query: nothing that could be read as another host. */
const accountPath = /^\/account(?:\/[a-z][a-z-]{0,40}){0,2}$/;

/** A form that an app sent the member to; what its query says is judged again there. */
const formPath = /^\/forms\/[a-z][a-z0-9_-]{0,39}\?[\w.~%=&+*-]{1,1800}$/;

/** A page of the console; what its query says is judged again there, and ids and paths of items may stand in it. */
const consolePath = /^\/console(?:\/[\w~-][\w.~-]{0,99}){0,8}(?:\?[\w.~%=&+*-]{1,1800})?$/;

const isOurs = (path: string) => [accountPath, formPath, consolePath].some((shape) => shape.test(path));

/** Where the way back leads when it is lost. */
const homePath = '/account';

/** A page to come back to. */
export interface WayBack {
  path: string;
  /** Whether the sign-in was a second one, asked for before a sensitive change. */
  again: boolean;
}

/**
 * The `state` that leads back to a page.
 * @param key signing key
 * @param deviceId the browser
 * @param wanted a path below /account or /console (anything else leads to the home page), and why it is asked for
 */
export function wayBackTo(key: Buffer, deviceId: string | undefined, wanted: WayBack): string {
  const path = isOurs(wanted.path) ? wanted.path : homePath;
  const content = `${wanted.again ? 'again' : 'first'} ${path}`;
  return `${Buffer.from(content).toString('base64url')}.${sign(key, deviceId, content)}`;
}

/**
 * The page a `state` leads back to; the home page when it was not made for this browser by us.
 * @param keys signing keys that may have made it
 * @param deviceId the browser
 * @param state as it came back
 */
export function wayBackFrom(
  keys: readonly Buffer[],
  deviceId: string | undefined,
  state: string | undefined,
): WayBack {
  const [encoded = '', signature = ''] = (state ?? '').split('.');
  const content = Buffer.from(encoded, 'base64url').toString();
  const [why, path = ''] = content.split(' ');
  const signed = keys.filter((key) => constantTimeEqual(sign(key, deviceId, content), signature));
  const ours = signed.length > 0 && isOurs(path);
  return ours ? { path, again: why === 'again' } : { path: homePath, again: false };
}

/**
 * The address that signs a member in for these pages (OAuth 2.0 Multiple Response Types section 4: `none`).
 * @param issuer the issuer
 * @param state from {@link wayBackTo}
 * @param again whether to ask for the proof again although there is a session (OpenID Connect Core 3.1.2.1, `max_age`)
 */
export function signInAddress(issuer: string, state: string, again = false): string {
  const query = new URLSearchParams({
    client_id: ownClient.id,
    response_type: 'none',
    redirect_uri: `${issuer}${ownClient.returnPath}`,
    scope: 'openid',
    state,
    ...(again && { max_age: '0' }),
  });
  return `/authorize?${query}`;
}

function sign(key: Buffer, deviceId: string | undefined, content: string): string {
  return keyedHash(key, 'account-way-back', deviceId ?? '', content);
}
