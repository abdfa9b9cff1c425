import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { testDatabase } from '../support/database.ts';

const db = await testDatabase();

describe('a test file', () => {
  it('has a database of its own that takes transactions', async () => {
    await db.main.createCollection('things');
    await db.main.transaction(async (session) => {
      await db.main.collection('things').insertOne({ one: 1 }, { session });
    });
    expect(await db.main.collection('things').countDocuments()).toBe(1);
  });

  it('clones into its own realm, as the protocol library expects', () => {
    const copy = structuredClone({ list: [{ a: 1 }], at: new Date(5), map: new Map([['k', { b: 2 }]]) });
    expect(copy.constructor).toBe(Object);
    expect(copy.list[0]?.constructor).toBe(Object);
    expect(copy.at).toBeInstanceOf(Date);
    expect(copy.map.get('k')?.constructor).toBe(Object);
    expect(copy).toEqual({ list: [{ a: 1 }], at: new Date(5), map: new Map([['k', { b: 2 }]]) });
  });

  it('knows an error of Node’s own modules as an error', async () => {
    const error = await readFile('/nowhere').catch((fault: unknown) => fault);
    expect(error instanceof Error).toBe(true);
    expect(error instanceof TypeError).toBe(false);
    expect(new TypeError('x') instanceof Error).toBe(true);
    expect({ message: 'no error' } instanceof Error).toBe(false);
  });

  it('runs on the product’s own Node.js with its flags', () => {
    expect(Number(process.versions.node.split('.')[0])).toBeGreaterThanOrEqual(24);
    expect(process.execArgv).toContain('--disable-proto=delete');
    expect(process.env.UV_THREADPOOL_SIZE).toBe('16');
  });
});
