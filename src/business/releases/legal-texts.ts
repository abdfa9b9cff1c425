/** The legal texts that went live: which of a configuration's texts are kept, and as what. Reads only. */
import type { Database } from '../../base/db/connection.ts';
import { trusted } from '../../base/db/schema.ts';
import type { Tx } from '../../base/db/transaction.ts';
import type { Items } from '../layers/folder.ts';
import { type LegalSource, legalSources } from '../layers/legal-hashes.ts';
import { legalTextModel, type StoredLegalText } from './model.ts';

/** Most ids asked for in one command. */
const batch = 1_000;

/**
 * Under which id a text is kept.
 * @param text document, version and language
 */
export function legalTextId({ document, version, language }: Omit<LegalSource, 'source'>): string {
  return `${document}:${version}:${language}`;
}

/**
 * The hashes of those texts that were published before, by id.
 * @param db databases
 * @param items items of a configuration
 * @param tx transaction to read in
 */
export async function publishedHashes(
  db: Pick<Database, 'main'>,
  items: Items,
  tx?: Tx,
): Promise<Map<string, string>> {
  const ids = legalSources(items).map(legalTextId);
  const hashes = new Map<string, string>();
  for (let at = 0; at < ids.length; at += batch) {
    const rows = await legalTextModel(db.main)
      .find({ _id: trusted({ $in: ids.slice(at, at + batch) }) }, { hash: 1 })
      .session(tx ?? null)
      .lean<Pick<StoredLegalText, '_id' | 'hash'>[]>();
    for (const { _id, hash } of rows) hashes.set(_id, hash);
  }
  return hashes;
}
