/**
 * The database layer: owns the connections and their durability settings. Never knows a collection's meaning.
 * Defaults are set in code, not in the URI alone, so that no deployment runs with weaker ones.
 */
import mongoose, { type Connection } from 'mongoose';

/** The two databases of a program: everything, and the members' keys (which are backed up apart). */
export interface Database {
  main: Connection;
  keys: Connection;
  /** True when one transaction can span both (the same server); otherwise a key is written before its member. */
  keysInTransaction: boolean;
  /** Closes both connections, waiting for what is in flight. */
  close(): Promise<void>;
}

/** Where the databases are. */
export interface DatabaseAddress {
  /** MongoDB URI of the main database. */
  uri: string;
  /** MongoDB URI of the keys database; the same server with a database of its own by default. */
  keysUri: string;
  /** Name shown in the server's log and `currentOp`. */
  appName?: string;
}

/**
 * Connects both databases. Writes wait for the majority's journal, security state is read from the primary,
 * and a dead primary is noticed within seconds instead of the driver's half minute. On one server both share
 * one client, so that a transaction can span them.
 * @param address URIs of the two databases
 * @throws MongooseServerSelectionError when no primary answers in time
 */
export async function connectDatabase(address: DatabaseAddress): Promise<Database> {
  mongoose.set('sanitizeFilter', true);
  const at = parseUri(address.uri);
  const keysAt = parseUri(address.keysUri);
  const shared = at.hosts === keysAt.hosts;
  const main = mongoose.createConnection(address.uri, { ...options(address.appName), dbName: at.name });
  const keys = shared
    ? main.useDb(keysAt.name, { useCache: true })
    : mongoose.createConnection(address.keysUri, { ...options(address.appName), dbName: keysAt.name });
  try {
    await main.asPromise();
    if (!shared) await keys.asPromise();
  } catch (error) {
    await Promise.allSettled([main.close(true), shared ? undefined : keys.close(true)]);
    throw error;
  }
  return {
    main,
    keys,
    keysInTransaction: shared,
    async close() {
      await main.close();
      if (!shared) await keys.close();
    },
  };
}

/**
 * The default address of the keys database: the same server, a database named after the main one.
 * @param uri MongoDB URI of the main database
 */
export function defaultKeysUri(uri: string): string {
  const { prefix, name, query } = parseUri(uri);
  return `${prefix}/${name}_keys${query}`;
}

/** The parts of a MongoDB URI; its host list may name several members, which `URL` cannot read. */
function parseUri(uri: string): { prefix: string; hosts: string; name: string; query: string } {
  const match = /^(mongodb(?:\+srv)?:\/\/(?:[^@/]*@)?([^/?]+))(?:\/([^?]*))?(\?.*)?$/.exec(uri);
  if (!match) throw new Error('not a MongoDB URI');
  const [, prefix = '', hosts = '', name, query = ''] = match;
  return { prefix, hosts, name: name || 'symbolon', query };
}

function options(appName = 'symbolon') {
  return {
    appName,
    autoIndex: false,
    autoCreate: false,
    bufferCommands: false,
    ignoreUndefined: true,
    readPreference: 'primary' as const,
    readConcernLevel: 'majority' as const,
    writeConcern: { w: 'majority' as const, journal: true },
    serverSelectionTimeoutMS: 5_000,
    connectTimeoutMS: 2_000,
    heartbeatFrequencyMS: 2_000,
    waitQueueTimeoutMS: 2_000,
    maxPoolSize: 32,
    minPoolSize: 2,
  };
}
