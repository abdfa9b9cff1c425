/** What the tests of the credentials share: a clock that moves, a pepper that rotates, cheap hashes. */

import type { Database } from '../../../src/base/db/connection.ts';
import { createEvents } from '../../../src/base/events/record.ts';
import { createIds } from '../../../src/base/kernel/ids.ts';
import { type NamedKey, type Sealer, seal, unseal } from '../../../src/base/kernel/sealing.ts';
import { createHasher, type HasherOptions } from '../../../src/people/credentials/hasher.ts';
import { testDatabase } from '../../support/database.ts';
import { movableClock } from '../../support/visit.ts';

export const minutes = 60_000;
export const ids = createIds();
export const cheap: HasherOptions = {
  memoryKiB: 8192,
  passes: 2,
  parallelism: 1,
  concurrency: 2,
  queueLimit: 200,
};

/** A sealer whose current key can be replaced while the old ones still open. */
export function rotatingSealer() {
  const all: NamedKey[] = [{ id: 'k1', key: ids.bytes(32) }];
  const sealer: Sealer & { rotate(): void; forgetOld(): void } = {
    seal: (plain, context) => {
      const [current] = all;
      if (!current) throw new Error('no key');
      return seal(current, plain, context);
    },
    open: (sealed, context) => unseal({ all }, sealed, context),
    rotate: () => all.unshift({ id: `k${all.length + 1}`, key: ids.bytes(32) }),
    forgetOld: () => all.splice(1),
  };
  return sealer;
}

/** Everything the passwords are made of, on a fresh database. */
export async function credentialParts() {
  const db: Database = await testDatabase();
  const clock = movableClock();
  const events = createEvents({ connection: db.main, clock, ids });
  return { db, clock, events, pepper: rotatingSealer(), hasher: createHasher(cheap) };
}
