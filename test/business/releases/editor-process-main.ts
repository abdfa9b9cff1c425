/** The child of editor-process.ts. */
import { createInterface } from 'node:readline';
import { connectDatabase } from '../../../src/base/db/connection.ts';
import type { Order } from './editor-process.ts';
import { anybodyMay, ben, testReleases } from './releases-of-test.ts';

const db = await connectDatabase({ uri: process.env.DATABASE ?? '', keysUri: process.env.KEYS ?? '' });
/** Whether the next publication is the end of this process, between the release and the head. */
let dying = false;
const { workflow, releases } = await testReleases({
  db,
  broken: (whole) => ({
    ...whole,
    publish(...given) {
      if (dying) process.kill(process.pid, 'SIGKILL');
      return whole.publish(...given);
    },
  }),
});

async function carry(order: Order): Promise<string> {
  if (order.do === 'carry-out') return String((await workflow.publishing.carryOutDue(anybodyMay)).published);
  if (order.do === 'publish-and-die') {
    dying = true;
    await workflow.publishing.publish(order, {}, ben);
    return 'alive';
  }
  const { minLength } = order;
  await workflow.drafts.edit(order, [{ item: 'program', patch: { password: { minLength } } }], ben);
  return 'done';
}

process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const outcome = await carry(JSON.parse(line)).catch((error) => String(error.code ?? error));
  process.stdout.write(`${outcome}\n`);
}
await releases.live.close();
await db.close();
process.exit(0);
