import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ParsedMail, simpleParser } from 'mailparser';
import { systemClock } from '../../../src/base/kernel/clock.ts';
import { plainAddress } from '../../../src/base/mail/address.ts';
import { type DevMailbox, startDevMailbox } from '../../../src/base/mail/dev-mailbox.ts';
import { createMailer } from '../../../src/base/mail/mailer.ts';
import { mailNames, mailSamples } from '../../../src/base/mail/mails.ts';
import { readMessage } from '../../../src/base/mail/read-message.ts';
import { createMailRenderer } from '../../../src/base/mail/render.ts';
import { createTransport, type MailTransport } from '../../../src/base/mail/transport.ts';
import { i18n, looks } from '../../pages/render-all.ts';

const look = looks[0];
if (!look) throw new Error('no look');
const render = createMailRenderer(i18n);
let mailbox: DevMailbox;
let transport: MailTransport;

beforeAll(async () => {
  mailbox = await startDevMailbox({ smtpPort: 0, clock: systemClock });
  transport = createTransport({ smtpUrl: mailbox.smtpUrl, from: 'no-reply@id.example' });
});
beforeEach(() => mailbox.clear());
afterAll(async () => {
  transport.close();
  await mailbox.stop();
});

const mailTo = (to: string, more: Partial<Parameters<MailTransport['send']>[0]> = {}) => ({
  to,
  fromName: 'Aurora Air',
  subject: 'Hello',
  text: 'Text',
  html: '<p>Text</p>',
  messageId: 'out_1',
  ...more,
});

describe('the transport', () => {
  it.each(mailNames)('brings %s whole to the mailbox, in Japanese', async (name) => {
    const mail = render(name, { locale: 'ja', look }, mailSamples[name]);
    await transport.send(mailTo('mika@example.com', { ...mail, fromName: '航空' }));
    const caught = await mailbox.waitFor(({ to }) => to.includes('mika@example.com'));
    expect(caught.subject).toBe(mail.subject);
    expect(caught.text.trim()).toBe(mail.text.trim());
    expect(caught.html.trim()).toBe(mail.html.trim());
    expect(caught.from).toBe('航空 <no-reply@id.example>');
    expect(caught.messageId).toBe('<out_1@id.example>');
  });

  it.each([
    'mika@example.com\r\nBcc: other@example.com',
    'mika@example.com\n',
    'mika@example.com\u0000',
    'mika@example.com, other@example.com',
    'mika@example.com;other@example.com',
    'Mika <mika@example.com>',
    '<mika@example.com>',
    '"mika lind"@example.com',
    'mika(comment)@example.com',
    'group: mika@example.com;',
    'mika@@example.com',
    'mika@exa mple.com',
    'mika..lind@example.com',
    '.mika@example.com',
    'mika@-example.com',
    'mika@[127.0.0.1]',
    'mika',
    '',
    `${'a'.repeat(250)}@example.com`,
  ])('refuses %j as a recipient', async (to) => {
    await expect(transport.send(mailTo(to))).rejects.toMatchObject({ code: 'email.invalid' });
    expect(mailbox.messages()).toEqual([]);
  });

  it.each(['mika@example.com', 'mika+tag@sub.example.co.jp', "o'neil_x@example.com", 'mika@例え.jp'])(
    'accepts %s',
    (address) => {
      expect(plainAddress(address)).toBe(address);
    },
  );

  it.each([{ subject: 'Hi\r\nBcc: other@example.com' }, { fromName: 'A\nB' }, { messageId: 'a\u0000b' }])(
    'refuses a header that would become two: %j',
    async (more) => {
      await expect(transport.send(mailTo('mika@example.com', more))).rejects.toMatchObject({
        code: 'input.invalid',
      });
      expect(mailbox.messages()).toEqual([]);
    },
  );
});

