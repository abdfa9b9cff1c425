/**
 * Gathered reads by `_id`, for the few documents that hot paths need one of: what is asked for while a command is on
 * its way leaves as the next one. Remembers nothing; each read is sent after it was asked for.
 */
import type { Connection } from 'mongoose';
import { createGatherer } from './gather.ts';

/**
 * Builds the read of one document of a collection.
 * @param connection where the collection lives
 * @param collection name of the collection
 * @returns the document as stored, or undefined when there is none; takes only ids that are text
 */
export function readById<T extends { _id: string }>(
  connection: Connection,
  collection: string,
): (id: string) => Promise<T | undefined> {
  const read = createGatherer<string, { found: T | undefined }>({
    inFlight: 2,
    batch: 64,
    async send(ids) {
      const wanted = [...new Set(ids)];
      const documents = await connection
        .collection<{ _id: string }>(collection)
        .find<T>({ _id: { $in: wanted } }, { batchSize: wanted.length + 1 })
        .toArray();
      const byId = new Map(documents.map((document) => [document._id, document]));
      return ids.map((id) => ({ found: byId.get(id) }));
    },
  });
  return async (id) => (await read(id)).found;
}
