/**
 * Observability, health: owns whether this process should receive requests. Live means the process runs; ready
 * means every named dependency answers in time and nobody asked it to stop. Never tells where a dependency is.
 */
import type { Clock } from '../kernel/clock.ts';

/** Resolves when the dependency works. */
export type HealthCheck = () => Promise<unknown>;

/** Whether the process is ready, and the state of each dependency by name. */
export interface Readiness {
  ready: boolean;
  draining: boolean;
  checks: Readonly<Record<string, 'ok' | 'failing'>>;
}

/** The health of the process. */
export interface Health {
  /** Runs the checks, at most once a second; callers at the same time share one run. */
  ready(): Promise<Readiness>;
  /** From now on not ready: the process is asked to stop. */
  drain(): void;
}

/** What {@link createHealth} needs. */
export interface HealthDeps {
  /** Checks by name, such as `{ database: ping }`. */
  checks: Readonly<Record<string, HealthCheck>>;
  clock: Clock;
  /** How long one check may take, in milliseconds (default 500). */
  timeoutMs?: number;
  /** How long an answer is kept, in milliseconds (default 1000). */
  cacheMs?: number;
}

/**
 * Builds the health of the process.
 * @param deps checks, clock and patience
 */
export function createHealth(deps: HealthDeps): Health {
  const { checks, clock, timeoutMs = 500, cacheMs = 1000 } = deps;
  let draining = false;
  let known: { at: number; states: Promise<Readiness['checks']> } | undefined;
  return {
    async ready() {
      if (!known || clock.now() - known.at >= cacheMs) {
        known = { at: clock.now(), states: runAll(checks, timeoutMs) };
      }
      const states = await known.states;
      const ready = !draining && Object.values(states).every((state) => state === 'ok');
      return { ready, draining, checks: states };
    },
    drain() {
      draining = true;
    },
  };
}

async function runAll(
  checks: Readonly<Record<string, HealthCheck>>,
  timeoutMs: number,
): Promise<Readiness['checks']> {
  const states = Object.entries(checks).map(
    async ([name, check]) => [name, await stateOf(check, timeoutMs)] as const,
  );
  return Object.fromEntries(await Promise.all(states));
}

async function stateOf(check: HealthCheck, timeoutMs: number): Promise<'ok' | 'failing'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the health check took too long')), timeoutMs);
  });
  try {
    await Promise.race([Promise.resolve().then(check), late]);
    return 'ok';
  } catch {
    return 'failing';
  } finally {
    clearTimeout(timer);
  }
}
