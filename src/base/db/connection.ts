/**
 * The database layer: owns the connections and their durability settings. Never knows a collection's meaning.
 * Defaults are set in code, not in the URI alone, so that no deployment runs with weaker ones.
 */
import mongoose, { type Connection } from 'mongoose';

/** The two databases of a program: everything, and the members' keys (which are backed up apart). */
export interface Database {
  main: Connection;
  keys: Connection;
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
 * and a dead primary is noticed within seconds instead of the driver's half minute.
 * @param address URIs of the two databases
 * @throws MongooseServerSelectionError when no primary answers in time
 */
export async function connectDatabase(address: DatabaseAddress): Promise<Database> {
  mongoose.set('sanitizeFilter', true);
  const main = mongoose.createConnection(address.uri, options(address.appName));
  const keys = mongoose.createConnection(address.keysUri, options(address.appName));
  try {
    await Promise.all([main.asPromise(), keys.asPromise()]);
  } catch (error) {
    await Promise.allSettled([main.close(true), keys.close(true)]);
    throw error;
  }
  return {
    main,
    keys,
    async close() {
      await Promise.all([main.close(), keys.close()]);
    },
  };
}

/**
 * Whether both databases are on one server, so that one transaction can span them.
 * @param address URIs of the two databases
 */
export function sameServer(address: DatabaseAddress): boolean {
  return new URL(address.uri).host === new URL(address.keysUri).host;
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
