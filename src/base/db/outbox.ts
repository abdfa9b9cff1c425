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
import { afterCommit, isDuplicateKey, type Tx } from './transaction.ts';

/** Work to be done. */
export interface OutboxTask {
  /** Names the handler, such as `mail`. */
  kind: string;
  /** What the handler needs; sealed at rest. */
  payload: Record<string, unknown>;
  /** Not to be started before this time (default: at once). */
  notBefore?: Date;
  /** Derived from the work this task follows from, so that the same task cannot be added twice (default: a new one). */
  id?: string;
  /** Whom the work depends on, such as one relying party: when slow, it holds up only what has the same lane. */
  lane?: string;
}

/** How a handler learns what it is doing. */
export interface OutboxAttempt {
  /** The task's id: the same at each attempt, so it can serve as an idempotency key. */
  id: string;
  /** 1 at the first try. */
  attempt: number;
  /** Whether this is the last try: when it fails, the task is given up. */
  last: boolean;
}

/** Does one kind of work; throwing means "try again later". */
export type OutboxHandler = (payload: Record<string, unknown>, attempt: OutboxAttempt) => Promise<void>;

/** The outbox as other modules see it. */
export interface Outbox {
  /**
   * Writes a task, in the caller's transaction where there is one. A task of a given id that exists already is left
   * as it is; in a transaction that is a duplicate key, which ends the transaction.
   */
  add(task: OutboxTask, tx?: Tx): Promise<void>;
  /** Writes several tasks in the caller's transaction, by one command. */
  addAll(tasks: readonly OutboxTask[], tx: Tx): Promise<void>;
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
  lane?: string;
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
  lane: String,
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
/** Of these, one lane takes at most so many. */
const workersOfLane = 2;
/** A lane whose failure took this long is left alone for a while: whoever does not answer must not keep workers waiting. */
const slowMs = 2_000;
const restMs = 30_000;
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
  const lanes = createLanes(deps.clock);
  /** Workers at work, each promising how many tasks it tried. */
  const active = new Set<Promise<number>>();
  let turn: Promise<Leased | undefined> = Promise.resolve(undefined);
  let nudges = 0;
  let stopped = false;

  async function leaseNext(): Promise<Leased | undefined> {
    const task = stopped ? null : await lease(model, deps.clock, [...handlers.keys()], lanes.closed());
    return task ? { task, leave: lanes.enter(task.lane) } : undefined;
  }

  /** One worker at a time takes a task, so that no two of them overlook that a lane is full. */
  function take(): Promise<Leased | undefined> {
    turn = turn.then(leaseNext, leaseNext);
    return turn;
  }

  async function worker(): Promise<number> {
    for (let tried = 0; ; ) {
      const nudged = nudges;
      const leased = await take();
      if (leased) {
        tried += 1;
        leased.leave(await attempt(model, deps, leased.task, handlers.get(leased.task.kind)));
      } else if (stopped || nudged === nudges) return tried;
    }
  }

  /** Wakes every worker that has nothing to do: work that is slow must not keep other work waiting. */
  function wake(): void {
    nudges += 1;
    while (active.size < workers && !stopped) {
      const working = worker().finally(() => active.delete(working));
      active.add(working);
      working.catch((error) => deps.onFailure('outbox', error, false));
    }
  }

  async function run(): Promise<number> {
    wake();
    const seen = new Set<Promise<number>>();
    while (active.size > 0) {
      for (const working of active) seen.add(working);
      await Promise.all(active);
    }
    return (await Promise.all(seen)).reduce((sum, count) => sum + count, 0);
  }

  const idle = async () => {
    while (active.size > 0) await Promise.allSettled(active);
  };

