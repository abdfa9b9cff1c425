/** Says what a large configuration costs. Owns the words; measures nothing. */
import type { ConfigurationFigures } from './measure/configuration.ts';
import { number, table } from './report.ts';

/**
 * The figures as a table.
 * @param figures what was measured
 */
export function configurationTable(figures: ConfigurationFigures): string {
  const { sites, lookUp, firstLookUp, openSeconds, bytesPerSite, publishMs } = figures;
  const rows = [
    ['look-up of a site’s experience, µs (no database command)', number(lookUp.experienceNs / 1000), '100'],
    ['the same key in a plain Map, µs', number(lookUp.mapNs / 1000), ''],
    ['first look-up of a site after a release, ms, p50', number(firstLookUp.p50), ''],
    ['first look-up of a site after a release, ms, p99', number(firstLookUp.p99), ''],
    ['opening the configuration from the database, s', number(openSeconds), '5'],
    ['memory per site, KiB: its layer', number(bytesPerSite.released / 1024), ''],
    ['memory per site, KiB: with its experience joined', number(bytesPerSite.joined / 1024), ''],
    ['publish until another follower has it, ms', number(publishMs), '1,000'],
  ];
  return [
    `Configuration of 5 brands × 20 markets and ${sites.toLocaleString('en')} sites, each with a layer of its own`,
    table(['figure', 'measured', 'goal: under'], rows),
  ].join('\n');
}
