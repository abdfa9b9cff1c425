/** What tests of the people modules have in common: a clock they can move, and visits. */
import type { Clock } from '../../src/base/kernel/clock.ts';
import { systemVisit, type Visit } from '../../src/base/kernel/visit.ts';

/** A clock that stands still until it is moved. */
export function movableClock(iso = '2026-06-01T09:30:00Z'): Clock & { move(ms: number): void } {
  let now = Date.parse(iso);
  return {
    now: () => now,
    move: (ms) => {
      now += ms;
    },
  };
}

/** A member's visit at the airline's site, unless told otherwise. */
export function visitOf(change: Partial<Visit> = {}): Visit {
  return {
    ...systemVisit('trace-of-test', { kind: 'member', id: 'mbr_test' }),
    clientId: 'aurora-air',
    brand: 'aurora-air',
    market: 'us',
    ip: '203.0.113.7',
    userAgent:
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
    deviceId: 'device-of-test',
    ...change,
  };
}
