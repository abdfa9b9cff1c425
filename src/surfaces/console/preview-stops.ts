/** What a preview leads to one after the other: the pages of a place, then its mails. */
import type { MailName } from '../../base/mail/mails.ts';
import type { PreviewPage, PreviewPlace } from '../previews/page-list.ts';
import type { ConsoleDeps } from './deps.ts';
import type { StaffHere } from './staff.ts';

/** A page or a mail that can be looked at. */
export interface Stop {
  id: string;
  title: string;
  /** Absent for a page. */
  mail?: MailName;
}

/**
 * How an address names a mail.
 * @param name of the mail
 */
export const mailId = (name: MailName) => `mail/${name}`;

/**
 * The pages and mails of a place, each by its heading or subject in the language of whoever looks; pages of one view
 * are told apart.
 * @param deps texts, previews
 * @param here who looks
 * @param place where
 */
export function stopsOf(
  { i18n, previews }: Pick<ConsoleDeps, 'i18n' | 'previews'>,
  { visit }: Pick<StaffHere, 'visit'>,
  place: PreviewPlace,
): Stop[] {
  const { locale } = visit;
  const titleOf = (page: PreviewPage) => {
    const { key, params } = previews.heading(page);
    const title = i18n.t(locale, key, params);
    return page.which === undefined ? title : `${title} (${page.which})`;
  };
  const { mails } = previews;
  return [
    ...previews.pages(place).map((page) => ({ id: page.id, title: titleOf(page) })),
    ...mails.names(place).map((mail) => {
      const { subject } = mails.render({ ...place, locale }, mail, 'light');
      return { id: mailId(mail), title: i18n.t(locale, 'console.preview.mail', { subject }), mail };
    }),
  ];
}
