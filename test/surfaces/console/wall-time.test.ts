import { describe, expect, it } from '@jest/globals';
import { instantOf } from '../../../src/surfaces/console/wall-time.ts';

const iso = (local: string, zone: string) => {
  const instant = instantOf(local, zone);
  return instant === undefined ? undefined : new Date(instant).toISOString();
};

describe('the time on a wall', () => {
  it.each([
    ['2026-07-01T09:30', 'UTC', '2026-07-01T09:30:00.000Z'],
    ['2026-07-01T09:30', 'Europe/Berlin', '2026-07-01T07:30:00.000Z'],
    ['2026-12-01T09:30:15', 'Europe/Berlin', '2026-12-01T08:30:15.000Z'],
    ['2026-07-01T09:30', 'Asia/Tokyo', '2026-07-01T00:30:00.000Z'],
    ['2026-01-01T00:00', 'America/New_York', '2026-01-01T05:00:00.000Z'],
    ['2026-07-01T09:30', 'Asia/Kolkata', '2026-07-01T04:00:00.000Z'],
  ])('%s in %s is %s', (local, zone, instant) => {
    expect(iso(local, zone)).toBe(instant);
  });

  it('means the first of two where clocks go back', () => {
    expect(iso('2026-10-25T02:30', 'Europe/Berlin')).toBe('2026-10-25T00:30:00.000Z');
  });

  it('means the hour after where clocks go forward', () => {
    expect(iso('2026-03-29T02:30', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z');
  });

  it.each([
    ['2026-13-01T09:30', 'UTC'],
    ['2026-07-01', 'UTC'],
    ['tomorrow', 'UTC'],
    ['2026-07-01T09:30', 'Mars/Olympus'],
    ['2026-07-01T09:30', ''],
  ])('is none: %s in %s', (local, zone) => {
    expect(instantOf(local, zone)).toBeUndefined();
  });
});
