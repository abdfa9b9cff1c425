/** The baseline every ratio is taken against: the bare library with a straightforward MongoDB adapter. */
import argon2 from 'argon2';
import type { Db } from 'mongodb';
import { freePort } from '../measure/free-port.ts';
import { argon2Parameters, type World } from '../world.ts';
import { startScript } from './children.ts';
import { startRepeatedly } from './first-answer.ts';
import { clientMetadata } from './library-server.ts';
import { libraryTarget, type PeerKind } from './peer.ts';
import { createPlainIndexes } from './plain-adapter.ts';
import { startStore } from './store.ts';

const database = 'plain';
const ownCollections = ['Client', 'accounts'];

/** oidc-provider with one collection per model, clients and accounts in MongoDB. */
export const plainPeer: PeerKind = {
  name: 'plain adapter',
  about:
    'bare oidc-provider, one MongoDB collection per model, clients and accounts in MongoDB, RS256 (the library’s default), argon2id 19 MiB t=2 p=1',
  async start(world, { signal, starts }) {
    const store = await startStore(signal);
    try {
      await seed(store.client.db(database), world);
      const issuer = `http://127.0.0.1:${await freePort()}`;
      const env = { BENCH_PEER: JSON.stringify({ issuer, world, uri: store.uri, database }) };
      const start = () => startScript(new URL('./plain-server.ts', import.meta.url), env);
      const { child, firstAnswer } = await startRepeatedly(start, issuer, starts);
      const stop = async () => {
        await child.stop();
        await store.stop();
      };
      return {
        target: { peer: plainPeer.name, issuer, world, ...libraryTarget },
        node: child.pid,
        store,
        isArtefact: (collection) => !ownCollections.includes(collection),
        firstAnswer,
        stop,
      };
    } catch (error) {
      await store.stop();
      throw error;
    }
  },
};

async function seed(db: Db, world: World): Promise<void> {
  await createPlainIndexes(db);
  const clients = clientMetadata(world, 'RS256').map((payload) => ({ _id: payload.client_id, payload }));
  await db.collection<{ _id: string; payload: object }>('Client').insertMany(clients);
  const passwordHash = await argon2.hash(world.members[0]?.password ?? '', argon2Parameters);
  const accounts = world.members.map(({ login }, index) => ({
    _id: `account-${index}`,
    email: login,
    passwordHash,
  }));
  await db.collection<{ _id: string }>('accounts').insertMany(accounts);
}
