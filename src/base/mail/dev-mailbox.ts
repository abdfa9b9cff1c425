/**
 * The development mailbox: a real SMTP server on loopback that keeps the last messages in memory, so that people
 * and tests can read what would have been sent. Never started in production and never relays anything.
 */
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { type Clock, dateOf } from '../kernel/clock.ts';
import { type ReadMessage, readMessage } from './read-message.ts';

/** One caught message. */
export interface CaughtMessage extends ReadMessage {
  /** Number since the start, for addresses of pages. */
  number: number;
  /** The envelope's recipients. */
  to: readonly string[];
  /** ISO 8601. */
  receivedAt: string;
}

/** The mailbox. */
export interface DevMailbox {
  readonly port: number;
  /** Where a transport finds it. */
  readonly smtpUrl: string;
  /** Oldest first, at most 200. */
  messages(): readonly CaughtMessage[];
  /**
   * The first message, caught or still to come, that fits.
   * @param fits the condition
   * @param timeoutMs how long to wait (default 10 s)
   * @throws Error when none came in time; it lists subjects, never bodies
   */
  waitFor(fits: (message: CaughtMessage) => boolean, timeoutMs?: number): Promise<CaughtMessage>;
  /** Forgets everything caught so far. */
  clear(): void;
  stop(): Promise<void>;
}

const keptMessages = 200;
const largestMessage = 1024 * 1024;

/**
 * Starts the mailbox on 127.0.0.1.
 * @param options `smtpPort` (0: any free one), `clock`
 * @throws Error when the port is in use
 */
export async function startDevMailbox(options: { smtpPort: number; clock: Clock }): Promise<DevMailbox> {
  const caught: CaughtMessage[] = [];
  const listeners = new Set<(message: CaughtMessage) => void>();
  let count = 0;
  const keep = (raw: Buffer, to: string[]) => {
    count += 1;
    const message = {
      ...readMessage(raw),
      number: count,
      to,
      receivedAt: dateOf(options.clock).toISOString(),
    };
    caught.push(message);
    if (caught.length > keptMessages) caught.shift();
    for (const listener of listeners) listener(message);
  };
  const server = createServer(keep);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.smtpPort, '127.0.0.1', () => resolve());
  });
  // A client that hangs up in the middle is not a reason to stop catching mails.
  server.removeAllListeners('error').on('error', () => undefined);
  const { port } = server.server.address() as AddressInfo;
  return {
    port,
    smtpUrl: `smtp://127.0.0.1:${port}?ignoreTLS=true`,
    messages: () => [...caught],
    waitFor(fits, timeoutMs = 10_000) {
      const known = caught.find(fits);
      if (known) return Promise.resolve(known);
      return new Promise((resolve, reject) => {
        const listener = (message: CaughtMessage) => {
          if (!fits(message)) return;
          listeners.delete(listener);
          clearTimeout(timer);
          resolve(message);
        };
        const timer = setTimeout(() => {
          listeners.delete(listener);
          const subjects = caught.map((message) => message.subject).join(' | ');
          reject(new Error(`no such mail within ${timeoutMs} ms; there are: ${subjects || 'none'}`));
        }, timeoutMs);
        listeners.add(listener);
      });
    },
    clear: () => {
      caught.length = 0;
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function createServer(keep: (raw: Buffer, to: string[]) => void): SMTPServer {
  return new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: largestMessage,
    closeTimeout: 1000,
    logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        keep(
          Buffer.concat(chunks),
          session.envelope.rcptTo.map((recipient) => recipient.address),
        );
        done();
      });
    },
  });
}
