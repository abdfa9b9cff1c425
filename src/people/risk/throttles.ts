/**
 * Throttles: how often one may try, by person, browser and network. It owns the limits and their counters; it
 * never judges a proof, never locks an account, and never knows whether an identifier leads to anybody.
 */
import type { Connection } from 'mongoose';
import type { Clock } from '../../base/kernel/clock.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import { keyedHash } from '../../base/kernel/sealing.ts';
import type { Metrics } from '../../base/observability/metrics.ts';
import { addressBucket } from './addresses.ts';
import { createFailureDelays, type DelayRule } from './failure-delays.ts';
import { createNetworkCounts } from './network-counts.ts';
import { createWindowLimits, type WindowRule } from './window-limiter.ts';

/** How one kind of attempt is limited. */
interface Limits {
  /** Per person, growing waits: strict for a browser we do not know, patient with one we do. */
  delays?: { unknown: DelayRule; known: DelayRule };
  /** Per person (and per known device apart): so many in so much time. */
  person?: WindowRule;
  /** Per network address, over all persons; known devices are not counted. */
  network: WindowRule;
  /** Over everybody: where the proof is short and not bound to a person, guessing from many places counts together. */
  everybody?: WindowRule;
}

const hour = 3600;

/** Every limit of the house. Windows are in seconds. */
export const limiters = {
  /** A password is tried. Refunded on success. */
  'sign-in': {
    delays: {
      unknown: { free: 5, longestSeconds: 900, most: 100 },
      known: { free: 10, longestSeconds: 60, most: 100 },
    },
    network: { points: 100, seconds: 900 },
  },
  /** A registration mails its recipient. */
  register: { person: { points: 5, seconds: hour }, network: { points: 30, seconds: hour } },
  /** A code is mailed, the first or another one. */
  'mail-code': { person: { points: 5, seconds: hour }, network: { points: 60, seconds: hour } },
  /** A code is tried, over all flows. Refunded on success. */
  'code-try': { person: { points: 20, seconds: hour }, network: { points: 100, seconds: hour } },
  /** A device asks for codes, which anybody's may: a flood from one network, far beyond what a fleet behind it does. */
  'device-start': { network: { points: 30_000, seconds: 900 } },
  /** The code of a waiting device is tried, by browser. Refunded when it leads to one (RFC 8628 section 5.1). */
  'device-code': {
    person: { points: 5, seconds: 900 },
    network: { points: 20, seconds: 900 },
    everybody: { points: 2000, seconds: 900 },
  },
  /** A way back into an account is asked for. */
  recover: { person: { points: 5, seconds: hour }, network: { points: 30, seconds: hour } },
  /** Any form of the hosted pages: a flood from one network, far beyond what people do. */
  edge: { network: { points: 6000, seconds: 60 } },
  /** A way through an upstream begins or comes back. */
  upstream: { network: { points: 120, seconds: 900 } },
  /** A client asks to have a member authenticated by backchannel; counted per client and account, not by network. */
  backchannel: { person: { points: 10, seconds: hour }, network: { points: 6000, seconds: hour } },
} as const satisfies Record<string, Limits>;

/** Names a limit; also the metric's label. */
export type LimiterName = keyof typeof limiters;

/** Whom an attempt is about and where it comes from. */
export interface ThrottleKeys {
  /** The member, when the identifier leads to one: all their identifiers count together. */
  member?: string | undefined;
  /** What was typed, in its normal form: counted when it leads to nobody, exactly alike. */
  identifier?: string | undefined;
  /** Address of the caller after trusted proxies. */
  ip?: string | undefined;
  /** The browser's device id, ONLY when this member has signed in on it before; no stranger can use it up. */
  device?: string | undefined;
}

/** The limits as routes and flows see them. */
export interface Throttles {
  /**
   * Counts an attempt, before it is judged and outside any transaction. Throws `limit.reached` with the seconds
   * to wait and {seconds, minutes} for the text. A sign-in costs one command.
   */
  attempt(limiter: LimiterName, keys: ThrottleKeys): Promise<void>;
  /** Takes the count back after success: the same keys as at the attempt. A sign-in costs no command of its own. */
  reward(limiter: LimiterName, keys: ThrottleKeys): Promise<void>;
  /** Forgets a member's failed sign-ins after a proven recovery. */
  forgive(keys: { member: string; device?: string | undefined }): Promise<void>;
  /** Writes what is still only in memory. */
  settle(): Promise<void>;
  /** Writes what is still only in memory and rests. */
  close(): Promise<void>;
}

