/** Makes one embedded server a replica set of its own, which transactions and change streams need. */
import { setTimeout as delay } from 'node:timers/promises';
import mongoose from 'mongoose';
import { z } from 'zod';

const setName = 'symbolon';
const codes = { notYetInitialized: 94, alreadyInitialized: 23 };
const helloSchema = z.object({ isWritablePrimary: z.boolean() });
const configSchema = z.object({
  config: z.looseObject({
    version: z.number(),
    members: z.array(z.looseObject({ host: z.string() })).min(1),
  }),
});
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
 * Founds the replica set on first use, tells it its new address when the port changed, and waits until it takes
 * writes.
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

/** One try. A server that changes its role drops its connections: that is a "not yet", not a fault. */
async function becamePrimary(admin: Admin, port: number): Promise<boolean> {
  try {
    if (helloSchema.parse(await admin.command({ hello: 1 })).isWritablePrimary) return true;
    await configure(admin, port);
  } catch (error) {
    if (!(error instanceof mongoose.mongo.MongoNetworkError)) throw error;
  }
  return false;
}

type Admin = ReturnType<mongoose.mongo.Db['admin']>;

async function configure(admin: Admin, port: number): Promise<void> {
  let stored: z.infer<typeof configSchema>['config'];
  try {
    stored = configSchema.parse(await admin.command({ replSetGetConfig: 1 })).config;
  } catch (error) {
    if (!hasCode(error, codes.notYetInitialized)) throw error;
    const member = { _id: 0, host: hostOf(port) };
    // alone in its set, it need not wait long for others before it elects itself
    const config = { _id: setName, members: [member], settings: { electionTimeoutMillis: 500 } };
    await admin.command({ replSetInitiate: config }).catch((fault: unknown) => {
      if (!hasCode(fault, codes.alreadyInitialized)) throw fault;
    });
    return;
  }
  const [member] = stored.members;
  if (member === undefined || member.host === hostOf(port)) return;
  const moved = { ...stored, version: stored.version + 1, members: [{ ...member, host: hostOf(port) }] };
  // forced: under its old address the server does not find itself in the set, and so cannot vote for the change
  await admin.command({ replSetReconfig: moved, force: true });
}

async function withAdmin<T>(port: number, graceMs: number, work: (admin: Admin) => Promise<T>): Promise<T> {
  const client = new mongoose.mongo.MongoClient(`mongodb://${hostOf(port)}/?directConnection=true`, {
    serverSelectionTimeoutMS: graceMs,
    socketTimeoutMS: graceMs,
    maxPoolSize: 1,
  });
  try {
    return await work(client.db('admin').admin());
  } finally {
    await client.close();
  }
}

function hasCode(error: unknown, code: number): boolean {
  return error instanceof mongoose.mongo.MongoServerError && error.code === code;
}
