/** The items behind a draft: what it is based on, what it makes of that, and how its changes come together with others. */
import { DomainError } from '../../base/kernel/errors.ts';
import type { Items } from '../layers/folder.ts';
import type { JsonObject } from '../layers/json.ts';
import { type ItemChanges, type Merged, mergeChanges, type Take } from '../layers/merge-items.ts';
import { deltaOf } from './draft.ts';
import type { Live, LiveConfiguration } from './live.ts';
import type { StoredChange, StoredDraft } from './model.ts';
import { addressOf, type LoadedRelease, type ReleaseStore } from './release-store.ts';
import { liveAt, type Target } from './target.ts';

/** What reading a draft's items takes. */
export interface ContentDeps {
  store: ReleaseStore;
  live: Pick<Live, 'current'>;
}

/**
 * A release with its items; what is live is at hand.
 * @param deps store, what is live
 * @param id the release
 * @throws DomainError `release.unknown`
 */
export async function releaseById({ store, live }: ContentDeps, id: string): Promise<LoadedRelease> {
  const loaded = live
    .current()
    .releases()
    .map(({ release }) => release);
  const found = loaded.find((release) => release.id === id) ?? (await store.read(String(id), loaded));
  if (!found) throw new DomainError('release.unknown');
  return found;
}

/**
 * One item of a release, without reading the others.
 * @param deps store, what is live
 * @param release the release
 * @param item the item's path
 */
export async function itemOfRelease(
  { store, live }: ContentDeps,
  release: string,
  item: string,
): Promise<JsonObject | undefined> {
  const loaded = live
    .current()
    .releases()
    .find((each) => each.release.id === release);
  if (loaded) return loaded.release.items.get(item);
  const hash = await store.hashOf(release, item);
  return hash === undefined ? undefined : store.content(hash);
}

/**
 * One item as a draft has it.
 * @param deps store, what is live
 * @param draft as stored
 * @param item the item's path
 * @throws DomainError `draft.contents_gone`
 */
export async function itemOf(
  deps: ContentDeps,
  draft: StoredDraft,
  item: string,
): Promise<JsonObject | undefined> {
  const change = draft.changes.find((each) => each.item === item);
  if (!change) return itemOfRelease(deps, draft.base, item);
  if (change.hash === undefined) return undefined;
  return (await deps.store.content(change.hash)) ?? lostContent(draft, item);
}

/**
 * The release that a draft's changes are applied to where it goes live: what is live there, without what the draft
 * itself has put live there before. Where several releases are live at the target it is the draft's base when that is
 * one of them, otherwise that of the whole program.
 * @param draft as stored
 * @param target where it goes live
 * @param live what is live
 */
export function ontoOf(
  { base, stages }: Pick<StoredDraft, 'base' | 'stages'>,
  target: Target,
  live: LiveConfiguration,
): string {
  const before = (id: string): string => {
    const stage = stages.find(({ release }) => release === id);
    return stage ? before(stage.onto) : id;
  };
  const found = [...new Set(liveAt(target, live).map(({ release }) => before(release.id)))];
  const [only, another] = found;
  if (only !== undefined && another === undefined) return only;
  return found.includes(base) ? base : before(live.all.release.id);
}

/**
 * What a draft puts and removes.
 * @param deps store
 * @param draft as stored
 * @throws DomainError `draft.contents_gone`
 */
export async function changesOf(
  { store }: Pick<ContentDeps, 'store'>,
  { changes, state }: Pick<StoredDraft, 'changes' | 'state'>,
): Promise<Map<string, JsonObject | undefined>> {
  const documents = await store.contents(changes.flatMap(({ hash }) => hash ?? []));
  return new Map(
    changes.map(({ item, hash }) => {
      const document = hash === undefined ? undefined : documents.get(hash);
      return [item, document ?? (hash === undefined ? undefined : lostContent({ state }, item))];
    }),
  );
}

/** What a withdrawn draft says is removed after a while; nothing else loses anything. */
function lostContent({ state }: Pick<StoredDraft, 'state'>, item: string): never {
  if (state === 'withdrawn') throw new DomainError('draft.contents_gone');
  throw new Error(`a draft has lost ${item}`);
}

/**
 * Changes as a draft keeps them; what the base says already is left out.
 * @param base the items they are meant for
 * @param changes what is put and removed
 */
export function storedChanges(base: Items, changes: ItemChanges): StoredChange[] {
  return [...changes]
    .flatMap(([item, document]): StoredChange[] => {
      const before = base.get(item);
      if (!document) return before ? [{ item, delta: deltaOf(before, undefined) }] : [];
      const hash = addressOf(document);
      if (before && addressOf(before) === hash) return [];
      return [{ item, hash, delta: deltaOf(before, document) }];
    })
    .sort((a, b) => (a.item < b.item ? -1 : 1));
}

/**
 * What a draft's changes come to on another release than they were meant for.
 * @param deps store, what is live
 * @param draft as stored
 * @param onto the other release
 * @param take what to do with conflicts
 */
export async function mergedOnto(
  deps: ContentDeps,
  draft: StoredDraft,
  onto: LoadedRelease,
  take?: Take,
): Promise<Merged> {
  const changes = await changesOf(deps, draft);
  if (onto.id === draft.base) return { changes, conflicts: [] };
  const base = await releaseById(deps, draft.base);
  return mergeChanges(base.items, onto.items, changes, take);
}
