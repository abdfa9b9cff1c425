/** Makes one embedded server a replica set of its own, which transactions and change streams need. */
import { setTimeout as delay } from 'node:timers/promises';
import mongoose from 'mongoose';
import { z } from 'zod';

const setName = 'symbolon';
/** Error code of a set that exists. */
const alreadyInitialized = 23;
const helloSchema = z.object({ isWritablePrimary: z.boolean(), setName: z.string().optional() });
const hostOf = (port: number) => `127.0.0.1:${port}`;

/**
 * The URI of the server on a port, without a database name.
 * @param port TCP port on 127.0.0.1
 */
export function addressOf(port: number): string {
  return `mongodb://${hostOf(port)}/?replicaSet=${setName}`;
}

/**
 * Whether a MongoDB server answers on a port.
 * @param port TCP port on 127.0.0.1
 */
export async function isAnswering(port: number): Promise<boolean> {
  try {
    return await withAdmin(port, 5_000, async (admin) => (await admin.command({ ping: 1 })).ok === 1);
  } catch {
    return false;
  }
}

/**
 * Founds the replica set on first use and waits until it takes writes.
 * @param port TCP port on 127.0.0.1
 * @param graceMs milliseconds it may take
 * @throws Error when it is not ready in time
 */
export async function ensurePrimary(port: number, graceMs: number): Promise<void> {
  await withAdmin(port, graceMs, async (admin) => {
    const deadline = performance.now() + graceMs;
    while (!(await becamePrimary(admin, port))) {
      if (performance.now() > deadline) throw new Error('the replica set elected no primary in time');
      await delay(15);
    }
  });
}

/**
 * Writes a new address into the stored replica set. Only for a server that runs without the set: inside it, a member
 * whose address is no longer its own first asks whoever listens there now, and may wait for the answer for ever.
 * @param port the new TCP port on 127.0.0.1, on which the server listens already
 * @param graceMs milliseconds it may take
 */
export async function moveMember(port: number, graceMs: number): Promise<void> {
  await withClient(port, graceMs, async (client) => {
    const stored = client.db('local').collection('system.replset');
    await stored.updateOne({}, { $set: { 'members.0.host': hostOf(port) }, $inc: { version: 1 } });
  });
}

/** One try. A server that changes its role drops its connections: that is a "not yet", not a fault. */
async function becamePrimary(admin: Admin, port: number): Promise<boolean> {
  try {
    const hello = helloSchema.parse(await admin.command({ hello: 1 }));
    if (hello.isWritablePrimary) return true;
    // no set yet, or one that is still being read from disk: then founding it again is refused
    if (hello.setName === undefined) await found(admin, port);
  } catch (error) {
    if (!(error instanceof mongoose.mongo.MongoNetworkError)) throw error;
  }
  return false;
}

async function found(admin: Admin, port: number): Promise<void> {
  const members = [{ _id: 0, host: hostOf(port) }];
  // alone in its set, it need not wait long for others before it elects itself
  const config = { _id: setName, members, settings: { electionTimeoutMillis: 500 } };
  await admin.command({ replSetInitiate: config }).catch((error: unknown) => {
    if (!(error instanceof mongoose.mongo.MongoServerError && error.code === alreadyInitialized)) throw error;
  });
}

type Admin = ReturnType<mongoose.mongo.Db['admin']>;

function withAdmin<T>(port: number, graceMs: number, work: (admin: Admin) => Promise<T>): Promise<T> {
  return withClient(port, graceMs, (client) => work(client.db('admin').admin()));
}

async function withClient<T>(
  port: number,
  graceMs: number,
  work: (client: mongoose.mongo.MongoClient) => Promise<T>,
): Promise<T> {
  const client = new mongoose.mongo.MongoClient(`mongodb://${hostOf(port)}/?directConnection=true`, {
    serverSelectionTimeoutMS: graceMs,
    socketTimeoutMS: graceMs,
    maxPoolSize: 1,
  });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
