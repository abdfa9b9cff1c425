/** Everything that is stored, as text: for tests that look for what must not be there. */
import type { Database } from '../../src/base/db/connection.ts';

/** Every document of both databases, by `collection`. */
export async function everythingStored(db: Database): Promise<Map<string, Record<string, unknown>[]>> {
  const found = new Map<string, Record<string, unknown>[]>();
  for (const connection of [db.main, db.keys]) {
    for (const { name } of await connection.listCollections()) {
      const documents = await connection.collection(name).find().toArray();
      found.set(name, [...(found.get(name) ?? []), ...documents]);
    }
  }
  return found;
}

/** Names of the collections in which a value stands readable. */
export async function collectionsHolding(db: Database, value: string): Promise<string[]> {
  const needle = value.toLowerCase();
  return [...(await everythingStored(db))]
    .filter(([, documents]) => JSON.stringify(documents).toLowerCase().includes(needle))
    .map(([name]) => name)
    .sort();
}
