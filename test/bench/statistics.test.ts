import { describe, expect, it } from '@jest/globals';
import { median, percentile, total } from '../../bench/measure/statistics.ts';

describe('the bench’s statistics', () => {
  it('takes the middle value, or the mean of the two middle ones', () => {
    expect(median([30, 10, 20])).toBe(20);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([7])).toBe(7);
  });

  it('sorts by number, not by letter, and leaves the values as they were', () => {
    const values = [100, 9, 20];
    expect(median(values)).toBe(20);
    expect(values).toEqual([100, 9, 20]);
  });

  it('takes percentiles by nearest rank', () => {
    const values = Array.from({ length: 200 }, (_, index) => index + 1);
    expect(percentile(values, 50)).toBe(100);
    expect(percentile(values, 99)).toBe(198);
    expect(percentile(values, 100)).toBe(200);
    expect(percentile([5], 99)).toBe(5);
    expect(percentile([5, 6], 0)).toBe(5);
  });

  it('knows no median or percentile of nothing', () => {
    expect(median([])).toBeNaN();
    expect(percentile([], 50)).toBeNaN();
  });

  it('sums, and knows no sum when a part is unknown', () => {
    expect(total([1, 2, 3])).toBe(6);
    expect(total([1, undefined])).toBeUndefined();
  });
});
