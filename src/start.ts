/**
 * Starting and stopping an issuer in one process: databases, migrations, composition, jobs and the two listeners.
 * main.ts calls it for people, tests and the bench call it for themselves.
 */
import type { Database } from './base/db/connection.ts';
import { startJobs } from './base/db/jobs.ts';
import { migrate, migrationStatus } from './base/db/migrations.ts';
import { createEdgeServer } from './base/http/server.ts';
import { dateOf } from './base/kernel/clock.ts';
import type { Ids } from './base/kernel/ids.ts';
import { systemVisit } from './base/kernel/visit.ts';
import { graceMs, rotateDue } from './base/keys/schedule.ts';
import { createHealth } from './base/observability/health.ts';
import { createOpsServer } from './base/observability/ops-server.ts';
import { compose, type ExtraRoutes, type Issuer } from './compose.ts';
import { type Core, composeCore, type Foundations, openDatabase } from './compose-core.ts';
import { migrations } from './migrations.ts';
import { mayStillPublish } from './surfaces/desk/standing.ts';

/** What a start needs beyond the configuration. */
export interface StartOptions extends Foundations {
  /** Address of the embedded database, where none is configured. */
  embeddedUri?: string;
  /** Where mails go. */
  smtpUrl: string;
  extraRoutes?: ExtraRoutes;
}

/** A running issuer. */
export interface RunningIssuer {
  issuer: Issuer;
  db: Database;
  /** Ports actually listened on. */
  port: number;
  opsPort: number;
  /** Stops in order: not ready, no new connections, finish requests and jobs, close the databases. */
  stop(): Promise<void>;
}

const second = 1_000;
const hour = 3_600_000;

/**
 * Starts an issuer.
 * @param options configuration, clock, ids, log, metrics, mail server
 */
export async function startIssuerProcess(options: StartOptions): Promise<RunningIssuer> {
  const { config, clock, ids, log, metrics } = options;
  const opened: (() => Promise<unknown>)[] = [];
  const closeAll = async () => {
    for (const close of opened.splice(0).reverse()) await close();
  };
  try {
    const db = await openDatabase(config, options.embeddedUri);
    opened.push(() => db.close());
    const applied = await migrate(db, migrations, { clock, holder: ids.id('proc') });
    if (applied.length > 0) log.info({ applied }, 'migrations applied');
    const core = await composeCore({ config, clock, ids, log, metrics }, db);
    opened.push(() => core.close());
    const issuer = await compose(core, options.smtpUrl, options.extraRoutes);
    opened.push(() => issuer.close());
    const health = healthOf(core);
    const ops = createOpsServer({ metrics, health });
    const opsPort = await ops.listen(config.opsHost, config.opsPort);
    opened.push(() => ops.close());
    const server = createEdgeServer(issuer.app.callback());
    metrics.watch('requestsInFlight', () => server.inFlight());
    const port = await server.listen(config.host, config.port);
    issuer.listensAt(port);
    const stopServer = () => server.stop(config.drainSeconds * second);
    opened.push(stopServer);
    const jobs = await startJobs(db.main, recurringJobs(issuer), (name, error) => {
      log.warn({ job: name, error }, 'a job failed');
    });
    // Ended after the listener, whose last requests may still owe something.
    opened.splice(opened.indexOf(stopServer), 0, () => jobs.stop());
    const stop = async () => {
      health.drain();
      await closeAll();
    };
    return { issuer, db, port, opsPort, stop };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function healthOf({ clock, db, keys }: Core) {
  return createHealth({
    clock,
    checks: {
      database: () => db.main.db?.command({ ping: 1 }) ?? Promise.reject(new Error('not connected')),
      keys: async () => keys.publishedJwks().length > 0 || Promise.reject(new Error('no signing key')),
      migrations: async () => {
        const { pending } = await migrationStatus(db, migrations);
        if (pending.length > 0) throw new Error('migrations are pending');
      },
    },
  });
}

function recurringJobs({ core, people, outbox }: Issuer) {
  const { keys, events, config, clock, ids, workflow, clients, releases } = core;
  const mayPublish = mayStillPublish({ ...people, clients, releases });
  return [
    { name: 'outbox.sweep', everyMs: 5 * second, run: async () => void (await outbox.run()) },
    {
      name: 'keys.purge',
      everyMs: hour,
      run: async () =>
        void (await keys.purgeRetired(dateOf(clock, -graceMs(config.session.absoluteSeconds)))),
    },
    {
      // Hourly, though keys live for months: it only looks, and a deployment that restarts daily must not miss it.
      name: 'keys.rotate',
      everyMs: hour,
      run: async () =>
        void (await rotateDue(keys, {
          now: clock.now(),
          days: config.keyRotationDays,
          note: (use) => (tx, key) =>
            events.record(tx, { type: 'key.rotated', visit: systemVisit(ids.id('job')), data: { use, key } }),
        })),
    },
    {
      name: 'configuration.publish',
      everyMs: second,
      run: async (keepAlive: () => Promise<void>) => {
        const { trouble } = await workflow.publishing.carryOutDue(mayPublish, keepAlive);
        if (trouble !== undefined) throw trouble;
      },
    },
    {
      // What it removes is a month old: not hourly, yet often enough that a deployment that restarts daily does not miss it.
      name: 'configuration.sweep',
      everyMs: 6 * hour,
      run: async (keepAlive: () => Promise<void>) => void (await workflow.sweepContents(keepAlive)),
    },
    {
      name: 'passwords.repepper',
      everyMs: hour,
      run: (keepAlive: () => Promise<void>) => repepper(people, keepAlive),
    },
    {
      // Reads every member's record once where any attribute has a retention: not hourly, yet often enough that a
      // deployment that restarts daily does not miss it.
      name: 'attributes.keep',
      everyMs: 6 * hour,
      run: (keepAlive: () => Promise<void>) => keepAttributes(core.ids, people, keepAlive),
    },
  ];
}

/** Removes values whose time is over and seals those that have become sensitive, a hundred members at a time. */
function keepAttributes(ids: Ids, people: Issuer['people'], keepAlive: () => Promise<void>): Promise<void> {
  const visit = systemVisit(ids.id('job'));
  return inBatches(keepAlive, (after) => people.attributeKeeping.keep({ after, size: 100 }, visit));
}

/** After a rotation of the pepper every stored hash is sealed anew, a hundred at a time, without any password. */
function repepper({ passwords }: Issuer['people'], keepAlive: () => Promise<void>): Promise<void> {
  return inBatches(keepAlive, (after) =>
    passwords.repepper({ size: 100, ...(after !== undefined && { after }) }),
  );
}

/** Goes on from where each batch ended, until one is the last. */
async function inBatches(
  keepAlive: () => Promise<void>,
  batch: (after: string | undefined) => Promise<{ next?: string | undefined }>,
): Promise<void> {
  let after: string | undefined;
  do {
    after = (await batch(after)).next;
    await keepAlive();
  } while (after !== undefined);
}
