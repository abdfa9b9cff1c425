/** What operators' tools see: health, metrics, and a stop that drops no request. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { atEnd, freshDatabaseAddress, testMongodUri } from '../support/database.ts';
import { issuerEnvironment, startIssuer } from '../support/issuer.ts';
import { register } from '../support/people.ts';
import { freePort } from '../support/ports.ts';
import { RelyingParty } from '../support/relying-party.ts';

const root = resolve(import.meta.dirname, '../..');

interface Ready {
  ready: boolean;
  draining: boolean;
  checks: Record<string, string>;
}

async function ready(opsPort: number): Promise<{ status: number; body: Ready }> {
  const response = await fetch(`http://127.0.0.1:${opsPort}/health/ready`);
  return { status: response.status, body: (await response.json()) as Ready };
}

/** Asks until the answer is as wanted; the test's own time limit ends a wait in vain. */
async function until<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
  }
}

/** A way to the test's MongoDB that can be cut. */
async function cuttableWay() {
  const { hostname, port } = new URL(testMongodUri());
  const open = new Set<Socket>();
  let cut = false;
  const server = createServer((near) => {
    if (cut) {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        open.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(async () => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    cut() {
      cut = true;
      for (const socket of open) socket.destroy();
    },
    mend() {
      cut = false;
    },
  };
}

describe('the operations listener', () => {
  it('shows life, readiness and metrics, and nothing of a person', async () => {
    const issuer = await startIssuer();
    const ops = `http://127.0.0.1:${issuer.opsPort}`;
    const shop = await RelyingParty.register(issuer, { id: 'ops-shop' });
    const agent = issuer.agent();
    await register(issuer, agent, (await shop.open(agent)).page, { email: 'metrics@ops.example' });
    expect(await (await fetch(`${ops}/health/live`)).json()).toEqual({ live: true });
    expect(await ready(issuer.opsPort)).toEqual({
      status: 200,
      body: { ready: true, draining: false, checks: { database: 'ok', keys: 'ok', migrations: 'ok' } },
    });
    const metrics = await fetch(`${ops}/metrics`);
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    const text = await metrics.text();
    expect(text).toMatch(/^symbolon_http_requests_in_flight 0$/m);
    expect(text).toMatch(/route="interaction\.[a-z.-]+"/);
    expect(text).not.toMatch(/ops\.example|mbr_|127\.0\.0\.1|\/interaction\/[\w-]{10}/);
    expect((await fetch(`${ops}/account`)).status).toBe(404);
    expect((await fetch(`${issuer.url}/metrics`)).status).toBe(404);
    expect((await fetch(`${issuer.url}/health/ready`)).status).toBe(404);
  });

  it('turns red while the database is gone, and green when it is back', async () => {
    const way = await cuttableWay();
    const own = new URL(freshDatabaseAddress().uri);
    const uri = `mongodb://127.0.0.1:${way.port}${own.pathname}?directConnection=true`;
    const issuer = await startIssuer({ database: { uri, keysUri: uri.replace('?', '_keys?') } });
    const ask = () => {
      issuer.clock.advance(1_001);
      return ready(issuer.opsPort);
    };
    expect((await ask()).status).toBe(200);
    way.cut();
    const red = await until(ask, ({ status }) => status === 503);
    expect(red.body).toMatchObject({ ready: false, draining: false, checks: { database: 'failing' } });
    expect((await fetch(`http://127.0.0.1:${issuer.opsPort}/health/live`)).status).toBe(200);
    way.mend();
    expect((await until(ask, ({ status }) => status === 200)).body.ready).toBe(true);
  });
});

describe('a stop by SIGTERM', () => {
  it('turns readiness red, takes no new connection, finishes what is in flight, and ends with exit code 0', async () => {
    const { child, port, opsPort } = await startProcess();
    const slow = request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/token',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': 29,
        host: `localhost:${port}`,
      },
    });
    const answered = once(slow, 'response');
    slow.write('grant_type=');
    const metrics = async () => (await fetch(`http://127.0.0.1:${opsPort}/metrics`)).text();
    await until(metrics, (text) => /^symbolon_http_requests_in_flight 1$/m.test(text));

    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const red = await until(
      () => ready(opsPort),
      ({ status }) => status === 503,
    );
    expect(red.body).toMatchObject({ ready: false, draining: true });
    const refused = async () =>
      fetch(`http://127.0.0.1:${port}/jwks`).then(
        () => false,
        () => true,
      );
    expect(await until(refused, (isRefused) => isRefused)).toBe(true);

    slow.end('client_credentials');
    const [response] = await answered;
    expect(response.statusCode).toBe(400);
    expect(response.headers.connection).toBe('close');
    response.resume();
    expect(await ended).toEqual([0, null]);
  });
});

/** The product's own entry in a process of its own. */
async function startProcess(): Promise<{ child: ChildProcess; port: number; opsPort: number }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'symbolon-drain-'));
  const [port, opsPort] = [await freePort(), await freePort()];
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(root, 'src/main.ts')],
    {
      cwd: root,
      env: {
        PATH: process.env.PATH ?? '',
        ...issuerEnvironment({ port, dataDir, database: freshDatabaseAddress() }),
        SYMBOLON_OPS_PORT: String(opsPort),
        SYMBOLON_SMTP_URL: 'smtp://127.0.0.1:9',
        SYMBOLON_DRAIN_SECONDS: '60',
        SYMBOLON_REQUEST_TIMEOUT_MS: '60000',
      },
      stdio: 'ignore',
    },
  );
  atEnd(async () => {
    if (child.exitCode === null) child.kill('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  });
  const isReady = () =>
    ready(opsPort).then(
      ({ status }) => status === 200,
      () => false,
    );
  await until(
    async () => child.exitCode !== null || (await isReady()),
    (done) => done,
  );
  expect(child.exitCode).toBeNull();
  return { child, port, opsPort };
}
