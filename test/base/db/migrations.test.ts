/** Migrations: each once, by one process at a time, resumed when one was killed. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { connectDatabase, type Database } from '../../../src/base/db/connection.ts';
import { migrate, migrationStatus, missingIndexes } from '../../../src/base/db/migrations.ts';
import { allIndexes, migrations } from '../../../src/migrations.ts';
import { atEnd, freshDatabaseAddress } from '../../support/database.ts';

const clock = { now: () => Date.now() };

describe('migrations', () => {
  let one: Database;
  let two: Database;

  beforeEach(async () => {
    const address = freshDatabaseAddress();
    one = await connectDatabase(address);
    two = await connectDatabase(address);
    const [first, second] = [one, two];
    atEnd(async () => {
      await first.main.dropDatabase();
      await Promise.all([first.close(), second.close()]);
    });
  });

  it('run once each when two processes start together', async () => {
    const ran: string[] = [];
    const steps = ['0001-first', '0002-second'].map((name) => ({
      name,
      async up(db: Database) {
        ran.push(name);
        await db.main.collection('probe').insertOne({ name });
      },
    }));
    const applied = await Promise.all([
      migrate(one, steps, { clock, holder: 'one' }),
      migrate(two, steps, { clock, holder: 'two' }),
    ]);
    expect(ran).toEqual(['0001-first', '0002-second']);
    expect(applied.flat()).toEqual(['0001-first', '0002-second']);
    expect(await migrationStatus(one, steps)).toEqual({
      applied: ['0001-first', '0002-second'],
      pending: [],
    });
  });

  it('go on where one was killed in the middle', async () => {
    let killed = true;
    const done: string[] = [];
    const steps = [
      { name: '0001-first', up: async () => void done.push('first') },
      {
        name: '0002-second',
        async up() {
          done.push('half of second');
          if (killed) throw new Error('killed');
          done.push('second');
        },
      },
    ];
    await expect(migrate(one, steps, { clock, holder: 'one' })).rejects.toThrow('killed');
    expect((await migrationStatus(two, steps)).pending).toEqual(['0002-second']);
    killed = false;
    expect(await migrate(two, steps, { clock, holder: 'two' })).toEqual(['0002-second']);
    expect(done).toEqual(['first', 'half of second', 'half of second', 'second']);
  });

  it('take over the lock of a process that died with it', async () => {
    const long = new Date(clock.now() - 61_000);
    await one.main
      .collection<{ _id: string }>('migrations')
      .insertOne({ _id: 'lock', at: long, holder: 'dead' } as never);
    expect(
      await migrate(two, [{ name: '0001', up: async () => undefined }], { clock, holder: 'two' }),
    ).toEqual(['0001']);
  });

  it('of the product leave every declared index, also when run again on a database that has them', async () => {
    await migrate(one, migrations, { clock, holder: 'one' });
    expect(await missingIndexes(one, allIndexes)).toEqual([]);
    await one.main.collection('migrations').deleteMany({});
    await expect(migrate(two, migrations, { clock, holder: 'two' })).resolves.toEqual(
      migrations.map(({ name }) => name),
    );
  });
});
