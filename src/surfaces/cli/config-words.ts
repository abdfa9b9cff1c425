/** Configuration changes in words, for a terminal. Pure. */
import type { ItemChange } from '../../business/layers/diff.ts';
import { type ConfigurationFault, faultText, glimpse } from '../../business/layers/fault.ts';
import type { KeyChange } from '../../business/layers/json-changes.ts';
import type { MergeConflict } from '../../business/layers/merge-items.ts';
import type { OwnRelease } from '../../business/releases/live.ts';
import type { Author } from '../../business/releases/model.ts';
import type { Place, Target } from '../../business/releases/target.ts';

const marks = { added: '+', removed: '-', changed: '~' } as const;

/** Differences as lines: one for an item, one for each of its keys. */
export function differenceLines(differences: readonly ItemChange[]): string[] {
  return differences.flatMap(({ item, change, keys }) => [
    `${marks[change]} ${item}`,
    ...keys.map(
      ({ key, change: what, from, to }) => `    ${marks[what]} ${key}: ${valuesOf(what, from, to)}`,
    ),
  ]);
}

function valuesOf(change: KeyChange['change'], from: KeyChange['from'], to: KeyChange['to']): string {
  if (change === 'added') return glimpse(to);
  return change === 'removed' ? glimpse(from) : `${glimpse(from)} → ${glimpse(to)}`;
}

/** Conflicts as lines. */
export function conflictLines(conflicts: readonly MergeConflict[]): string[] {
  return conflicts.map(
    ({ item, key, base, theirs, yours }) =>
      `! ${item}${key === '' ? '' : `: ${key}`}: was ${glimpse(base)}, is live as ${glimpse(theirs)}, yours is ${glimpse(yours)}`,
  );
}

/** What a configuration names that nobody has made yet, as lines. */
export function warningLines(warnings: readonly ConfigurationFault[]): string[] {
  if (warnings.length === 0) return [];
  return ['', 'It names clients that nobody has registered yet:', ...indented(warnings.map(faultText))];
}

/** Where something goes live. */
export function targetText(target: Target): string {
  if (target === 'all') return 'everywhere';
  return [
    ...target.regions.map((region) => `region ${region}`),
    ...target.markets.map((market) => `market ${market}`),
  ].join(', ');
}

/** Who did something. */
export function authorText({ kind, id }: Author): string {
  return `${kind} ${id}`;
}

/** Regions and markets by name. */
export function placesText(places: readonly Place[]): string {
  return places.map(({ kind, id }) => `${kind} ${id}`).join(', ');
}

/** What members would lose, and how to say that they may. */
export function orphansText(attributes: readonly string[]): string {
  return [
    `Members have values of these attributes, which would be left without a definition that they fit: ${attributes.join(', ')}.`,
    `Say ${attributes.map((attribute) => `--may-lose ${attribute}`).join(' ')} when you publish, or keep the attributes.`,
  ].join('\n');
}

/** One line for each region and market that has a release of its own. */
export function ownLines(own: readonly OwnRelease[]): string[] {
  return own.map(
    ({ kind, id, live: { release } }) =>
      `In ${kind} ${id} a release of its own is live: ${release.id}, ${JSON.stringify(release.message)}.`,
  );
}

/** Lines below a line of their own. */
export function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
