import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { endProcess, isAlive } from '../../src/base/db/mongod/process.ts';
import { type Mongod, type MongodOptions, startMongod } from '../../src/base/db/mongod.ts';
import { fakeMongod, projectRoot, scratchFolder } from './files.ts';

const log = { info: () => undefined, warn: () => undefined };
const started: Mongod[] = [];
const owners: ChildProcess[] = [];

afterEach(async () => {
  for (const owner of owners.splice(0)) owner.kill('SIGKILL');
  await Promise.all(started.splice(0).map((mongod) => mongod.stop()));
});

async function start(dataDir: string, more: Partial<MongodOptions> = {}): Promise<Mongod> {
  const mongod = await startMongod({ dataDir, log, env: process.env, ...more });
  started.push(mongod);
  return mongod;
}

async function things(mongod: Mongod): Promise<unknown[]> {
  const client = await mongoose.mongo.MongoClient.connect(mongod.uri);
  try {
    return await client.db('kept').collection('things').distinct('written');
  } finally {
    await client.close();
  }
}

async function write(mongod: Mongod, written: string): Promise<void> {
  const client = await mongoose.mongo.MongoClient.connect(mongod.uri);
  try {
    await client.withSession((session) =>
      session.withTransaction(() =>
        client.db('kept').collection('things').insertOne({ written }, { session }),
      ),
    );
  } finally {
    await client.close();
  }
}

/** Another process that owns an embedded MongoDB; answers the server's process id. */
async function ownerOf(dataDir: string): Promise<{ owner: ChildProcess; serverPid: number }> {
  const program = path.join(projectRoot, 'test/platform/owner.ts');
  const owner = spawn(process.execPath, [program, dataDir], { stdio: ['pipe', 'pipe', 'inherit'] });
  owners.push(owner);
  const [line] = (await once(owner.stdout, 'data')) as [Buffer];
  return { owner, serverPid: Number(line.toString()) };
}

async function kill(owner: ChildProcess): Promise<void> {
  owner.kill('SIGKILL');
  await once(owner, 'exit');
}

/** Takes a port for as long as the work lasts. */
async function whileTaken<T>(port: number, work: () => Promise<T>): Promise<T> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await work();
  } finally {
    server.close();
  }
}

const portOf = (mongod: Mongod) => Number(new URL(mongod.uri).port);

describe('the embedded MongoDB', () => {
  it('keeps its data and its address from one start to the next, and leaves no process', async () => {
    const dataDir = await scratchFolder();
    const first = await start(dataDir);
    await write(first, 'first');
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);

    const second = await start(dataDir);
    expect(await things(second)).toEqual(['first']);
    expect(second.uri).toBe(first.uri);
  });

  it('moves when its port was taken meanwhile', async () => {
    const dataDir = await scratchFolder();
    const first = await start(dataDir);
    await write(first, 'first');
    await first.stop();

    const second = await whileTaken(portOf(first), () => start(dataDir));
    expect(portOf(second)).not.toBe(portOf(first));
    expect(await things(second)).toEqual(['first']);
  });

  it('recovers what was written when it was itself killed', async () => {
    const dataDir = await scratchFolder();
    const first = await start(dataDir);
    await write(first, 'first');
    process.kill(first.pid, 'SIGKILL');
    await endProcess(first.pid, 5_000);

    expect(await things(await start(dataDir))).toEqual(['first']);
  });

  it('is adopted by the next start when its owner was killed', async () => {
    const dataDir = await scratchFolder();
    const { owner, serverPid } = await ownerOf(dataDir);
    await kill(owner);
    expect(isAlive(serverPid)).toBe(true);

    const adopted = await start(dataDir);
    expect(adopted.pid).toBe(serverPid);
    expect(await things(adopted)).toEqual(['by the owner']);
    await adopted.stop();
    expect(isAlive(serverPid)).toBe(false);
  });

  it('is stopped and started anew when the orphan runs with other settings', async () => {
    const dataDir = await scratchFolder();
    const { owner, serverPid } = await ownerOf(dataDir);
    await kill(owner);

    const anew = await start(dataDir, { enableTestCommands: true });
    expect(isAlive(serverPid)).toBe(false);
    expect(await things(anew)).toEqual(['by the owner']);
  });

  it('is not taken from an owner that lives', async () => {
    const dataDir = await scratchFolder();
    const { owner, serverPid } = await ownerOf(dataDir);
    await expect(start(dataDir)).rejects.toThrow(`Another Symbolon (process ${owner.pid})`);
    expect(isAlive(serverPid)).toBe(true);
    await kill(owner);
    await start(dataDir);
  });

  it('takes a lock file that names somebody else’s process for what it is', async () => {
    const dataDir = await scratchFolder();
    const first = await start(dataDir);
    await first.stop();
    await writeFile(path.join(dataDir, 'db/mongod.lock'), `${process.pid}\n`);
    const second = await start(dataDir);
    expect(second.pid).not.toBe(process.pid);
  });

  it('listens on the loopback address alone, without compressors and server-side JavaScript', async () => {
    const dataDir = await scratchFolder();
    const mongod = await start(dataDir);
    const client = await mongoose.mongo.MongoClient.connect(mongod.uri);
    const { parsed } = await client.db('admin').command({ getCmdLineOpts: 1 });
    await client.close();
    expect(parsed).toMatchObject({
      net: {
        bindIp: '127.0.0.1',
        compression: { compressors: 'disabled' },
        unixDomainSocket: { enabled: false },
      },
      security: { javascriptEnabled: false },
      storage: { wiredTiger: { engineConfig: { cacheSizeGB: 0.25 } } },
    });
  });

  it('says which port is in use', async () => {
    const dataDir = await scratchFolder();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(start(dataDir, { port })).rejects.toThrow(`Port ${port}`);
    server.close();
    const state = JSON.parse(await readFile(path.join(dataDir, 'mongod.json'), 'utf8'));
    expect(state).toEqual({});
  });

  it('says what to do when the server does not start', async () => {
    const dataDir = await scratchFolder();
    const binary = await fakeMongod(path.join(dataDir, 'fake'), '8.0.1');
    const failing = start(dataDir, { env: { MONGOD_BINARY: binary, PATH: process.env.PATH } });
    await expect(failing).rejects.toThrow(/did not start on the data in .*To begin anew/s);
  });
});
