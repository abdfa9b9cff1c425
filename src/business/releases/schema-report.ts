/**
 * What another attribute schema would do to the values that members have. Whoever knows members says what they have;
 * until then every attribute is taken to have values, so that nothing is lost unseen.
 */

import type { SiteOf } from '../layers/configuration.ts';
import { type Configuration, openConfiguration } from '../layers/configuration.ts';
import type { ConfigurationFault } from '../layers/fault.ts';
import type { Items } from '../layers/folder.ts';
import { sitesAmong } from '../layers/item-path.ts';
import { type AttributeDiff, diffSchema } from '../layers/schema-diff.ts';
import type { ChangeKind, Failing } from '../profiles/attribute-changes.ts';
import { endangersValues } from '../profiles/attribute-changes.ts';
import type { AttributeDefinition } from '../profiles/attribute-shape.ts';
import type { SitesOf } from './draft-check.ts';
import { reachedBy, type Target } from './target.ts';

/** What is known of members' values. */
export interface MemberValues {
  /** Whether any member has a value. */
  hasValues(attribute: string): Promise<boolean>;
  /** How many values a definition would refuse; undefined when nobody can tell. */
  countFailing(attribute: string, definition: AttributeDefinition): Promise<Failing | undefined>;
}

/** Nothing is known: every attribute may have values. */
export const unknownValues: MemberValues = {
  hasValues: async () => true,
  countFailing: async () => undefined,
};

/** A change of an attribute, and what it does to values. */
export interface SchemaChange {
  attribute: string;
  kind: ChangeKind;
  /** What of the definition changes: `type`, `class`, `retentionDays`, names of constraints. */
  details: readonly string[];
  /** The layer that defines it, or did. */
  item: string;
  /** Whether it goes live only when that is confirmed, for values would be without a fitting definition. */
  mustConfirm: boolean;
  /** How many values were looked at and how many would not fit any more; undefined when that does not matter. */
  values: Failing | undefined;
}

/** Two configurations, and where the one would follow the other. */
export interface SchemaQuestion {
  from: Configuration;
  items: Items;
  target: Target;
  sitesOf: SitesOf;
}

/**
 * What a configuration would do to values, counted.
 * @param question the configurations
 * @param values what is known of members' values
 */
export async function schemaReport(question: SchemaQuestion, values: MemberValues): Promise<SchemaChange[]> {
  const report: SchemaChange[] = [];
  for (const { definitions, ...change } of await endangered(question)) {
    const mustConfirm = await isOrphaned(change, values);
    const counts: Failing[] = [];
    for (const definition of endangersValues(change.kind) ? definitions : []) {
      const count = await values.countFailing(change.attribute, definition);
      if (count) counts.push(count);
    }
    report.push({ ...change, mustConfirm, values: worst(counts) });
  }
  return report;
}

/**
 * Attributes that members have values of and that would go or become another type, unless that is confirmed.
 * @param question the configurations
 * @param values what is known of members' values
 * @param confirmed names of attributes that may go
 */
export async function orphanFaults(
  question: SchemaQuestion,
  values: MemberValues,
  confirmed: readonly string[],
): Promise<ConfigurationFault[]> {
  const asked = (await endangered(question)).filter(({ attribute }) => !confirmed.includes(attribute));
  const changes = await orphanedAmong(asked, values);
  return changes.map(({ attribute, kind, item, details }) => {
    const gone = kind === 'removing';
    return {
      item,
      key: ['attributes', attribute, ...(gone ? [] : details.slice(0, 1))].join('.'),
      code: 'orphan' as const,
      expected: `what members’ values fit (or “${attribute}” confirmed to ${gone ? 'go' : 'change'})`,
      got: gone ? 'nothing' : `another ${details.join(', ')}`,
    };
  });
}

/**
 * The names of attributes that members have values of and that would go or become another type; nothing is counted.
 * @param question the configurations
 * @param values what is known of members' values
 */
export async function orphanNames(question: SchemaQuestion, values: MemberValues): Promise<string[]> {
  const changes = await orphanedAmong(await endangered(question), values);
  return [...new Set(changes.map(({ attribute }) => attribute))].sort();
}

async function orphanedAmong(
  changes: readonly AttributeDiff[],
  values: MemberValues,
): Promise<AttributeDiff[]> {
  const found: AttributeDiff[] = [];
  for (const change of changes) if (await isOrphaned(change, values)) found.push(change);
  return found;
}

async function endangered({ from, items, target, sitesOf }: SchemaQuestion): Promise<AttributeDiff[]> {
  const to = openConfiguration(items);
  const concerns = reachedBy(target, from, to);
  return diffSchema({ from, to, concerns, siteOf: await siteOf(from.items, items, sitesOf) });
}

/** Sites that say something of attributes are few. */
async function siteOf(from: Items, to: Items, sitesOf: SitesOf): Promise<SiteOf> {
  const saying = [...from, ...to].flatMap(([path, { attributes }]) => (attributes ? [path] : []));
  const ids = [...new Set(sitesAmong(saying))];
  const sites = ids.length > 0 ? await sitesOf(ids) : new Map();
  return (id) => sites.get(id);
}

async function isOrphaned(
  { kind, attribute }: Pick<AttributeDiff, 'kind' | 'attribute'>,
  values: MemberValues,
) {
  return (kind === 'removing' || kind === 'retyping') && (await values.hasValues(attribute));
}

/** Where brands define an attribute differently, the definition that fewest values meet. */
function worst(counts: readonly Failing[]): Failing | undefined {
  return [...counts].sort((a, b) => b.failing - a.failing)[0];
}
