/**
 * What a large configuration costs: 5 brands in 20 markets with as many sites as asked, each with a layer of its own,
 * on a MongoDB of its own. Run as a process of its own, so that its memory is its own; prints one JSON line.
 */
import type { Connection } from 'mongoose';
import { connectDatabase, defaultKeysUri } from '../../src/base/db/connection.ts';
import { migrate } from '../../src/base/db/migrations.ts';
import { withDatabase } from '../../src/base/db/mongod.ts';
import { watchCollection } from '../../src/base/db/watch.ts';
import { createEvents } from '../../src/base/events/record.ts';
import { systemClock } from '../../src/base/kernel/clock.ts';
import { createIds } from '../../src/base/kernel/ids.ts';
import { systemVisit } from '../../src/base/kernel/visit.ts';
import { createExperiences } from '../../src/business/experiences/experiences.ts';
import { readConfigurationFolder } from '../../src/business/layers/folder.ts';
import { brandPath, marketPath, programPath, sitePath } from '../../src/business/layers/item-path.ts';
import { isObject, type JsonObject } from '../../src/business/layers/json.ts';
import { followLive } from '../../src/business/releases/live.ts';
import { openReleases, type Releases } from '../../src/business/releases/releases.ts';
import { migrations } from '../../src/migrations.ts';
import { startStore } from '../peers/store.ts';
import { percentile } from './statistics.ts';

/** What was measured. */
export interface ConfigurationFigures {
  sites: number;
  /** Nanoseconds of one look-up: of an experience, and of a plain Map with the same keys. */
  lookUp: { experienceNs: number; mapNs: number };
  /** Milliseconds of the first look-up of a site, when its layers are joined: median and 99th percentile. */
  firstLookUp: { p50: number; p99: number };
  /** Seconds from a database with the release to the first answer of every brand. */
  openSeconds: number;
  /** Bytes of memory per site: its release's items, and with its experience joined. */
  bytesPerSite: { released: number; joined: number };
  /** Milliseconds from the call to publish a change of every site's layer above until another follower has taken it over. */
  publishMs: number;
}

const brands = 5;
const markets = 20;
const sites = Number(process.argv[2] ?? 10_000);

/** The shipped program, grown. */
function largeConfiguration(): Map<string, JsonObject> {
  const shipped = readConfigurationFolder('config').items;
  const take = (path: string): JsonObject => {
    const item = shipped.get(path);
    if (!item) throw new Error(`no ${path} in config`);
    return item;
  };
  const items = new Map<string, JsonObject>([
    [programPath, { ...take(programPath), defaultBrand: 'brand-0' }],
  ]);
  for (let brand = 0; brand < brands; brand += 1)
    items.set(brandPath(`brand-${brand}`), {
      ...take(brandPath('volt')),
      hosts: [],
      defaultMarket: 'market-0',
    });
  for (let market = 0; market < markets; market += 1)
    items.set(marketPath(`market-${market}`), take(marketPath('de')));
  for (const [path, item] of shipped) if (path.startsWith('legal/')) items.set(path, item);
  for (let site = 0; site < sites; site += 1) {
    items.set(sitePath(`site-${site}`), {
      look: { supportEmail: `help-${site}@site.example` },
      session: { freshSeconds: 3_600 + site },
      signIn: { methods: ['password', 'google'] },
    });
  }
  return items;
}

const visitOf = (site: number) => ({
  clientId: `site-${site}`,
  brand: `brand-${site % brands}`,
  market: `market-${site % markets}`,
});

const heap = () => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};

async function main(): Promise<ConfigurationFigures> {
  const store = await startStore(AbortSignal.timeout(60_000));
  try {
    return await measureOn(withDatabase(store.uri, 'configuration'));
  } finally {
    await store.stop();
  }
}

async function measureOn(uri: string): Promise<ConfigurationFigures> {
  const connect = () => connectDatabase({ uri, keysUri: defaultKeysUri(uri), appName: 'bench' });
  const db = await connect();
  const other = await connect();
  try {
    const ids = createIds();
    await migrate(db, migrations, { clock: systemClock, holder: 'bench' });
    const open = (): Promise<Releases> =>
      openReleases({
        db,
        clock: systemClock,
        ids,
        events: createEvents({ connection: db.main, clock: systemClock, ids }),
        watch: watchCollection,
        onTrouble: (error) => {
          throw error;
        },
        firstItems: largeConfiguration,
      });
    const before = heap();
    await (await open()).live.close();
    const began = performance.now();
    const releases = await open();
    const experiences = createExperiences(releases.live);
    for (const { id } of experiences.brands()) experiences.experienceFor({ brand: id });
    const openSeconds = (performance.now() - began) / 1000;
    const released = heap();
    const firsts = Array.from({ length: sites }, (_, site) =>
      timed(() => experiences.experienceFor(visitOf(site))),
    );
    const joined = heap();
    const figures = {
      sites,
      lookUp: lookUps(experiences.experienceFor),
      firstLookUp: { p50: percentile(firsts, 50), p99: percentile(firsts, 99) },
      openSeconds,
      bytesPerSite: { released: (released - before) / sites, joined: (joined - before) / sites },
      publishMs: await publishing(releases, other.main),
    };
    await releases.live.close();
    return figures;
  } finally {
    await db.close();
    await other.close();
  }
}

function timed(work: () => void): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}

/** A million look-ups of each kind, keys in the same order. */
function lookUps(
  experienceFor: (visit: ReturnType<typeof visitOf>) => object,
): ConfigurationFigures['lookUp'] {
  const visits = Array.from({ length: sites }, (_, site) => visitOf(site));
  const known = new Map(visits.map((visit) => [`${visit.brand} ${visit.market} ${visit.clientId}`, visit]));
  const times = Math.ceil(1_000_000 / sites);
  const each = (work: (visit: ReturnType<typeof visitOf>) => unknown) => {
    let found = 0;
    const ms = timed(() => {
      for (let round = 0; round < times; round += 1) for (const visit of visits) if (work(visit)) found += 1;
    });
    if (found !== times * sites) throw new Error('a look-up found nothing');
    return (ms * 1_000_000) / found;
  };
  const byMap = (visit: ReturnType<typeof visitOf>) =>
    known.get(`${visit.brand} ${visit.market} ${visit.clientId}`);
  each(byMap);
  each(experienceFor);
  return { experienceNs: each(experienceFor), mapNs: each(byMap) };
}

/** A change of a market that every twentieth site stands in, followed on a connection of its own. */
async function publishing(releases: Releases, connection: Connection): Promise<number> {
  const follower = await followLive({
    connection,
    store: releases.store,
    watch: watchCollection,
    onTrouble: (error) => {
      throw error;
    },
  });
  const seen = new Promise<number>((resolve) => follower.onChange(() => resolve(performance.now())));
  const { release } = releases.live.current().all;
  const items = new Map(release.items);
  const market = items.get(marketPath('market-0'));
  items.set(marketPath('market-0'), { ...(isObject(market) ? market : {}), password: { minLength: 12 } });
  const author = { kind: 'system' as const, id: 'bench' };
  const began = performance.now();
  const next = await releases.store.write({
    items,
    base: release,
    parent: release.id,
    author,
    message: 'bench',
    at: new Date(systemClock.now()),
  });
  await releases.publish({ release: next.id, target: 'all', by: author, visit: systemVisit('bench') });
  const ms = (await seen) - began;
  await follower.close();
  return ms;
}

console.log(JSON.stringify(await main()));
