/**
 * The way out: one SMTP server, spoken to by nodemailer. Refuses whatever could become a second recipient or a
 * header of its own. Never logs an address and never reads files or remote content for a message.
 */
import { createTransport as createSmtp } from 'nodemailer';
import { DomainError } from '../kernel/errors.ts';
import { plainAddress } from './address.ts';
import type { RenderedMail } from './render.ts';

/** A rendered mail with its envelope. */
export interface OutgoingMail extends RenderedMail {
  /** One plain address (RFC 5322 addr-spec without comments, quotes or lists). */
  to: string;
  /** Shown name of the sender, such as the brand's. */
  fromName: string;
  /** Where answers go, one plain address; to the sender when undefined. */
  replyTo?: string | undefined;
  /** The same at each attempt, so that a mail sent twice is seen once; without angle brackets. */
  messageId: string;
}

/** Sends mails. */
export interface MailTransport {
  /**
   * Hands one mail to the server.
   * @throws DomainError `email.invalid` when an address or header could be read as more than one
   * @throws Error when the server refuses or does not answer
   */
  send(mail: OutgoingMail): Promise<void>;
  /** Closes idle connections. */
  close(): void;
}

/** Where mails go. */
export interface TransportOptions {
  /** Such as `smtp://127.0.0.1:1025` or `smtps://user:secret@mail.example:465`. */
  smtpUrl: string;
  /** Address of the sender. */
  from: string;
}

const seconds = 1000;

/**
 * Builds the transport; connects at the first mail.
 * @param options server and sender
 */
export function createTransport(options: TransportOptions): MailTransport {
  const smtp = createSmtp({
    url: options.smtpUrl,
    pool: true,
    maxConnections: 2,
    connectionTimeout: 10 * seconds,
    greetingTimeout: 10 * seconds,
    socketTimeout: 30 * seconds,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const from = plainAddress(options.from);
  return {
    async send(mail) {
      const { subject, text, html } = mail;
      await smtp.sendMail({
        from: { name: oneLine(mail.fromName), address: from },
        to: { name: '', address: plainAddress(mail.to) },
        ...(mail.replyTo !== undefined && { replyTo: { name: '', address: plainAddress(mail.replyTo) } }),
        subject: oneLine(subject),
        text,
        html,
        messageId: `<${oneLine(mail.messageId)}@${from.slice(from.indexOf('@') + 1)}>`,
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
      });
    },
    close: () => smtp.close(),
  };
}

/** A header value that stays one header. */
function oneLine(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f\u2028\u2029]/.test(value)) throw new DomainError('input.invalid');
  return value;
}

/**
 * Whether the mail server can be reached and takes our credentials; no mail is sent.
 * @param smtpUrl the server
 * @throws Error when it does not answer or refuses
 */
export async function checkMailServer(smtpUrl: string): Promise<void> {
  const smtp = createSmtp({
    url: smtpUrl,
    connectionTimeout: 5 * seconds,
    greetingTimeout: 5 * seconds,
    socketTimeout: 5 * seconds,
  });
  try {
    await smtp.verify();
  } finally {
    smtp.close();
  }
}
