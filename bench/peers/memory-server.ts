/** The process of the in-memory baseline. Told by `BENCH_PEER` where to listen and whom to know. */
import argon2 from 'argon2';
import { argon2Parameters, type World } from '../world.ts';
import { clientMetadata, type StoredAccount, serveLibrary } from './library-server.ts';
import { memoryAdapter } from './memory-adapter.ts';

const { issuer, world } = JSON.parse(process.env.BENCH_PEER ?? '') as { issuer: string; world: World };
const passwordHash = await argon2.hash(world.members[0]?.password ?? '', argon2Parameters);
const accounts = new Map<string, StoredAccount>(
  world.members.map(({ login }, index) => [login, { id: `account-${index}`, email: login, passwordHash }]),
);
const byId = new Map([...accounts.values()].map((account) => [account.id, account]));

serveLibrary({
  issuer,
  world,
  algorithm: 'ES256',
  adapter: memoryAdapter,
  clients: clientMetadata(world, 'ES256'),
  accounts: { byEmail: async (email) => accounts.get(email), byId: async (id) => byId.get(id) },
});
