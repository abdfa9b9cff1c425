import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHealth, type Health } from '../../../src/base/observability/health.ts';
import { gauges, metricDocs, metricTable } from '../../../src/base/observability/metric-table.ts';
import { createMetrics, type Metrics } from '../../../src/base/observability/metrics.ts';
import { createOpsServer, type OpsServer } from '../../../src/base/observability/ops-server.ts';

let metrics: Metrics;
let health: Health;
let ops: OpsServer;
let base: string;
let database: () => Promise<unknown>;
let runs: number;
const clock = { time: 0, now: () => clock.time };

beforeEach(async () => {
  runs = 0;
  database = async () => undefined;
  metrics = createMetrics({ gaugeTimeoutMs: 20 });
  const check = (): Promise<unknown> => {
    runs += 1;
    return database();
  };
  health = createHealth({ checks: { database: check }, clock, timeoutMs: 20 });
  ops = createOpsServer({ metrics, health });
  base = `http://127.0.0.1:${await ops.listen('127.0.0.1', 0)}`;
});
afterEach(() => ops.close());

const scrape = async (): Promise<string> => (await fetch(`${base}/metrics`)).text();
const ready = async () => {
  const answer = await fetch(`${base}/health/ready`);
  return { status: answer.status, body: await answer.json() };
};

describe('metrics', () => {
  it('count requests by route, method and class of status', async () => {
    metrics.httpRequest({ route: 'token', method: 'POST', status: 200, ms: 12 });
    metrics.httpRequest({ route: 'token', method: 'POST', status: 204, ms: 3000 });
    const text = await scrape();
    expect(text).toContain('symbolon_http_requests_total{route="token",method="POST",status="2xx"} 2');
    const bucket =
      'symbolon_http_request_duration_seconds_bucket{le="0.025",route="token",method="POST",status="2xx"} 1';
    expect(text).toContain(bucket);
  });

  it('count sign-ins, grants, mails, lost audit rows and limits', async () => {
    metrics.signIn({ method: 'password', outcome: 'failure', reason: 'credentials.invalid' });
    metrics.tokenGrant('refresh_token');
    metrics.mail('failed');
    metrics.auditRowsLost(3);
    metrics.limited('sign-in');
    const text = await scrape();
    for (const line of [
      'symbolon_sign_ins_total{method="password",outcome="failure",reason="credentials.invalid"} 1',
      'symbolon_token_grants_total{grant_type="refresh_token"} 1',
      'symbolon_mails_total{outcome="failed"} 1',
      'symbolon_audit_rows_lost_total 3',
      'symbolon_limited_total{limiter="sign-in"} 1',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('read gauges at each scrape', async () => {
    let depth = 4;
    metrics.watch('passwordQueue', () => depth);
    expect(await scrape()).toContain('symbolon_password_queue_depth 4');
    depth = 0;
    expect(await scrape()).toContain('symbolon_password_queue_depth 0');
  });

  it('leave out a gauge that fails or takes too long, and keep the rest', async () => {
    metrics.watch('outboxAge', () => Promise.reject(new Error('down')));
    metrics.watch('databaseConnectionsOpen', () => new Promise(() => undefined));
    metrics.watch('passwordQueue', () => 1);
    const text = await scrape();
    expect(text).not.toMatch(/^symbolon_(outbox|database)/m);
    expect(text).toContain('symbolon_password_queue_depth 1');
  });

  it('measure the process and the lag of its event loop', async () => {
    expect(await scrape()).toContain('nodejs_eventloop_lag_seconds');
  });

  it('are all documented', () => {
    const page = metricDocs();
    for (const { name } of [...Object.values(metricTable), ...Object.values(gauges)])
      expect(page).toContain(name);
  });
});

describe('health', () => {
  it('is live while the process runs, whatever its dependencies do', async () => {
    database = () => Promise.reject(new Error('down'));
    const answer = await fetch(`${base}/health/live`);
    expect([answer.status, await answer.json()]).toEqual([200, { live: true }]);
  });

  it('is ready while every dependency answers', async () => {
    expect(await ready()).toEqual({
      status: 200,
      body: { ready: true, draining: false, checks: { database: 'ok' } },
    });
  });

  it.each<[string, () => Promise<unknown>]>([
    ['fails', () => Promise.reject(new Error('db-canary.internal:27017'))],
    ['takes too long', () => new Promise(() => undefined)],
  ])('is not ready when a dependency %s, and does not tell where it is', async (_, check) => {
    database = check;
    const { status, body } = await ready();
    expect([status, body]).toEqual([503, { ready: false, draining: false, checks: { database: 'failing' } }]);
  });

  it('asks dependencies at most once a second', async () => {
    await Promise.all([ready(), ready(), ready()]);
    expect(runs).toBe(1);
    clock.time += 1000;
    await ready();
    expect(runs).toBe(2);
  });

  it('is not ready from the moment the process is asked to stop', async () => {
    await ready();
    health.drain();
    expect(await ready()).toMatchObject({ status: 503, body: { ready: false, draining: true } });
  });
});

describe('the operations listener', () => {
  it.each([
    ['GET', '/'],
    ['GET', '/metrics/'],
    ['GET', '/health'],
    ['GET', '/metrics?x=1'],
    ['POST', '/metrics'],
    ['GET', '/.well-known/openid-configuration'],
  ])('answers 404 to %s %s', async (method, path) => {
    const answer = await fetch(`${base}${path}`, { method });
    expect(answer.status).toBe(404);
  });
});
