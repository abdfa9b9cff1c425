/**
 * Publishing: a release goes live for the whole program, for regions or for markets, in one transaction with its event,
 * or not at all. Rolling back is publishing an older release. Never judges a release: whoever publishes has checked it.
 */
import type { Database } from '../../base/db/connection.ts';
import { inTransaction, isDuplicateKey, type Tx } from '../../base/db/transaction.ts';
import type { Events } from '../../base/events/record.ts';
import { type Clock, dateOf } from '../../base/kernel/clock.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { Ids } from '../../base/kernel/ids.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import { type Configuration, openConfiguration } from '../layers/configuration.ts';
import type { Items } from '../layers/folder.ts';
import { legalPath } from '../layers/item-path.ts';
import { canonicalJson } from '../layers/json.ts';
import { legalSources, legalTextHash } from '../layers/legal-hashes.ts';
import { innermostOf, regionChain } from '../layers/region-chain.ts';
import { legalTextId, publishedHashes } from './legal-texts.ts';
import {
  type Author,
  headId,
  headModel,
  legalTextModel,
  type PublicationKind,
  publicationModel,
  type StoredHead,
  type StoredPublication,
} from './model.ts';
import type { LoadedRelease, ReleaseStore } from './release-store.ts';
import { storedTarget, type Target } from './target.ts';

/** Why something goes live, for the record. */
export interface Occasion {
  kind: PublicationKind;
  /** The draft it comes from. */
  draft?: string;
  /** The publication that is undone. */
  undone?: string;
  /** Why an earlier state comes back. */
  reason?: string;
}

/** A publication to make. */
export interface Publication {
  release: string;
  target: Target;
  by: Author;
  /** The head's version that the decision was made on; another one since then refuses it. */
  expectedVersion?: number;
  visit: Visit;
  /** Default: it is published. */
  occasion?: Occasion;
}

/** What publishing is made of. */
export interface PublishDeps {
  db: Database;
  clock: Clock;
  ids: Ids;
  events: Events;
  store: ReleaseStore;
  /** Releases in memory: what the new one has in common with them is not read again. */
  known?(): readonly LoadedRelease[];
}

/** Further writes of a publication's transaction. */
export type Inside = (tx: Tx, publication: StoredPublication) => Promise<void>;

/**
 * Makes a release live.
 * @param deps databases, clock, ids, events, store
 * @param publication which release, where, by whom
 * @param inside further writes of the same transaction
 * @returns the record of it, with the head's new version
 * @throws DomainError `release.unknown`, `configuration.changed` when another publication came first
 */
export async function publish(
  deps: PublishDeps,
  publication: Publication,
  inside: Inside = async () => {},
): Promise<StoredPublication> {
  const release = await deps.store.read(publication.release, deps.known?.());
  if (!release) throw new DomainError('release.unknown');
  let opened: Configuration | undefined;
  const places = () => {
    opened ??= openConfiguration(release.items);
    return opened;
  };
  return changeHead(deps, publication, inside, async (before, tx) => {
    const next = nextHead(before, publication, places);
    await keepLegalTexts(deps, release.items, tx);
    return next;
  });
}

/**
 * Undoes the last publication: what was live before it is live again, everywhere at once.
 * @param deps databases, clock, ids, events, store
 * @param undo the publication, and the release to name for it
 * @param inside further writes of the same transaction
 * @returns the record of it
 * @throws DomainError `publication.not_last`
 */
export async function restore(
  deps: PublishDeps,
  undo: Publication & { undone: StoredPublication },
  inside: Inside = async () => {},
): Promise<StoredPublication> {
  const { version, before: earlier } = undo.undone;
  return changeHead(deps, undo, inside, async (before) => {
    if (!earlier || before?.version !== version) throw new DomainError('publication.not_last');
    return { ...earlier, _id: headId, version: version + 1 };
  });
}

/** The one way a head changes: with its record and its event, in one transaction that nothing came before. */
async function changeHead(
  deps: PublishDeps,
  publication: Publication,
  inside: Inside,
  nextOf: (before: StoredHead | undefined, tx: Tx) => Promise<StoredHead>,
): Promise<StoredPublication> {
  return inTransaction(deps.db, async (tx) => {
    const before =
      (await headModel(deps.db.main).findById(headId).session(tx).lean<StoredHead>()) ?? undefined;
    const { expectedVersion } = publication;
    if (expectedVersion !== undefined && expectedVersion !== (before?.version ?? 0))
      throw new DomainError('configuration.changed');
    const next = await nextOf(before, tx);
    await writeHead(deps, next, before, tx);
    const noted = await notePublication(deps, { publication, next, before }, tx);
    await inside(tx, noted);
    return noted;
  });
}

