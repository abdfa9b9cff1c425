/**
 * The MongoDB of one peer: a real single-node replica set of its own, with data in a temporary folder that goes with
 * it. One per peer, so that CPU and memory are counted apart.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { type Mongod, startMongod } from '../../src/base/db/mongod.ts';

/** A running MongoDB. */
export interface Store {
  pid: number;
  version: string;
  /** URI without a database name. */
  uri: string;
  /** The bench's own connection, for seeding and counting. */
  client: MongoClient;
  /** Temporary folder of this peer; goes with the server. */
  folder: string;
  /** Where the server writes its log. */
  logFile: string;
  stop(): Promise<void>;
}

/**
 * Starts a MongoDB and connects to it.
 * @param signal gives up the start
 * @throws MongodUnavailable with a text for the operator when there is none to be had
 */
export async function startStore(signal: AbortSignal): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), 'symbolon-bench-'));
  const log = { info: () => {}, warn: (_fields: object, message: string) => console.error(message) };
  let mongod: Mongod | undefined;
  let client: MongoClient | undefined;
  const stop = async () => {
    await client?.close();
    await mongod?.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    mongod = await startMongod({ dataDir: folder, log, env: process.env, signal });
    client = await MongoClient.connect(mongod.uri);
  } catch (error) {
    await stop();
    throw error;
  }
  const { pid, version, uri } = mongod;
  return { pid, version, uri, client, folder, logFile: join(folder, 'mongod.log'), stop };
}
