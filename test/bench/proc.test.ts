import { describe, expect, it } from '@jest/globals';
import { parseStat, parseStatus } from '../../bench/measure/proc.ts';

describe('reading /proc', () => {
  const line =
    '4711 (node) S 1 4711 4711 0 -1 4194304 9000 0 0 0 250 75 0 0 20 0 27 0 123456 1100000000 27000 184467';

  it('reads user and system time in seconds', () => {
    expect(parseStat(line)).toEqual({ user: 2.5, system: 0.75 });
  });

  it('is not misled by spaces and parentheses in a command name', () => {
    expect(parseStat(line.replace('(node)', '(node) S (1 2) x)'))).toEqual({ user: 2.5, system: 0.75 });
  });

  it('refuses what is no stat line', () => {
    expect(() => parseStat('')).toThrow(RangeError);
    expect(() => parseStat('4711 (node) S 1')).toThrow(RangeError);
  });

  it('reads present and highest resident memory in bytes', () => {
    const text = 'Name:\tnode\nVmPeak:\t  900 kB\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\nThreads:\t11\n';
    expect(parseStatus(text)).toEqual({ now: 1024 * 1024, peak: 2048 * 1024 });
  });

  it('refuses a status without memory, as of a process that has ended', () => {
    expect(() => parseStatus('Name:\tnode\nState:\tZ (zombie)\n')).toThrow(RangeError);
  });
});
