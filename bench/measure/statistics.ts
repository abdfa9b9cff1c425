/** The bench's arithmetic: medians, percentiles, sums. Pure; owns nothing. */

/**
 * The median: the middle value, or the mean of the two middle ones.
 * @param values numbers in any order; empty gives NaN
 */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length % 2 === 1) return at(sorted, Math.floor(middle));
  return (at(sorted, middle - 1) + at(sorted, middle)) / 2;
}

/**
 * A percentile by nearest rank: the smallest value with at least that share of values at or under it.
 * @param values numbers in any order; empty gives NaN
 * @param percent 0 to 100
 */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return at(sorted, Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1));
}

/**
 * Sums what is known; undefined as soon as one part is.
 * @param values figures that may be missing on this system
 */
export function total(values: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const value of values) {
    if (value === undefined) return undefined;
    sum += value;
  }
  return sum;
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? Number.NaN;
}
