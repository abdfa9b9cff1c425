/** What only a development start has: the embedded database and the mailbox with its pages. */
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from './base/config/load.ts';
import { startMongod, withDatabase } from './base/db/mongod.ts';
import { mailboxEntries, mailboxView } from './base/http/dev-views.ts';
import { route } from './base/http/routes.ts';
import type { Clock } from './base/kernel/clock.ts';
import { DomainError } from './base/kernel/errors.ts';
import { type DevMailbox, startDevMailbox } from './base/mail/dev-mailbox.ts';
import type { Log } from './base/observability/log.ts';
import type { ExtraRoutes } from './compose.ts';

/** What a development start brings up beside the issuer. */
export interface DevelopmentParts {
  embeddedUri?: string;
  mailbox?: DevMailbox;
  stop(): Promise<void>;
}

/**
 * Starts what the configuration leaves open: a database where no address is given, a mailbox where no mail server is.
 * @param config process configuration
 * @param deps clock, log, environment for finding a database server, and a signal that gives up
 * @throws Error with a message for people when no database server can be had
 */
export async function startDevelopmentParts(
  config: Config,
  deps: { clock: Clock; log: Log; env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<DevelopmentParts> {
  const mongod = config.mongodbUri
    ? undefined
    : await startMongod({
        dataDir: join(config.dataDir, 'db'),
        log: deps.log,
        env: deps.env,
        signal: deps.signal,
      });
  const mailbox = config.smtpUrl ? undefined : await startDevMailbox({ smtpPort: 0, clock: deps.clock });
  return {
    ...(mongod && { embeddedUri: withDatabase(mongod.uri, 'symbolon') }),
    ...(mailbox && { mailbox }),
    async stop() {
      await mailbox?.stop();
      await mongod?.stop();
    },
  };
}

/**
 * The mailbox's pages.
 * @param mailbox the running mailbox
 */
export function mailboxRoutes(mailbox: DevMailbox): ExtraRoutes {
  return ({ pages }) => [
    route({
      name: 'dev.mailbox',
      method: 'GET',
      path: '/dev/mailbox',
      handle(ctx) {
        const place = pages.place(ctx, { scope: '' });
        const entries = mailboxEntries(mailbox.messages(), (number) => `/dev/mailbox/${number}`);
        pages.show(ctx, place, { view: mailboxView, data: { entries } });
      },
    }),
    route({
      name: 'dev.mail',
      method: 'GET',
      path: '/dev/mailbox/:number',
      input: { params: z.object({ number: z.coerce.number().int() }) },
      handle(ctx, { params }) {
        const message = mailbox.messages().find(({ number }) => number === params.number);
        if (!message) throw new DomainError('route.not_found');
        ctx.type = 'html';
        // A mail brings its own inline styles; nothing else of it may run or load.
        ctx.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox");
        ctx.body = message.html;
      },
    }),
  ];
}
