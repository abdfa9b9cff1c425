import { describe, expect, it } from '@jest/globals';
import { awaitNotices } from '../../bench/driver/notices.ts';
import { stocked } from '../../bench/driver/operations/operation.ts';
import { operations } from '../../bench/driver/operations.ts';
import { operationTitles } from '../../bench/report.ts';
import { freePort } from '../support/ports.ts';

describe('steps that use something up', () => {
  it('use what was made before, each thing once, and say how much is left', async () => {
    const used: number[] = [];
    let made = 0;
    const { run, stock } = stocked(
      8,
      async () => ++made,
      async (item) => void used.push(item),
    );
    expect(stock).toMatchObject({ most: 8 });
    await stock.fill(2);
    await run();
    await stock.fill(2);
    await run();
    expect({ used, made, left: stock.left() }).toEqual({ used: [1, 2], made: 3, left: 1 });
  });

  it('fail when nothing was made', async () => {
    const { run } = stocked(
      1,
      async () => 1,
      async () => {},
    );
    await expect(run()).rejects.toThrow('nothing left');
  });
});

describe('logout notices at the driver', () => {
  it('are waited for until all that are owed have come, whether before or after', async () => {
    const uri = `http://127.0.0.1:${await freePort()}/logout-notice`;
    const notices = await awaitNotices(uri);
    expect(await awaitNotices(uri)).toBe(notices);
    const notify = async () => expect((await fetch(uri, { method: 'POST', body: 'x' })).status).toBe(200);
    await notify();
    notices.expect(2);
    let settled = false;
    const waiting = Promise.all([notices.settled(), notices.settled()]).then(() => {
      settled = true;
    });
    await new Promise(setImmediate);
    expect(settled).toBe(false);
    await notify();
    await waiting;
    await notices.settled();
  });
});

describe('the bench’s operations', () => {
  it('are each named in the report', () => {
    expect(Object.keys(operationTitles).sort()).toEqual(Object.keys(operations).sort());
  });
});