  return {
    async add(task, tx) {
      try {
        await model.create([recordOf(task, deps)], tx ? { session: tx } : {});
      } catch (error) {
        if (tx || task.id === undefined || !isDuplicateKey(error)) throw error;
      }
      if (tx) afterCommit(tx, wake);
      else wake();
    },
    async addAll(tasks, tx) {
      await model.insertMany(
        tasks.map((task) => recordOf(task, deps)),
        { session: tx },
      );
      afterCommit(tx, wake);
    },
    handle(kind, handler) {
      if (handlers.has(kind)) throw new Error(`outbox kind ${kind} has a handler already`);
      handlers.set(kind, handler);
    },
    run,
    idle,
    async stop() {
      stopped = true;
      await idle();
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

/** A task in the hands of a worker, and how to say that it lets go of it. */
interface Leased {
  task: OutboxRecord;
  leave: (done: boolean) => void;
}

function recordOf(task: OutboxTask, { clock, ids, sealer }: OutboxDeps): OutboxRecord {
  const id = task.id ?? ids.timeOrdered('out', clock.now());
  return {
    _id: id,
    kind: task.kind,
    ...(task.lane !== undefined && { lane: task.lane }),
    sealed: sealer.seal(JSON.stringify(task.payload), `outbox.sealed.${id}`),
    state: 'due',
    notBefore: task.notBefore ?? dateOf(clock),
    leasedUntil: new Date(0),
    attempts: 0,
    createdAt: dateOf(clock),
  };
}

/** Takes one due task that nobody holds; the lease ends by itself when the process dies. */
function lease(model: Model<OutboxRecord>, clock: Clock, kinds: string[], closedLanes: string[]) {
  const now = dateOf(clock);
  return model
    .findOneAndUpdate(
      {
        state: 'due',
        notBefore: trusted({ $lte: now }),
        leasedUntil: trusted({ $lte: now }),
        kind: trusted({ $in: kinds }),
        ...(closedLanes.length > 0 && { lane: trusted({ $nin: closedLanes }) }),
      },
      { $set: { leasedUntil: dateOf(clock, leaseMs) }, $inc: { attempts: 1 } },
      { sort: { notBefore: 1 }, returnDocument: 'after' },
    )
    .lean();
}

/** Who is at work for whom, and whom to leave alone; each process learns it for itself. */
function createLanes(clock: Clock) {
  const busy = new Map<string, number>();
  const restingUntil = new Map<string, number>();
  return {
    /** Lanes to take nothing from at this moment. */
    closed(): string[] {
      for (const [lane, until] of restingUntil) if (until <= clock.now()) restingUntil.delete(lane);
      const full = [...busy].filter(([, count]) => count >= workersOfLane).map(([lane]) => lane);
      return [...new Set([...full, ...restingUntil.keys()])];
    },
    /** Takes a place; the returned function gives it back and is told whether the work was done. */
    enter(lane: string | undefined): (done: boolean) => void {
      if (lane === undefined) return () => undefined;
      const since = clock.now();
      busy.set(lane, (busy.get(lane) ?? 0) + 1);
      return (done) => {
        const left = (busy.get(lane) ?? 1) - 1;
        if (left > 0) busy.set(lane, left);
        else busy.delete(lane);
        if (!done && clock.now() - since >= slowMs) restingUntil.set(lane, clock.now() + restMs);
      };
    },
  };
}

/** One try; says whether the work is done. */
async function attempt(
  model: Model<OutboxRecord>,
  deps: OutboxDeps,
  task: OutboxRecord,
  handler: OutboxHandler | undefined,
): Promise<boolean> {
  const last = task.attempts >= maxAttempts;
  try {
    if (!handler) throw new Error(`no handler for outbox kind ${task.kind}`);
    const payload = JSON.parse(deps.sealer.open(task.sealed, `outbox.sealed.${task._id}`).toString());
    await handler(payload, { id: task._id, attempt: task.attempts, last });
    await model.updateOne(
      { _id: task._id },
      { $set: { state: 'done', expiresAt: dateOf(deps.clock, keepDoneMs) } },
    );
    return true;
  } catch (error) {
    deps.onFailure(task.kind, error, last);
    await model.updateOne(
      { _id: task._id },
      {
        $set: {
          state: last ? 'dead' : 'due',
          notBefore: dateOf(deps.clock, backoffMs(task.attempts)),
          leasedUntil: new Date(0),
          lastError: error instanceof Error ? error.name : 'unknown',
        },
      },
    );
    return false;
  }
}
