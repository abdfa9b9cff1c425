/**
 * The mailer: renders a mail when it is asked for and leaves it in the outbox, so that a change and the mail that
 * tells of it are one transaction; sends it when its turn comes. The recipient stands in the sealed payload only.
 * Never decides who is told what.
 */
import { z } from 'zod';
import type { OwnTexts } from '../i18n/own-texts.ts';
import { plainAddress } from './address.ts';
import type { MailData, MailName } from './mails.ts';
import type { MailLook, RenderMail } from './render.ts';
import type { MailTransport } from './transport.ts';

/** Whose mail it is: the look, and what the brand says of its mails. */
export interface MailBrand extends MailLook {
  /** Texts of the brand's own in the place of the catalogues'. */
  texts?: OwnTexts | undefined;
  /** Shown as the sender; the brand's name when undefined. */
  senderName?: string | undefined;
  /** Where answers go. */
  replyTo?: string | undefined;
}

/** A mail to be sent. */
export interface MailRequest<Name extends MailName> {
  template: Name;
  /** One plain address. */
  to: string;
  locale: string;
  brand: MailBrand;
  data: MailData[Name];
}

/** What the mailer needs of the outbox. */
export interface MailOutbox<Tx> {
  add(task: { kind: string; payload: Record<string, unknown> }, tx?: Tx): Promise<void>;
  handle(
    kind: string,
    handler: (payload: Record<string, unknown>, attempt: { id: string }) => Promise<void>,
  ): void;
}

/** Sends mails, durably. */
export interface Mailer<Tx> {
  /**
   * Puts a mail into the outbox, in the caller's transaction where there is one.
   * @throws DomainError `email.invalid` when the recipient is not one plain address
   */
  enqueue<Name extends MailName>(tx: Tx | undefined, request: MailRequest<Name>): Promise<void>;
}

const payloadSchema = z.strictObject({
  to: z.string(),
  fromName: z.string(),
  replyTo: z.string().optional(),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
});

/** What the mailer is made of. */
export interface MailerDeps<Tx> {
  outbox: MailOutbox<Tx>;
  render: RenderMail;
  transport: MailTransport;
}

/**
 * Builds the mailer and registers the outbox handler of kind `mail`. A mail keeps one Message-ID through all its
 * attempts, made of its task's id.
 * @param deps outbox, renderer, transport
 */
export function createMailer<Tx>(deps: MailerDeps<Tx>): Mailer<Tx> {
  deps.outbox.handle('mail', async (payload, { id }) => {
    await deps.transport.send({ ...payloadSchema.parse(payload), messageId: id });
  });
  return {
    async enqueue(tx, { template, to, locale, brand, data }) {
      const rendered = deps.render(template, { locale, look: brand, texts: brand.texts }, data);
      const { senderName = brand.name, replyTo } = brand;
      const answers = replyTo === undefined ? {} : { replyTo };
      const payload = { to: plainAddress(to), fromName: senderName, ...answers, ...rendered };
      await deps.outbox.add({ kind: 'mail', payload }, ...(tx === undefined ? [] : [tx]));
    },
  };
}
