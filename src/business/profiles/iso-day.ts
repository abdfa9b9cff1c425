/** Days as ISO 8601 writes them, `yyyy-mm-dd`. Pure. */

/**
 * Whether a text is a day that exists.
 * @param text such as `2024-02-29`
 */
export function isIsoDay(text: string): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) || text.startsWith('0000')) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && isoDay(at) === text;
}

/**
 * The day of a moment in UTC.
 * @param ms Unix milliseconds
 */
export function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
