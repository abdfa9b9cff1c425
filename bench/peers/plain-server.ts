/** The process of the plain-adapter baseline. Told by `BENCH_PEER` where to listen and where its MongoDB is. */
import { type Filter, MongoClient } from 'mongodb';
import type { World } from '../world.ts';
import { serveLibrary } from './library-server.ts';
import { plainAdapter } from './plain-adapter.ts';

interface Told {
  issuer: string;
  world: World;
  uri: string;
  database: string;
}

interface AccountDocument {
  _id: string;
  email: string;
  passwordHash: string;
}

const { issuer, world, uri, database } = JSON.parse(process.env.BENCH_PEER ?? '') as Told;
const client = await MongoClient.connect(uri, { ignoreUndefined: true });
const db = client.db(database);
const accounts = db.collection<AccountDocument>('accounts');
const read = async (filter: Filter<AccountDocument>) => {
  const found = await accounts.findOne(filter);
  if (found === null) return undefined;
  return { id: found._id, email: found.email, passwordHash: found.passwordHash };
};

serveLibrary({
  issuer,
  world,
  algorithm: 'RS256',
  adapter: (name) => plainAdapter(db, name),
  accounts: { byEmail: (email) => read({ email }), byId: (id) => read({ _id: id }) },
});
