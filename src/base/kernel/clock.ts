/** The kernel's clock: the only reader of the machine's time. Never formats, never waits. */

/** A source of time; tests pass one they can move. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => Date.now() };

/**
 * The clock's present as a Date, for documents and mails.
 * @param clock the injected clock
 * @param offsetMs milliseconds to add (negative for the past)
 */
export function dateOf(clock: Clock, offsetMs = 0): Date {
  return new Date(clock.now() + offsetMs);
}

/**
 * The clock's present in whole seconds, the unit of `exp`, `iat` and `auth_time` (RFC 7519 section 2).
 * @param clock the injected clock
 */
export function epochSeconds(clock: Clock): number {
  return Math.floor(clock.now() / 1000);
}
