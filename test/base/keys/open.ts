/** Keys on a database of their own, opened as a process opens them. */
import type { Database } from '../../../src/base/db/connection.ts';
import type { Clock } from '../../../src/base/kernel/clock.ts';
import { createIds } from '../../../src/base/kernel/ids.ts';
import type { KeyRing } from '../../../src/base/kernel/sealing.ts';
import { type Keys, type KeysDeps, openKeys } from '../../../src/base/keys/keys.ts';
import type { KeyUse } from '../../../src/base/keys/model.ts';
import { atEnd } from '../../support/database.ts';

/** Master keys by number, newest first. */
export function masterKeys(...numbers: [number, ...number[]]): KeyRing {
  const named = (number: number) => ({ id: `master-${number}`, key: Buffer.alloc(32, number) });
  return { current: named(numbers[0]), all: numbers.map(named) };
}

/** Opens the keys; they are closed at the end of the test file. */
export async function openTestKeys(
  db: Database,
  clock: Clock,
  given: Partial<Pick<KeysDeps, 'master' | 'kms' | 'onTrouble'>> = {},
): Promise<Keys> {
  const keys = await openKeys({
    connection: db.main,
    master: masterKeys(1),
    clock,
    ids: createIds(),
    ...given,
  });
  atEnd(() => keys.close());
  return keys;
}

/** The keys of a use as `id state`. */
export function statesOf(keys: Pick<Keys, 'list'>, use: KeyUse): string[] {
  return keys.list().flatMap((key) => (key.use === use ? [`${key.id} ${key.state}`] : []));
}

/** Waits until what a process knows satisfies the condition; each change stream event is a chance. */
export async function until(keys: Keys, condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => keys.onChange(resolve));
}
