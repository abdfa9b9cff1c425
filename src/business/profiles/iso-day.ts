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

/**
 * The day of a moment where somebody lives.
 * @param ms Unix milliseconds
 * @param timeZone IANA time zone
 */
export function dayIn(ms: number, timeZone: string): string {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    formats.set(timeZone, format);
  }
  const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]));
  return `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`;
}

/**
 * Whole years from a day of birth to another day; who was born on a leap day is a year older on 1 March.
 * @param born as yyyy-mm-dd
 * @param day as yyyy-mm-dd
 */
export function ageOn(born: string, day: string): number {
  const years = Number(day.slice(0, 4)) - Number(born.slice(0, 4));
  return day.slice(5) < born.slice(5) ? years - 1 : years;
}

/** By time zone, for the few the markets have: making one costs more than using it. */
const formats = new Map<string, Intl.DateTimeFormat>();
