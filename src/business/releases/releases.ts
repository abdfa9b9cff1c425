/**
 * The releases: the program's configuration as immutable versions, and which of them is live where. Owns what was
 * configured, by whom and when. Never knows a member, and never says what a page asks.
 */

import type { Connection } from 'mongoose';
import type { Database } from '../../base/db/connection.ts';
import type { Watch, WatchListener } from '../../base/db/watch.ts';
import type { Events } from '../../base/events/record.ts';
import { type Clock, dateOf } from '../../base/kernel/clock.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { Ids } from '../../base/kernel/ids.ts';
import { systemVisit } from '../../base/kernel/visit.ts';
import type { Items } from '../layers/folder.ts';
import { followLive, type Live } from './live.ts';
import { headId, headModel, legalTextModel, type StoredLegalText, type StoredPublication } from './model.ts';
import { type Inside, type Publication, publish, restore } from './publish.ts';
import { createReleaseStore, type ReleaseStore } from './release-store.ts';

/** A legal text that was live once. */
export interface PublishedText {
  id: string;
  version: string;
  language: string;
  source: string;
  hash: string;
  /** The document's description, canonical JSON. */
  document: string;
}

/** The releases as other modules see them. */
export interface Releases {
  live: Live;
  store: ReleaseStore;
  /** Makes a release live; this process has taken it over when the promise is fulfilled. */
  publish(publication: Publication, inside?: Inside): Promise<StoredPublication>;
  /** Undoes the last publication, in the same way. @throws DomainError `publication.not_last` */
  undo(undo: Parameters<typeof restore>[1]): Promise<StoredPublication>;
  /** Every legal text that ever went live. */
  publishedTexts(): Promise<PublishedText[]>;
}

/** What the releases are made of. */
export interface ReleasesDeps {
  db: Database;
  clock: Clock;
  ids: Ids;
  events: Events;
  watch: (connection: Connection, collection: string, listener: WatchListener) => Promise<Watch>;
  /** Told when a new head cannot be taken over. */
  onTrouble(error: unknown): void;
  /** Items of the first release, where nothing was ever published. @throws ConfigurationRefused */
  firstItems(): Items;
}

/**
 * Opens the releases; an empty database gets its first release from the configuration folder.
 * @param deps databases, clock, ids, events, the folder
 */
export async function openReleases(deps: ReleasesDeps): Promise<Releases> {
  const store = createReleaseStore(deps.db.main, deps.clock);
  const publishing = { ...deps, store };
  if (!(await headModel(deps.db.main).exists({ _id: headId }))) await publishFirst(publishing);
  const live = await followLive({
    connection: deps.db.main,
    store,
    watch: deps.watch,
    onTrouble: deps.onTrouble,
  });
  const known = () =>
    live
      .current()
      .releases()
      .map(({ release }) => release);
  /** What is published stays so, also where this process cannot take it over yet: it tries again by itself. */
  const taken = async (publishes: Promise<StoredPublication>) => {
    const publication = await publishes;
    await live.reload().catch(deps.onTrouble);
    return publication;
  };
  return {
    live,
    store,
    publish: (publication, inside) => taken(publish({ ...publishing, known }, publication, inside)),
    undo: (undo) => taken(restore(publishing, undo)),
    async publishedTexts() {
      const rows = await legalTextModel(deps.db.main).find({}).lean<StoredLegalText[]>();
      return rows.map(({ _id, source, hash, document }) => {
        const [id = '', version = '', language = ''] = _id.split(':');
        return { id, version, language, source, hash, document };
      });
    },
  };
}

/** Several processes may start on an empty database: one of them is first, the others take over what it published. */
async function publishFirst(deps: ReleasesDeps & { store: ReleaseStore }): Promise<void> {
  const author = { kind: 'system' as const, id: 'first-start' };
  const release = await deps.store.write({
    items: deps.firstItems(),
    parent: undefined,
    author,
    message: 'Configuration folder at the first start',
    at: dateOf(deps.clock),
  });
  try {
    await publish(deps, {
      release: release.id,
      target: 'all',
      by: author,
      expectedVersion: 0,
      visit: systemVisit(deps.ids.id('job')),
    });
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'configuration.changed')) throw error;
  }
}
