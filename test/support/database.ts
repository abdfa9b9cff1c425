/** Databases for tests: fresh, on the run's own MongoDB, gone when the test file is done. */
import { randomBytes } from 'node:crypto';
import { connectDatabase, type Database } from '../../src/base/db/connection.ts';
import { withDatabase } from '../../src/base/db/mongod.ts';

const open = new Map<Database, () => Promise<void>>();
const closers: (() => Promise<void>)[] = [];

/** Closes something at the end of the test file, after its own hooks and before its databases go. */
export function atEnd(close: () => Promise<void>): void {
  closers.push(close);
}

declare global {
  /** Awaited by test/setup/environment.mjs after the last hook of a test file. */
  var closeAtEnd: (() => Promise<void>) | undefined;
}

globalThis.closeAtEnd = closeTestDatabases;

/** The URI of the run's own MongoDB, without a database name. */
export function testMongodUri(): string {
  const uri = process.env.TEST_MONGODB_URI;
  if (uri === undefined) throw new Error('run the tests with: node scripts/test.mjs');
  return uri;
}

/** URIs of two databases that nobody has used yet. */
export function freshDatabaseAddress(): { uri: string; keysUri: string } {
  const name = `test_${randomBytes(8).toString('hex')}`;
  return { uri: withDatabase(testMongodUri(), name), keysUri: withDatabase(testMongodUri(), `${name}_keys`) };
}

/** Connects two databases that nobody has used yet; they are dropped and closed when the test file is done. */
export async function testDatabase(): Promise<Database> {
  const db = await connectDatabase({ ...freshDatabaseAddress(), appName: 'symbolon-test' });
  open.set(db, async () => {
    // a test may have closed it itself
    if (db.main.readyState === 1) await Promise.all([db.main.dropDatabase(), db.keys.dropDatabase()]);
    await db.close();
  });
  return db;
}

/** Drops and closes what `testDatabase` opened; happens by itself at the end of a test file. */
export async function closeTestDatabases(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
  const databases = [...open.values()];
  open.clear();
  await Promise.all(databases.map((close) => close()));
}
