/** The one-time notices of the account pages: what each says. */
import { splitNotice, type WaitingNotice } from '../pages/notices.ts';

/** Every notice with the kind of its box and its text; `about` names the value its text is filled with. */
export const notices = {
  'profile-saved': { kind: 'success', key: 'account.profile.saved' },
  'preferences-saved': { kind: 'success', key: 'account.preferences.saved' },
  'brand-preferences-saved': { kind: 'success', key: 'account.preferences.brand_saved', about: 'brand' },
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
  'answer-now': { kind: 'success', key: 'account.requests.answer_now' },
  'choice-saved': { kind: 'success', key: 'account.consents.saved' },
} as const;

/** Names a notice. */
export type NoticeName = keyof typeof notices;

/** One of them, with the id of the client, brand or upstream it is about. */
export interface Notice extends WaitingNotice {
  name: NoticeName;
}

/**
 * Reads the cookie's value.
 * @param value as sent by the browser
 */
export function readNotice(value: string): Notice | undefined {
  const { name = '', about } = splitNotice(value) ?? {};
  if (!isNotice(name)) return undefined;
  // A text with a gap needs what fills it.
  return 'about' in notices[name] && !about ? undefined : { name, about };
}

function isNotice(name: string): name is NoticeName {
  return Object.hasOwn(notices, name);
}
