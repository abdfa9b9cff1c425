/**
 * The outbox: durable work (mails, logout notices, clean-up of a member's sessions) written in the transaction of
 * the change that asks for it, done at least once afterwards. It never decides what the work is; handlers do,
 * and each must bear being run twice.
 */
import type { Connection, Model } from 'mongoose';
import type { Clock } from '../kernel/clock.ts';
import { dateOf } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Sealer } from '../kernel/sealing.ts';
import { type Fields, type IndexDeclaration, modelOf, trusted } from './schema.ts';
import { afterCommit, type Tx } from './transaction.ts';

/** Work to be done. */
export interface OutboxTask {
  /** Names the handler, such as `mail`. */
  kind: string;
  /** What the handler needs; sealed at rest. */
  payload: Record<string, unknown>;
  /** Not to be started before this time (default: at once). */
  notBefore?: Date;
}

/** How a handler learns what it is doing. */
export interface OutboxAttempt {
  /** The task's id: the same at each attempt, so it can serve as an idempotency key. */
  id: string;
  /** 1 at the first try. */
  attempt: number;
}

/** Does one kind of work; throwing means "try again later". */
export type OutboxHandler = (payload: Record<string, unknown>, attempt: OutboxAttempt) => Promise<void>;

/** The outbox as other modules see it. */
export interface Outbox {
  /** Writes a task, in the caller's transaction where there is one. */
  add(task: OutboxTask, tx?: Tx): Promise<void>;
  /** Registers the one handler of a kind. */
  handle(kind: string, handler: OutboxHandler): void;
  /** Does everything that is due now; called by the job queue and after each commit. Returns how many were tried. */
  run(): Promise<number>;
  /** Resolves when nothing that this process began is under way any more. */
  idle(): Promise<void>;
  /** Stops beginning new work. */
  stop(): Promise<void>;
  /** Age of the oldest due task in seconds (0 when there is none), for metrics and `doctor`. */
  oldestDueSeconds(): Promise<number>;
}

interface OutboxRecord {
  _id: string;
  kind: string;
  sealed: string;
  state: 'due' | 'done' | 'dead';
  notBefore: Date;
  leasedUntil: Date;
  attempts: number;
  createdAt: Date;
  lastError?: string;
  expiresAt?: Date;
}

const fields: Fields<OutboxRecord> = {
  _id: String,
  kind: { type: String, required: true },
  sealed: { type: String, required: true },
  state: { type: String, required: true },
  notBefore: { type: Date, required: true },
  leasedUntil: { type: Date, required: true },
  attempts: { type: Number, required: true },
  createdAt: { type: Date, required: true },
  lastError: String,
  expiresAt: Date,
};

/** Indexes of the outbox. */
export const outboxIndexes: IndexDeclaration[] = [
  { collection: 'outbox', keys: { state: 1, notBefore: 1 } },
  { collection: 'outbox', keys: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } },
];

/** Tasks under way at once in one process: a slow mail server must not hold up logout notices. */
const workers = 4;
const leaseMs = 60_000;
const keepDoneMs = 24 * 3_600_000;
const maxAttempts = 12;
/** First retry after 5 s, doubling, at most an hour apart: the last try comes about seven hours later. */
const backoffMs = (attempt: number) => Math.min(5_000 * 2 ** (attempt - 1), 3_600_000);

/** What the outbox is made of. */
export interface OutboxDeps {
  connection: Connection;
  clock: Clock;
  ids: Ids;
  sealer: Sealer;
  /** Told of each failed attempt; `dead` when it was the last. */
  onFailure: (kind: string, error: unknown, dead: boolean) => void;
}

/**
 * Builds the outbox.
 * @param deps connection, clock, ids, sealer and a listener for failures
 */
