/** The one-time notices of the console: what each says. */
import type { PageFrame } from '../../base/http/views.ts';
import { signedInAgain, splitNotice } from '../pages/notices.ts';

/** Every notice with the kind of its box and its text. */
export const notices = {
  [signedInAgain]: { kind: 'info', key: 'account.sign-in-methods.signed_in_again' },
  kept: { kind: 'info', key: 'console.notice.kept' },
  'theme-drafted': { kind: 'success', key: 'console.notice.theme_drafted' },
  'theme-unchanged': { kind: 'info', key: 'console.notice.theme_unchanged' },
  'logo-drafted': { kind: 'success', key: 'console.notice.logo_drafted' },
  'rolled-back': { kind: 'success', key: 'console.done.rolled-back' },
  undone: { kind: 'success', key: 'console.done.undone' },
  saved: { kind: 'success', key: 'console.done.saved' },
  removed: { kind: 'success', key: 'console.done.removed' },
  submit: { kind: 'success', key: 'console.done.submit' },
  approve: { kind: 'success', key: 'console.done.approve' },
  'send-back': { kind: 'success', key: 'console.done.send-back' },
  withdraw: { kind: 'success', key: 'console.done.withdraw' },
  cancel: { kind: 'success', key: 'console.done.cancel' },
  rebased: { kind: 'success', key: 'console.done.rebased' },
  published: { kind: 'success', key: 'console.done.published' },
  scheduled: { kind: 'success', key: 'console.done.scheduled' },
} as const;

/** Names a notice. */
export type NoticeName = keyof typeof notices;

/**
 * A notice as a page shows it; nothing for what is none of the console's.
 * @param waiting as the cookie says
 */
export function noticeText(waiting: string): PageFrame['notice'] {
  const name = splitNotice(waiting)?.name;
  if (name === undefined || !Object.hasOwn(notices, name)) return undefined;
  const { kind, key } = notices[name as NoticeName];
  return { kind, text: { key } };
}
