/** From the time on a wall to the instant it means. Pure. */

/**
 * The instant of a local time; where clocks go back it is the first of the two, where they go forward the one after.
 * @param local as `datetime-local` inputs write it, such as `2026-06-01T09:30`
 * @param zone IANA name of the time zone
 * @returns milliseconds since 1970; undefined when either is none
 */
export function instantOf(local: string, zone: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?$/.test(local)) return undefined;
  const asUtc = Date.parse(`${local}${local.length === 16 ? ':00' : ''}Z`);
  if (Number.isNaN(asUtc)) return undefined;
  const before = offsetAt(asUtc - 86_400_000, zone);
  const after = offsetAt(asUtc + 86_400_000, zone);
  if (before === undefined || after === undefined) return undefined;
  const fits = [asUtc - before, asUtc - after].find((instant) => asUtc - instant === offsetAt(instant, zone));
  return fits ?? asUtc - before;
}

/** How far a zone's clocks are ahead of UTC at an instant, in milliseconds. */
function offsetAt(instant: number, zone: string): number | undefined {
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
    const { year, month, day, hour, minute, second } = parts;
    return (
      Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) - Math.floor(instant / 1000) * 1000
    );
  } catch {
    return undefined;
  }
}