export function createOutbox(deps: OutboxDeps): Outbox {
  const model = modelOf<OutboxRecord>(deps.connection, 'outbox', fields);
  const handlers = new Map<string, OutboxHandler>();
  let running: Promise<number> | undefined;
  let again = false;
  let stopped = false;

  const nudge = () => {
    if (stopped) return;
    if (running) {
      again = true;
      return;
    }
    void run().catch((error) => deps.onFailure('outbox', error, false));
  };

  async function worker(): Promise<number> {
    for (let tried = 0; ; tried += 1) {
      const task = stopped ? null : await lease(model, deps.clock, [...handlers.keys()]);
      if (!task) return tried;
      await attempt(model, deps, task, handlers.get(task.kind));
    }
  }

  async function drain(): Promise<number> {
    let tried = 0;
    do {
      again = false;
      const counts = await Promise.all(Array.from({ length: workers }, worker));
      tried += counts.reduce((sum, count) => sum + count, 0);
    } while (again && !stopped);
    return tried;
  }

  function run(): Promise<number> {
    running ??= drain().finally(() => {
      running = undefined;
    });
    return running;
  }

  return {
    async add(task, tx) {
      const id = deps.ids.timeOrdered('out', deps.clock.now());
      const record: OutboxRecord = {
        _id: id,
        kind: task.kind,
        sealed: deps.sealer.seal(JSON.stringify(task.payload), `outbox.sealed.${id}`),
        state: 'due',
        notBefore: task.notBefore ?? dateOf(deps.clock),
        leasedUntil: new Date(0),
        attempts: 0,
        createdAt: dateOf(deps.clock),
      };
      await model.create([record], tx ? { session: tx } : {});
      if (tx) afterCommit(tx, nudge);
      else nudge();
    },
    handle(kind, handler) {
      if (handlers.has(kind)) throw new Error(`outbox kind ${kind} has a handler already`);
      handlers.set(kind, handler);
    },
    run,
    async idle() {
      while (running) await running.catch(() => undefined);
    },
    async stop() {
      stopped = true;
      while (running) await running.catch(() => undefined);
    },
    async oldestDueSeconds() {
      const now = dateOf(deps.clock);
      const oldest = await model
        .findOne({ state: 'due', notBefore: trusted({ $lte: now }) })
        .sort({ notBefore: 1 })
        .lean();
      return oldest ? Math.max(0, (deps.clock.now() - oldest.notBefore.getTime()) / 1000) : 0;
    },
  };
}

/** Takes one due task that nobody holds; the lease ends by itself when the process dies. */
function lease(model: Model<OutboxRecord>, clock: Clock, kinds: string[]) {
  const now = dateOf(clock);
  return model
    .findOneAndUpdate(
      {
        state: 'due',
        notBefore: trusted({ $lte: now }),
        leasedUntil: trusted({ $lte: now }),
        kind: trusted({ $in: kinds }),
      },
      { $set: { leasedUntil: dateOf(clock, leaseMs) }, $inc: { attempts: 1 } },
      { sort: { notBefore: 1 }, returnDocument: 'after' },
    )
    .lean();
}

async function attempt(
  model: Model<OutboxRecord>,
  deps: OutboxDeps,
  task: OutboxRecord,
  handler: OutboxHandler | undefined,
): Promise<void> {
  try {
    if (!handler) throw new Error(`no handler for outbox kind ${task.kind}`);
    const payload = JSON.parse(deps.sealer.open(task.sealed, `outbox.sealed.${task._id}`).toString());
    await handler(payload, { id: task._id, attempt: task.attempts });
    await model.updateOne(
      { _id: task._id },
      { $set: { state: 'done', expiresAt: dateOf(deps.clock, keepDoneMs) } },
    );
  } catch (error) {
    const dead = task.attempts >= maxAttempts;
    deps.onFailure(task.kind, error, dead);
    await model.updateOne(
      { _id: task._id },
      {
        $set: {
          state: dead ? 'dead' : 'due',
          notBefore: dateOf(deps.clock, backoffMs(task.attempts)),
          leasedUntil: new Date(0),
          lastError: error instanceof Error ? error.name : 'unknown',
        },
      },
    );
  }
}
