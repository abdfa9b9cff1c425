/** Pages for people who work on the product: the development mailbox and the catalogue of components. */
import type { FieldFault } from '../kernel/errors.ts';
import { defineView, type View } from './views.ts';

/** One caught mail. */
export interface MailboxEntry {
  number: number;
  to: string;
  subject: string;
  receivedAt: string;
  text: string;
  /** Links found in the text. */
  links: readonly string[];
  /** Where the markup is shown, in a page of its own without script. */
  htmlUrl?: string | undefined;
}

/** The development mailbox, newest first. */
export interface MailboxData {
  entries: readonly MailboxEntry[];
}

/** Caught mails as the page lists them. */
export function mailboxEntries(
  messages: readonly {
    number: number;
    to: readonly string[];
    subject: string;
    receivedAt: string;
    text: string;
  }[],
  htmlUrl: (number: number) => string,
): MailboxEntry[] {
  return messages
    .map(({ number, to, subject, receivedAt, text }) => ({
      number,
      to: to.join(', '),
      subject,
      receivedAt,
      text,
      links: [...new Set(text.match(/https?:\/\/\S+/g) ?? [])],
      htmlUrl: htmlUrl(number),
    }))
    .reverse();
}

/** The development mailbox. */
export const mailboxView = defineView<MailboxData>({
  name: 'dev/mailbox',
  sample: () => ({
    entries: [
      {
        number: 2,
        to: 'mika.lind@example.com',
        subject: '48201937 is your code for Aurora Air',
        receivedAt: '2026-06-02T09:00:00Z',
        text: 'Your code: 48201937\nhttps://id.example/link/verify#sample',
        links: ['https://id.example/link/verify#sample'],
        htmlUrl: '/mailbox/2',
      },
    ],
  }),
});

/** Faults for the frame of the catalogue of components, so that it shows a wrong field and the summary. */
export const componentsFaults: readonly FieldFault[] = [
  { field: 'wrong', code: 'email.invalid' },
  { field: 'field.number', code: 'field.too_large', params: { max: 10 } },
  { field: 'field.several', code: 'field.choose_fewer', params: { max: 2 } },
  { field: 'field.address.street_address', code: 'field.required' },
  { field: 'field.address.country', code: 'field.required' },
];

/** Every component in every state; rendered with {@link componentsFaults} in its frame. */
export const componentsView = defineView<Record<never, never>>({
  name: 'dev/components',
  sample: () => ({}),
});

/** Every view of this module, for the tests that render them all. */
export const devViews: readonly View<unknown>[] = [mailboxView, componentsView];
