/**
 * The MongoDB of one peer: a single-node replica set of its own on loopback, with data in a temporary folder that goes
 * with it. One per peer, so that CPU and memory are counted apart.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { freePort } from '../measure/free-port.ts';
import { startChild } from './children.ts';

/** A running MongoDB. */
export interface Store {
  pid: number;
  /** URI without a database name. */
  uri: string;
  client: MongoClient;
  stop(): Promise<void>;
}

/**
 * Starts a `mongod` and waits until it is primary.
 * @param binary path of the `mongod` to run
 * @throws Error with its last output when it does not become primary in 30 s
 */
export async function startStore(binary: string): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), 'symbolon-bench-'));
  const port = await freePort();
  const child = startChild({ file: binary, args: mongodArguments(folder, port) });
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 30_000,
  });
  const stop = async () => {
    await client.close();
    await child.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await becomePrimary(client, port);
  } catch (error) {
    await stop();
    throw new Error(`mongod did not come up: ${child.output()}`, { cause: error });
  }
  return { pid: child.pid, uri: `mongodb://127.0.0.1:${port}/?replicaSet=bench`, client, stop };
}

function mongodArguments(folder: string, port: number): string[] {
  const network = [
    '--bind_ip',
    '127.0.0.1',
    '--port',
    String(port),
    '--networkMessageCompressors',
    'disabled',
  ];
  const storage = ['--dbpath', folder, '--wiredTigerCacheSizeGB', '0.25', '--oplogSize', '256'];
  return [...network, ...storage, '--replSet', 'bench', '--quiet', '--nounixsocket'];
}

async function becomePrimary(client: MongoClient, port: number): Promise<void> {
  const admin = client.db('admin');
  const members = [{ _id: 0, host: `127.0.0.1:${port}` }];
  await admin.command({ replSetInitiate: { _id: 'bench', members } });
  for (let tries = 0; tries < 300; tries += 1) {
    const hello = await admin.command({ hello: 1 });
    if (hello.isWritablePrimary === true) return;
    await wait(100);
  }
  throw new Error('no primary after 30 s');
}
