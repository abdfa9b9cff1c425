/**
 * One-time notices: what has just been done, told on the page that follows the redirect. The cookie holds the name of
 * a notice and at most one id of what it is about; nothing of the person. What a name says is its surface's business.
 */
import type { EdgeContext } from '../../base/http/context.ts';
import type { Cookies } from '../../base/http/cookies.ts';

/** A notice as it waits in the cookie. */
export interface WaitingNotice {
  name: string;
  /** Id of what it is about. */
  about: string | undefined;
}

/** Every surface's pages can follow a second sign-in. */
export const signedInAgain = 'signed-in-again';

const cookie = 'notice';
const lifeSeconds = 120;

/**
 * Leaves a notice for the next page.
 * @param ctx the request
 * @param cookies cookie helper
 * @param name which notice
 * @param about id of what it is about
 */
export function leaveNotice(ctx: EdgeContext, cookies: Cookies, name: string, about?: string): void {
  cookies.write(ctx, cookie, about ? `${name}.${about}` : name, { maxAgeSeconds: lifeSeconds });
}

/**
 * Takes the waiting notice, once: what stands in the cookie.
 * @param ctx the request
 * @param cookies cookie helper
 */
export function takeNotice(ctx: EdgeContext, cookies: Cookies): string | undefined {
  const value = cookies.read(ctx, cookie);
  if (value !== undefined) cookies.clear(ctx, cookie);
  return value;
}

/**
 * Reads the cookie's value.
 * @param value as sent by the browser
 */
export function splitNotice(value: string): WaitingNotice | undefined {
  const [, name, about] = /^([a-z-]{1,40})(?:\.([\w-]{1,64}))?$/.exec(value) ?? [];
  return name === undefined ? undefined : { name, about };
}
