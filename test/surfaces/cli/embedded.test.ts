/** Where no database is configured: the command line meets the one a running issuer has, or brings its own. */
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { runningMongod } from '../../../src/base/db/mongod/attach.ts';
import { isAlive, serverOn } from '../../../src/base/db/mongod/process.ts';
import { startMongod } from '../../../src/base/db/mongod.ts';
import { createLog } from '../../../src/base/observability/log.ts';
import { scratchFolder } from '../../platform/files.ts';
import { commandLine } from '../../support/command.ts';

describe('the embedded database', () => {
  it('is used where it runs, and keeps running under its owner', async () => {
    const embedded = await scratchFolder();
    const owned = await startMongod({
      dataDir: join(embedded, 'db'),
      log: createLog({ level: 'silent' }),
      env: process.env,
    });
    try {
      const operator = commandLine({ embedded });
      expect(await operator.json('migrate', 'up')).toMatchObject({ code: 0 });
      expect(isAlive(owned.pid)).toBe(true);
      expect(await runningMongod(join(embedded, 'db'))).toBe(owned.uri);
    } finally {
      await owned.stop();
    }
    expect(await runningMongod(join(embedded, 'db'))).toBeUndefined();
  });

  it('is started for a command where none runs, keeps what it wrote, and is stopped again', async () => {
    const embedded = await scratchFolder();
    const operator = commandLine({ embedded });
    expect(await operator.json('migrate', 'up')).toMatchObject({ code: 0 });
    expect(await serverOn(join(embedded, 'db', 'db'))).toBeUndefined();
    expect(await operator.json('migrate')).toMatchObject({ code: 0, data: { pending: [] } });
    expect(await serverOn(join(embedded, 'db', 'db'))).toBeUndefined();
  });
});
