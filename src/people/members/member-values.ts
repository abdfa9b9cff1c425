/** What members have of attributes, as whoever changes the schema of attributes asks for it. */
import type { Clock } from '../../base/kernel/clock.ts';
import { countFailing } from '../../business/profiles/attribute-changes.ts';
import { isoDay } from '../../business/profiles/iso-day.ts';
import type { MemberValues } from '../../business/releases/schema-report.ts';
import type { AttributeScan } from './attribute-scan.ts';

/**
 * Answers by looking.
 * @param scan looks at the values of members
 * @param clock what counts as today
 */
export function memberValues(scan: AttributeScan, clock: Clock): MemberValues {
  return {
    hasValues: (attribute) => scan.hasValues(attribute),
    countFailing: (attribute, definition) =>
      countFailing(definition, scan.values(attribute), { today: isoDay(clock.now()) }),
  };
}
