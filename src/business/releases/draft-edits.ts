/** Edits of a draft's items, judged one by one before any of them counts: what is wrong with one refuses them all. */
import { type ConfigurationFault, ConfigurationRefused } from '../layers/fault.ts';
import type { Items } from '../layers/folder.ts';
import { itemFaults } from '../layers/item-faults.ts';
import { type Json, type JsonObject, mergePatch } from '../layers/json.ts';
import type { ItemChanges, MergeConflict, Take } from '../layers/merge-items.ts';
import { unsafeFaults } from '../layers/unsafe-json.ts';
import { contentOf } from './draft.ts';
import {
  type ContentDeps,
  itemOf,
  itemOfRelease,
  mergedOnto,
  ontoOf,
  releaseById,
  storedChanges,
} from './draft-content.ts';
import {
  changeDraft,
  type DraftWriteDeps,
  reopened,
  sameVersion,
  stillOpen,
  storedDraft,
  type Who,
} from './draft-writes.ts';
import type { StoredChange, StoredDraft } from './model.ts';
import { handsOf, type StandingDeps } from './standing.ts';
import { targetOf } from './target.ts';

/** What is done to one item: put as a whole, merged with a patch (RFC 7386), or removed. */
export type ItemEdit = { item: string } & ({ put: Json } | { patch: Json } | { remove: true });

/** Edits as changes, or what is wrong with them. */
export interface Edited {
  changes: Map<string, JsonObject | undefined>;
  faults: ConfigurationFault[];
}

/** Most items that one draft changes. */
const mostChanges = 20_000;

/** What editing takes. */
type EditDeps = DraftWriteDeps & ContentDeps & StandingDeps;

/**
 * Changes items of a draft, all or none.
 * @param deps databases, clock, events, store, what is live
 * @param seen the draft's id and version
 * @param edits what is done to which item, in their order
 * @param who who does it
 * @throws ConfigurationRefused with every fault; DomainError `draft.changed`, `draft.closed`
 */
export async function writeEdits(
  deps: EditDeps,
  seen: { id: string; version: number },
  edits: readonly ItemEdit[],
  who: Who,
): Promise<StoredDraft> {
  const draft = stillOpen(sameVersion(await storedDraft(deps, seen.id), seen.version));
  const base = new Map<string, JsonObject>();
  const now = new Map<string, JsonObject>();
  for (const item of new Set(edits.map((edit) => edit.item))) {
    const [before, after] = await Promise.all([
      itemOfRelease(deps, draft.base, item),
      itemOf(deps, draft, item),
    ]);
    if (before) base.set(item, before);
    if (after) now.set(item, after);
  }
  const { changes, faults } = editedChanges(edits, (item) => now.get(item));
  const others = draft.changes.filter(({ item }) => !changes.has(item));
  if (faults.length > 0) throw new ConfigurationRefused(faults);
  return writeChanges(deps, { draft, base, changes, others }, who);
}

/**
 * Changes everything at once: what is not named is removed.
 * @param deps databases, clock, events, store, what is live
 * @param seen the draft's id and version
 * @param items every item the configuration is to have
 * @param who who does it
 * @throws ConfigurationRefused with every fault; DomainError `draft.changed`, `draft.closed`
 */
export async function writeWhole(
  deps: EditDeps,
  seen: { id: string; version: number },
  items: ReadonlyMap<string, Json>,
  who: Who,
): Promise<StoredDraft> {
  const draft = stillOpen(sameVersion(await storedDraft(deps, seen.id), seen.version));
  const { items: base } = await releaseById(deps, draft.base);
  const gone = [...base.keys()].filter((item) => !items.has(item));
  const edits: ItemEdit[] = [
    ...gone.map((item) => ({ item, remove: true as const })),
    ...[...items].map(([item, put]) => ({ item, put })),
  ];
  const { changes, faults } = editedChanges(edits, () => undefined);
  if (faults.length > 0) throw new ConfigurationRefused(faults);
  return writeChanges(deps, { draft, base, changes, others: [] }, who);
}