/**
 * The head after a publication. What goes live for a whole ends what was live in its parts: in regions within a region,
 * in markets of a region.
 * @param before the head that it follows
 * @param publication which release, where
 * @param places which market lies in which region; asked only where parts of the program are aimed at
 */
export function nextHead(
  before: Omit<StoredHead, '_id'> | undefined,
  { release, target }: Pick<Publication, 'release' | 'target'>,
  places: () => Pick<Configuration, 'program' | 'regionsOf'>,
): StoredHead {
  const version = (before?.version ?? 0) + 1;
  if (target === 'all' || !before) return { _id: headId, version, all: release, regions: [], markets: [] };
  const { program, regionsOf } = places();
  const covered = (chain: readonly string[]) => chain.some((region) => target.regions.includes(region));
  const aimed = (
    known: StoredHead['regions'],
    ids: readonly string[],
    chainOf: (id: string) => readonly string[],
  ) => [
    ...known.filter(({ id }) => !ids.includes(id) && !covered(chainOf(id))),
    ...ids.map((id) => ({ id, release })),
  ];
  const regions = aimed(before.regions, target.regions, (id) => regionChain(program, id));
  const markets = aimed(before.markets, target.markets, regionsOf);
  const inRegions = new Map(regions.map((each) => [each.id, each.release]));
  const inherited = (chain: readonly string[]) => innermostOf(chain, inRegions) ?? before.all;
  return {
    _id: headId,
    version,
    all: before.all,
    // What is live around a place anyway is not its own: it goes on with whatever is published there.
    regions: regions.filter(
      ({ id, release: own }) => own !== inherited(regionChain(program, id).slice(0, -1)),
    ),
    markets: markets.filter(({ id, release: own }) => own !== inherited(regionsOf(id))),
  };
}

async function writeHead(
  deps: PublishDeps,
  next: StoredHead,
  before: StoredHead | undefined,
  tx: Tx,
): Promise<void> {
  const heads = headModel(deps.db.main);
  if (!before) {
    try {
      await heads.create([next], { session: tx });
    } catch (error) {
      if (isDuplicateKey(error)) throw new DomainError('configuration.changed');
      throw error;
    }
    return;
  }
  const { _id, ...rest } = next;
  const written = await heads.updateOne({ _id, version: before.version }, { $set: rest }, { session: tx });
  if (written.matchedCount === 0) throw new DomainError('configuration.changed');
}

/** Whoever agrees to a text agrees to exactly this one: it is kept when it first goes live. */
async function keepLegalTexts(deps: PublishDeps, items: Items, tx: Tx): Promise<void> {
  const hashes = await publishedHashes(deps.db, items, tx);
  const texts = legalSources(items).map((text) => ({
    ...text,
    id: legalTextId(text),
    hash: legalTextHash(text.source),
  }));
  for (const { id, hash } of texts)
    if (hashes.has(id) && hashes.get(id) !== hash) throw new DomainError('release.legal_text_changed');
  const missing = texts.filter(({ id }) => !hashes.has(id));
  const rows = missing.map(({ id, hash, source, document }) => ({
    _id: id,
    hash,
    source,
    document: canonicalJson(items.get(legalPath(document))?.document),
    at: dateOf(deps.clock),
  }));
  if (rows.length > 0) await legalTextModel(deps.db.main).insertMany(rows, { session: tx });
}

async function notePublication(
  deps: PublishDeps,
  given: { publication: Publication; next: StoredHead; before: StoredHead | undefined },
  tx: Tx,
): Promise<StoredPublication> {
  const { next, before } = given;
  const { release, target, by, visit, occasion = { kind: 'publish' } } = given.publication;
  const { regions, markets } = storedTarget(target);
  const { _id, ...rest } = before ?? { _id: '' };
  const noted: StoredPublication = {
    _id: deps.ids.timeOrdered('pub', deps.clock.now()),
    ...occasion,
    release,
    by,
    at: dateOf(deps.clock),
    regions,
    markets,
    version: next.version,
    before: before ? (rest as Omit<StoredHead, '_id'>) : null,
  };
  await publicationModel(deps.db.main).create([noted], { session: tx });
  const { draft, undone } = occasion;
  await deps.events.record(tx, {
    type: occasion.kind === 'publish' ? 'configuration.published' : 'configuration.rolled_back',
    visit,
    data: {
      release,
      regions: regions.join(' '),
      markets: markets.join(' '),
      version: next.version,
      ...(draft !== undefined && { draft }),
      ...(undone !== undefined && { undone }),
    },
  });
  return noted;
}
