/**
 * The live configuration in memory: which release counts where, swapped as a whole when the head changes. Trusted only
 * while its change stream lives; otherwise `refresh` reads the head before a request goes on. A release that cannot be
 * read leaves the one before it live.
 */
import type { Connection } from 'mongoose';
import type { Watch, WatchListener } from '../../base/db/watch.ts';
import { type Configuration, openConfiguration } from '../layers/configuration.ts';
import { innermostOf, regionChain } from '../layers/region-chain.ts';
import { headId, headModel, releaseCollections, type StoredHead } from './model.ts';
import type { LoadedRelease, ReleaseStore } from './release-store.ts';

/** A release that is live, opened. */
export interface LiveRelease {
  release: LoadedRelease;
  configuration: Configuration;
}

/** A region or market whose release is not that of the whole program. */
export interface OwnRelease {
  kind: 'region' | 'market';
  id: string;
  live: LiveRelease;
}

/** What is live at one moment; never changes. */
export interface LiveConfiguration {
  /** Version of the head. */
  version: number;
  /** What is live where nothing else is said; what the program says of itself counts from here. */
  all: LiveRelease;
  /** What is live in a market. */
  of(market: string): LiveRelease;
  /** What is live in a region where its markets have nothing of their own. */
  ofRegion(region: string): LiveRelease;
  /** The regions and markets that have a release of their own. */
  own: readonly OwnRelease[];
  /** Everything that is live somewhere. */
  releases(): readonly LiveRelease[];
}

/** Follows the live configuration. */
export interface Live {
  /** What is live now, as this process knows it. */
  current(): LiveConfiguration;
  /** Before a request: reads the head when changes may go unseen; costs nothing while the change stream lives. */
  refresh(): Promise<void>;
  /** Reads the head now, for whoever has just changed it. */
  reload(): Promise<void>;
  /** Called after each swap. */
  onChange(listener: () => void): void;
  close(): Promise<void>;
}

/** What the live configuration is made of. */
export interface LiveDeps {
  connection: Connection;
  store: ReleaseStore;
  watch: (connection: Connection, collection: string, listener: WatchListener) => Promise<Watch>;
  /** Told when a new head cannot be taken over; the one before it stays live. */
  onTrouble(error: unknown): void;
}

/** How long to wait before a head that could not be taken over is tried again. */
const retryMs = 500;

/**
 * Opens the live configuration; a head must exist.
 * @param deps connection, store, the way to watch
 * @throws Error when nothing was ever published
 */
export async function followLive(deps: LiveDeps): Promise<Live> {
  const heads = headModel(deps.connection);
  const listeners: (() => void)[] = [];
  let live: LiveConfiguration | undefined;
  let loading: Promise<void> | undefined;
  let again = false;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;

  async function takeOver(): Promise<void> {
    const head = await heads.findById(headId).lean<StoredHead>();
    if (!head) throw new Error('no configuration was ever published');
    if (live && head.version <= live.version) return;
    live = await opened(head, live, deps.store);
    for (const listener of listeners) listener();
  }

  /** One at a time; a change that comes meanwhile is looked at afterwards. */
  async function reload(): Promise<void> {
    again = true;
    loading ??= (async () => {
      try {
        while (again) {
          again = false;
          await takeOver();
        }
      } finally {
        loading = undefined;
      }
    })();
    await loading;
  }

  function follow(): void {
    if (closed) return;
    reload().catch((error) => {
      deps.onTrouble(error);
      clearTimeout(retry);
      retry = setTimeout(follow, retryMs);
    });
  }

  const watch = await deps.watch(deps.connection, releaseCollections.heads, {
    onChange: follow,
    onGap: follow,
  });
  try {
    await reload();
  } catch (error) {
    await watch.close();
    throw error;
  }
  return {
    current() {
      if (!live) throw new Error('the configuration is not loaded');
      return live;
    },
    async refresh() {
      if (!watch.trusted()) await reload();
    },
    reload,
    onChange: (listener) => void listeners.push(listener),
    async close() {
      closed = true;
      clearTimeout(retry);
      await watch.close();
      await loading?.catch(() => undefined);
    },
  };
}

/** Everything a head names, read before any of it counts. */
async function opened(
  head: StoredHead,
  before: LiveConfiguration | undefined,
  store: ReleaseStore,
): Promise<LiveConfiguration> {
  const known = new Map((before?.releases() ?? []).map((each) => [each.release.id, each]));
  const found = new Map<string, LiveRelease>();
  for (const id of releasesOf(head))
    found.set(id, known.get(id) ?? (await openRelease(id, [...known.values(), ...found.values()], store)));
  return liveFrom(head, found);
}

/**
 * What a head makes live. Pure.
 * @param head which release counts where
 * @param found every release it names, by id
 */
export function liveFrom(
  head: Omit<StoredHead, '_id'>,
  found: ReadonlyMap<string, LiveRelease>,
): LiveConfiguration {
  const all = take(found, head.all);
  const markets = new Map(head.markets.map(({ id, release }) => [id, take(found, release)]));
  const regions = new Map(head.regions.map(({ id, release }) => [id, take(found, release)]));
  const among = (chain: readonly string[]) => innermostOf(chain, regions) ?? all;
  const { program, regionsOf } = all.configuration;
  return {
    version: head.version,
    all,
    of: (market) => markets.get(market) ?? among(regionsOf(market)),
    ofRegion: (region) => among(regionChain(program, region)),
    own: [
      ...[...regions].map(([id, live]) => ({ kind: 'region' as const, id, live })),
      ...[...markets].map(([id, live]) => ({ kind: 'market' as const, id, live })),
    ],
    releases: () => [...found.values()],
  };
}

async function openRelease(
  id: string,
  known: readonly LiveRelease[],
  store: ReleaseStore,
): Promise<LiveRelease> {
  const release = await store.read(
    id,
    known.map((each) => each.release),
  );
  if (!release) throw new Error(`release ${id} is live and cannot be found`);
  return { release, configuration: openConfiguration(release.items) };
}

function releasesOf({ all, regions, markets }: StoredHead): string[] {
  return [...new Set([all, ...[...regions, ...markets].map(({ release }) => release)])];
}

function take(found: ReadonlyMap<string, LiveRelease>, id: string): LiveRelease {
  const release = found.get(id);
  if (!release) throw new Error(`release ${id} was not read`);
  return release;
}
