/**
 * One-time notices: what has just been done, told on the page that follows the redirect. The cookie holds the name of
 * the notice and at most the id of a client or upstream; nothing of the person.
 */
import type { EdgeContext } from '../../base/http/context.ts';
import type { Cookies } from '../../base/http/cookies.ts';

/** Every notice with the kind of its box and its text; `about` names the value its text is filled with. */
export const notices = {
  'profile-saved': { kind: 'success', key: 'account.profile.saved' },
  'password-changed': { kind: 'success', key: 'account.sign-in-methods.password_changed' },
  'upstream-linked': {
    kind: 'success',
    key: 'account.sign-in-methods.upstream_linked',
    about: 'upstream',
  },
  'upstream-unlinked': {
    kind: 'success',
    key: 'account.sign-in-methods.upstream_unlinked',
    about: 'upstream',
  },
  'signed-in-again': { kind: 'info', key: 'account.sign-in-methods.signed_in_again' },
  'session-ended': { kind: 'success', key: 'account.sessions.ended' },
  'others-ended': { kind: 'success', key: 'account.sessions.others_ended' },
  'application-revoked': { kind: 'success', key: 'account.applications.revoked', about: 'client' },
  'request-allowed': { kind: 'success', key: 'account.requests.allowed' },
  'request-denied': { kind: 'success', key: 'account.requests.denied' },
  'request-reported': { kind: 'success', key: 'account.requests.reported' },
  'terms-accepted': { kind: 'success', key: 'account.requests.terms_accepted' },
  'choice-saved': { kind: 'success', key: 'account.consents.saved' },
} as const;

/** Names a notice. */
export type NoticeName = keyof typeof notices;

/** A notice as it waits in the cookie. */
export interface Notice {
  name: NoticeName;
  /** Id of the client or upstream it is about. */
  about: string | undefined;
}

const cookie = 'notice';
const lifeSeconds = 120;

/**
 * Leaves a notice for the next page.
 * @param ctx the request
 * @param cookies cookie helper
 * @param name which notice
 * @param about id of the client or upstream it is about
 */
export function leaveNotice(ctx: EdgeContext, cookies: Cookies, name: NoticeName, about?: string): void {
  cookies.write(ctx, cookie, about ? `${name}.${about}` : name, { maxAgeSeconds: lifeSeconds });
}

/**
 * Takes the waiting notice, once.
 * @param ctx the request
 * @param cookies cookie helper
 */
export function takeNotice(ctx: EdgeContext, cookies: Cookies): Notice | undefined {
  const value = cookies.read(ctx, cookie);
  if (value === undefined) return undefined;
  cookies.clear(ctx, cookie);
  return readNotice(value);
}

/**
 * Reads the cookie's value.
 * @param value as sent by the browser
 */
export function readNotice(value: string): Notice | undefined {
  const [, name = '', about] = /^([a-z-]{1,40})(?:\.([\w-]{1,64}))?$/.exec(value) ?? [];
  if (!isNotice(name)) return undefined;
  // A text with a gap needs what fills it.
  return 'about' in notices[name] && !about ? undefined : { name, about };
}

function isNotice(name: string): name is NoticeName {
  return Object.hasOwn(notices, name);
}