/** New contents are kept first: a crash between the two leaves contents that nothing refers to, and harms nobody. */
async function writeChanges(
  deps: EditDeps,
  given: { draft: StoredDraft; base: Items; changes: ItemChanges; others: readonly StoredChange[] },
  who: Who,
): Promise<StoredDraft> {
  const { draft, base, others } = given;
  const stored = storedChanges(base, given.changes);
  const changes = [...others, ...stored].sort((a, b) => (a.item < b.item ? -1 : 1));
  const faults = countFaults(changes);
  if (faults.length > 0) throw new ConfigurationRefused(faults);
  // What the base says already is stored with it.
  await deps.store.keep(
    stored.map(({ item }) => given.changes.get(item)).filter((each) => each !== undefined),
  );
  const content = contentOf(changes, draft.target);
  const hands = await handsOf(deps, who.by);
  return changeDraft(deps, { id: draft._id, version: draft.version }, who, (current) =>
    reopened(stillOpen(current), hands, { changes, content }, namesOf(given.changes)),
  );
}

/**
 * Carries a draft's changes over to another release.
 * @param deps databases, clock, events, store, what is live
 * @param seen the draft's id and version
 * @param how the other release (default: what is live at the target), and what to do with conflicts
 * @param who who does it
 * @returns the draft, unchanged where there are conflicts
 */
export async function writeRebase(
  deps: EditDeps,
  seen: { id: string; version: number },
  how: { onto?: string | undefined; take?: Take | undefined },
  who: Who,
): Promise<{ draft: StoredDraft; conflicts: MergeConflict[] }> {
  const draft = stillOpen(sameVersion(await storedDraft(deps, seen.id), seen.version));
  const release = how.onto ?? ontoOf(draft, targetOf(draft.target), deps.live.current());
  if (release === draft.base) return { draft, conflicts: [] };
  const onto = await releaseById(deps, release);
  const merged = await mergedOnto(deps, draft, onto, how.take);
  if (merged.conflicts.length > 0) return { draft, conflicts: merged.conflicts };
  const faults = [...merged.changes].flatMap(([item, document]) =>
    document ? itemFaults(item, document) : [],
  );
  if (faults.length > 0) throw new ConfigurationRefused(faults);
  const changes = storedChanges(onto.items, merged.changes);
  await deps.store.keep(documentsOf(merged.changes));
  const content = contentOf(changes, draft.target);
  const set = { base: onto.id, changes, content };
  const hands = await handsOf(deps, who.by);
  const written = await changeDraft(deps, seen, who, (current) =>
    content === current.content
      ? {
          set,
          unset: ['order', 'due', 'failure'],
          event: 'configuration.draft_changed',
          data: { base: onto.id },
        }
      : reopened(stillOpen(current), hands, set, { base: onto.id }),
  );
  return { draft: written, conflicts: [] };
}

/**
 * Applies edits, in their order.
 * @param edits what is done to which item
 * @param itemOf the item as the draft has it so far
 */
function editedChanges(edits: readonly ItemEdit[], itemOf: (item: string) => JsonObject | undefined): Edited {
  const changes = new Map<string, JsonObject | undefined>();
  const faults: ConfigurationFault[] = [];
  for (const edit of edits) {
    const { item } = edit;
    if ('remove' in edit) {
      changes.set(item, undefined);
      continue;
    }
    const now = changes.has(item) ? changes.get(item) : itemOf(item);
    const unsafe = 'patch' in edit ? unsafeFaults(item, edit.patch) : [];
    // Merging an unsafe patch would already do what it is refused for.
    if (unsafe.length > 0) {
      faults.push(...unsafe);
      continue;
    }
    const document = documentOf(edit, now);
    const found = itemFaults(item, document);
    faults.push(...found);
    if (found.length === 0) changes.set(item, document as JsonObject);
  }
  return { changes, faults };
}

function countFaults(changes: readonly StoredChange[]): ConfigurationFault[] {
  const over = changes[mostChanges];
  if (!over) return [];
  const expected = `at most ${mostChanges} changed items in a draft`;
  return [{ item: over.item, key: '', code: 'limit', expected, got: `${changes.length} items` }];
}

function documentsOf(changes: ItemChanges): JsonObject[] {
  return [...changes.values()].filter((document) => document !== undefined);
}

/** Which items were changed, for the event: names only, and not more than can be read. */
function namesOf(changes: ItemChanges): { items: string; count: number } {
  return { items: [...changes.keys()].slice(0, 20).join(' '), count: changes.size };
}

function documentOf(edit: { put: Json } | { patch: Json }, now: JsonObject | undefined): Json {
  return 'put' in edit ? edit.put : mergePatch(now, edit.patch);
}
