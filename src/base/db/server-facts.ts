/** What a database server says of itself, for `doctor`. Reads only. */
import { z } from 'zod';
import type { Database } from './connection.ts';
import { type IndexDeclaration, trusted } from './schema.ts';

/** Facts about the server of the main database. */
export interface ServerFacts {
  /** Such as `8.0.17`. */
  version: string;
  /** Name of the replica set; undefined for a lone server, which has no transactions. */
  replicaSet: string | undefined;
  /** The server's clock, in milliseconds since the epoch. */
  now: number;
  /** True when the server is known to take no zlib-compressed messages; undefined when it does not tell. */
  withoutZlib: boolean | undefined;
}

const helloSchema = z.object({ setName: z.string().optional(), localTime: z.date() });
const buildSchema = z.object({ version: z.string() });
const optionsSchema = z.object({
  parsed: z.object({ net: z.object({ compression: z.object({ compressors: z.string() }) }) }),
});

/**
 * Asks the server of the main database.
 * @param db the databases
 */
export async function serverFacts(db: Database): Promise<ServerFacts> {
  const admin = db.main.getClient().db('admin');
  const hello = helloSchema.parse(await admin.command({ hello: 1 }));
  const { version } = buildSchema.parse(await admin.command({ buildInfo: 1 }));
  // A managed server does not show its options.
  const options = optionsSchema.safeParse(await admin.command({ getCmdLineOpts: 1 }).catch(() => undefined));
  return {
    version,
    replicaSet: hello.setName,
    now: hello.localTime.getTime(),
    withoutZlib: options.success
      ? !options.data.parsed.net.compression.compressors.includes('zlib')
      : undefined,
  };
}

/** First fixed release of each line after CVE-2025-14847 (memory disclosure before authentication). */
const fixed: Readonly<Record<string, number>> = {
  '4.4': 30,
  '5.0': 32,
  '6.0': 27,
  '7.0': 28,
  '8.0': 17,
  '8.2': 3,
};

/**
 * The release that mends the known memory disclosure of a version.
 * @param version such as `7.0.14`
 * @returns such as `7.0.28`; undefined when the version has it already or came after it
 */
export function memoryDisclosureFix(version: string): string | undefined {
  const [major = '', minor = '', patch = '0'] = version.split('.');
  const line = `${major}.${minor}`;
  const wanted = fixed[line];
  if (wanted !== undefined) return Number.parseInt(patch, 10) < wanted ? `${line}.${wanted}` : undefined;
  return Number(major) < 8 ? '8.0.17' : undefined;
}

/** How far housekeeping is behind in one collection. */
export interface Leftover {
  collection: string;
  /** Seconds since the oldest document of it should have been deleted. */
  seconds: number;
}

/**
 * Documents that the server's own housekeeping (TTL indexes) should have deleted by now.
 * @param db the databases
 * @param declarations every declared index
 * @param nowMs milliseconds since the epoch
 */
export async function oldestExpired(
  db: Database,
  declarations: readonly IndexDeclaration[],
  nowMs: number,
): Promise<Leftover[]> {
  const found: Leftover[] = [];
  for (const { collection, database = 'main', keys, options } of declarations) {
    const [field] = Object.keys(keys);
    if (options?.expireAfterSeconds === undefined || !field) continue;
    const latest = new Date(nowMs - options.expireAfterSeconds * 1000);
    const [oldest] = await db[database]
      .collection(collection)
      .find(
        { [field]: trusted({ $lt: latest }) },
        { projection: { [field]: 1 }, sort: { [field]: 1 }, limit: 1 },
      )
      .toArray();
    const value: unknown = oldest?.[field];
    if (value instanceof Date)
      found.push({ collection, seconds: Math.round((latest.getTime() - value.getTime()) / 1000) });
  }
  return found;
}
