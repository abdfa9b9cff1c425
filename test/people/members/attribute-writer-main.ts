/** The child of attribute-writer.ts. */
import { Writable } from 'node:stream';
import { loadConfig } from '../../../src/base/config/load.ts';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { createI18n } from '../../../src/base/i18n/i18n.ts';
import { systemClock } from '../../../src/base/kernel/clock.ts';
import { createIds } from '../../../src/base/kernel/ids.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import { createLog } from '../../../src/base/observability/log.ts';
import { createMetrics } from '../../../src/base/observability/metrics.ts';
import { composeCore, openDatabase } from '../../../src/compose-core.ts';
import { composePeople } from '../../../src/compose-people.ts';
import { everyType } from '../../business/profiles/definitions.ts';

const { memberId, rounds } = JSON.parse(process.argv[2] ?? '');
const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
const config = loadConfig(process.env);
const db = await openDatabase(config);
const core = await composeCore(
  {
    config,
    clock: systemClock,
    ids: createIds(),
    log: createLog({ level: 'error', destination: nowhere }),
    metrics: createMetrics({ processMetrics: false }),
  },
  db,
);
const { members } = await composePeople(core, { i18n: createI18n() });
process.stdout.write('ready\n');
const [told] = await process.stdin.toArray();
const member = await members.get(memberId);
if (told && member) {
  const write = { definitions: everyType, source: { by: 'client', client: 'garage' } } as const;
  for (let round = 1; round <= rounds; round += 1) {
    const values = { cars: ((round - 1) % 10) + 1 };
    await inTransaction(db, (tx) =>
      members.setAttributes(tx, member, { ...write, values }, systemVisit('writer')),
    );
  }
}
await core.close();
await db.close();
process.exit(0);