/** What the limits are made of. */
export interface ThrottlesDeps {
  connection: Connection;
  clock: Clock;
  /** Key of the counters' names, so that they name nobody. */
  hmacKey: Buffer;
  metrics: Pick<Metrics, 'limited'>;
  /** Told when counts could not be written in the background; they stay and are tried again. */
  onFailure?: (error: unknown) => void;
  /** How long ended failures and counts of networks stay in memory alone, in milliseconds (default 1000). */
  settleEveryMs?: number;
}

/**
 * Builds the limits (NIST SP 800-63B-4 section 3.2.2; ASVS 5.0 6.3.1).
 * @param deps connection of the main database, clock, key, metrics
 */
export function createThrottles(deps: ThrottlesDeps): Throttles {
  const delays = createFailureDelays(deps);
  const networks = createNetworkCounts(deps);
  const windows = createWindowLimits(deps);
  /** Failures that a success ended and the database does not know of yet. */
  const ended = new Set<string>();

  const keyOf = (...parts: string[]) => keyedHash(deps.hmacKey, 'throttle', ...parts);

  async function personWait(limits: Limits, person: string, known: boolean): Promise<number> {
    if (limits.person) return windows.attempt(person, limits.person);
    if (!limits.delays) return 0;
    const rule = known ? limits.delays.known : limits.delays.unknown;
    return delays.attempt(person, rule, ended.delete(person));
  }

  const { settle, settleSoon, close } = createSettling(deps, async () => {
    // They stay ended until the database knows: an attempt in between begins afresh too.
    const keys = [...ended];
    if (keys.length > 0) await delays.forget(keys);
    for (const key of keys) ended.delete(key);
    await networks.merge();
  });
  const settleNews = () => {
    if (ended.size > 0 || networks.hasNews()) settleSoon();
  };

  return {
    async attempt(name, keys) {
      const limits: Limits = limiters[name];
      const { person, network, known } = countersOf(name, keys, keyOf);
      let waitMs = network === undefined ? 0 : networks.attempt(network, limits.network);
      if (waitMs === 0 && person !== undefined) waitMs = await personWait(limits, person, known);
      if (waitMs === 0 && limits.everybody)
        waitMs = networks.attempt(keyOf(name, 'everybody'), limits.everybody);
      settleNews();
      if (waitMs > 0) refuse(name, waitMs, deps.metrics);
    },
    async reward(name, keys) {
      const limits: Limits = limiters[name];
      const { person, network } = countersOf(name, keys, keyOf);
      if (network !== undefined) networks.refund(network, limits.network);
      if (limits.everybody) networks.refund(keyOf(name, 'everybody'), limits.everybody);
      if (person !== undefined && limits.delays) ended.add(person);
      if (person !== undefined && limits.person) await windows.refund(person, limits.person);
      settleNews();
    },
    async forgive({ member, device }) {
      const everywhere = countersOf('sign-in', { member }, keyOf).person;
      const here = countersOf('sign-in', { member, device }, keyOf).person;
      await delays.forget([everywhere, here].filter((key) => key !== undefined));
    },
    settle,
    close,
  };
}

/** Runs the writing now, or soon in the background; at most one waits. */
function createSettling(
  deps: Pick<ThrottlesDeps, 'onFailure' | 'settleEveryMs'>,
  settle: () => Promise<void>,
) {
  let timer: NodeJS.Timeout | undefined;
  const rest = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  return {
    settle,
    settleSoon() {
      timer ??= setTimeout(() => {
        rest();
        settle().catch((error) => deps.onFailure?.(error));
      }, deps.settleEveryMs ?? 1000).unref();
    },
    async close() {
      rest();
      await settle();
    },
  };
}

/** Which counters an attempt touches: at most one of a person, and one of a network unless the device is known. */
function countersOf(name: LimiterName, keys: ThrottleKeys, keyOf: (...parts: string[]) => string) {
  const { member, identifier, device, ip } = keys;
  const who = member ? ['member', member] : identifier ? ['typed', foldTyped(identifier)] : undefined;
  const known = member && device ? [device] : undefined;
  const bucket = known || !ip ? undefined : addressBucket(ip);
  return {
    known: known !== undefined,
    person: who && keyOf(name, ...who, ...(known ?? [])),
    network: bucket && keyOf(name, 'network', bucket),
  };
}

/** What was typed, so that case, spaces and spelling variants do not make it somebody new. */
function foldTyped(identifier: string): string {
  return identifier.normalize('NFKC').trim().toLowerCase();
}

function refuse(name: LimiterName, waitMs: number, metrics: Pick<Metrics, 'limited'>): never {
  metrics.limited(name);
  const seconds = Math.ceil(waitMs / 1000);
  throw new DomainError('limit.reached', {
    retryAfter: seconds,
    params: { seconds, minutes: Math.ceil(seconds / 60) },
  });
}