describe('the mailer', () => {
  type Handler = (payload: Record<string, unknown>, attempt: { id: string }) => Promise<void>;
  const outboxOf = () => {
    const tasks: { kind: string; payload: Record<string, unknown>; tx: string | undefined }[] = [];
    const handlers = new Map<string, Handler>();
    const outbox = {
      add: async (task: { kind: string; payload: Record<string, unknown> }, tx?: string) => {
        tasks.push({ ...task, tx });
      },
      handle: (kind: string, handler: Handler) => {
        handlers.set(kind, handler);
      },
    };
    return { tasks, handlers, outbox };
  };

  it('leaves a mail in the outbox, in the caller’s transaction, and sends it when its turn comes', async () => {
    const { tasks, handlers, outbox } = outboxOf();
    const mailer = createMailer<string>({ outbox, render, transport });
    await mailer.enqueue('tx', {
      template: 'verify-address',
      to: 'mika@example.com',
      locale: 'en',
      brand: look,
      data: mailSamples['verify-address'],
    });
    expect(tasks).toHaveLength(1);
    expect(tasks[0]).toMatchObject({ kind: 'mail', tx: 'tx', payload: { to: 'mika@example.com' } });
    expect(mailbox.messages()).toEqual([]);
    await handlers.get('mail')?.(tasks[0]?.payload ?? {}, { id: 'out_7' });
    const caught = await mailbox.waitFor(({ subject }) => subject.includes('48201937'));
    expect(caught.messageId).toBe('<out_7@id.example>');
  });

  it('gives a mail that is sent twice the same Message-ID', async () => {
    const { tasks, handlers, outbox } = outboxOf();
    const mailer = createMailer<string>({ outbox, render, transport });
    const data = mailSamples.welcome;
    await mailer.enqueue(undefined, {
      template: 'welcome',
      to: 'a@example.com',
      locale: 'en',
      brand: look,
      data,
    });
    for (const _ of [1, 2]) await handlers.get('mail')?.(tasks[0]?.payload ?? {}, { id: 'out_8' });
    expect(new Set(mailbox.messages().map(({ messageId }) => messageId))).toEqual(
      new Set(['<out_8@id.example>']),
    );
  });

  it('refuses a recipient that is not one address before anything is written', async () => {
    const { tasks, outbox } = outboxOf();
    const mailer = createMailer<string>({ outbox, render, transport });
    const request = { template: 'welcome', to: 'a@b.example,c@d.example', locale: 'en' } as const;
    await expect(
      mailer.enqueue(undefined, { ...request, brand: look, data: mailSamples.welcome }),
    ).rejects.toMatchObject({ code: 'email.invalid' });
    expect(tasks).toEqual([]);
  });

  it('fails, to be tried again, when the server does not answer', async () => {
    const gone = await startDevMailbox({ smtpPort: 0, clock: systemClock });
    await gone.stop();
    const closed = createTransport({ smtpUrl: gone.smtpUrl, from: 'no-reply@id.example' });
    await expect(closed.send(mailTo('mika@example.com'))).rejects.toThrow();
    closed.close();
  });
});

describe('the development mailbox', () => {
  it('keeps the last 200 messages', async () => {
    for (let number = 0; number < 205; number += 1) {
      await transport.send(mailTo('mika@example.com', { subject: `Mail ${number}` }));
    }
    const subjects = mailbox.messages().map(({ subject }) => subject);
    expect(subjects).toHaveLength(200);
    expect(subjects.at(-1)).toBe('Mail 204');
    expect(subjects[0]).toBe('Mail 5');
  });

  it('waits for a mail that is still to come, and says what came instead', async () => {
    const awaited = mailbox.waitFor(({ subject }) => subject === 'Late');
    await transport.send(mailTo('mika@example.com', { subject: 'Late' }));
    expect((await awaited).text.trim()).toBe('Text');
    await expect(mailbox.waitFor(() => false, 1)).rejects.toThrow('there are: Late');
  });

  it('reads messages as a full parser does', async () => {
    const raw = Buffer.from(
      [
        'From: =?UTF-8?B?6Iiq56m6?= <no-reply@id.example>',
        'Subject: =?UTF-8?Q?caf=C3=A9_?=',
        ' =?UTF-8?B?44Kz44O844OJ?=',
        'Content-Type: multipart/alternative; boundary="b1"',
        '',
        '--b1',
        'Content-Type: text/plain; charset=utf-8',
        'Content-Transfer-Encoding: quoted-printable',
        '',
        'caf=C3=A9 =',
        'late',
        '--b1',
        'Content-Type: text/html; charset=utf-8',
        'Content-Transfer-Encoding: base64',
        '',
        Buffer.from('<p>カード</p>').toString('base64'),
        '--b1--',
        '',
      ].join('\r\n'),
    );
    const parsed: ParsedMail = await simpleParser(raw);
    const read = readMessage(raw);
    expect(read.subject).toBe(parsed.subject);
    expect(read.text).toBe(parsed.text);
    expect(read.html).toBe(parsed.html);
  });
});
