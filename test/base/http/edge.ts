/** A listener with the edge's middlewares in their order, and a plain HTTP caller that sends exactly what it is told. */
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import Koa from 'koa';
import type { EdgeMiddleware, EdgeState } from '../../../src/base/http/context.ts';
import { createCookies } from '../../../src/base/http/cookies.ts';
import { createCsrf } from '../../../src/base/http/csrf.ts';
import { deadline } from '../../../src/base/http/deadline.ts';
import { errorHandler } from '../../../src/base/http/errors.ts';
import { securityHeaders } from '../../../src/base/http/headers.ts';
import { hostGuard } from '../../../src/base/http/host.ts';
import type { IdempotencyKeys } from '../../../src/base/http/idempotency-keys.ts';
import { requestLog } from '../../../src/base/http/request-log.ts';
import { createRoutes, type Route } from '../../../src/base/http/routes.ts';
import { createEdgeServer } from '../../../src/base/http/server.ts';
import { visitMiddleware } from '../../../src/base/http/visit.ts';
import { DomainError } from '../../../src/base/kernel/errors.ts';
import { createIds } from '../../../src/base/kernel/ids.ts';
import { createLog } from '../../../src/base/observability/log.ts';

/** Choices of {@link startEdge}. */
export interface EdgeOptions {
  issuer?: string;
  trustedProxies?: number;
  routes?: readonly Route[];
  /** Runs where the surfaces would. */
  inside?: EdgeMiddleware;
  timeoutMs?: number;
  /** Where keys of requests that are carried out once are kept. */
  idempotencyKeys?: IdempotencyKeys;
}

/** One answer. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** What a request is made of. */
export interface Sent {
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
}

export type Edge = Awaited<ReturnType<typeof startEdge>>;

/** A destination for log lines that can be read. */
export function logLines() {
  const lines: Record<string, unknown>[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      for (const line of String(chunk).split('\n')) if (line) lines.push(JSON.parse(line));
      done();
    },
  });
  return { lines, destination };
}

/** Starts the edge on a free port of this machine. */
export async function startEdge(options: EdgeOptions = {}) {
  const issuer = options.issuer ?? 'https://id.example.com';
  const clock = { time: Date.UTC(2026, 0, 1), now: () => clock.time };
  const { lines, destination } = logLines();
  const log = createLog({ level: 'debug', destination });
  const cookies = createCookies(issuer);
  const csrf = createCsrf({ keys: () => [Buffer.alloc(32, 2), Buffer.alloc(32, 3)], clock, issuer });
  const samples: { route: string; status: number }[] = [];
  const routes = createRoutes(options.routes ?? [], {
    csrf,
    ...(options.idempotencyKeys && { idempotencyKeys: options.idempotencyKeys }),
    // A token `for-<api>` carries every scope of it and those of the header `Also`; whom `Caller` names sends it.
    async authorize(ctx, { api, scopes }) {
      if (ctx.get('Authorization') !== `Bearer for-${api}`) throw new DomainError('sign_in.required');
      const clientId = ctx.get('Caller') || 'tester';
      ctx.state.caller = { clientId, memberId: undefined, scopes: new Set([...scopes, ctx.get('Also')]) };
    },
  });
  const table: EdgeMiddleware[] = [
    securityHeaders(issuer),
    requestLog({ log, clock, metrics: { httpRequest: (sample) => void samples.push(sample) } }),
    errorHandler({
      log,
      cookies,
      docsUrl: 'https://docs.example.com/errors',
      renderError: (_ctx, error) => `<!doctype html><h1>${error.code}</h1><p>${error.reference}</p>`,
      describe: (_ctx, code) => `text of ${code}`,
    }),
    visitMiddleware({
      clock,
      ids: createIds(),
      cookies,
      deviceKeys: [Buffer.alloc(32, 1), Buffer.alloc(32, 9)],
      trustedProxies: options.trustedProxies ?? 0,
      negotiate: ({ asked, chosen, accepted }) => asked ?? chosen ?? accepted ?? 'en',
    }),
    hostGuard(issuer),
    deadline({ timeoutMs: options.timeoutMs ?? 5000, log }),
    routes.middleware,
    ...(options.inside ? [options.inside] : []),
  ];
  const app = new Koa<EdgeState>();
  for (const middleware of table) app.use(middleware);
  const server = createEdgeServer(app.callback());
  const port = await server.listen('127.0.0.1', 0);
  return {
    port,
    server,
    csrf,
    cookies,
    clock,
    lines,
    samples,
    stop: () => server.stop(0),
    send: (path: string, sent: Sent = {}) => send(port, path, sent, new URL(issuer).host),
  };
}

/** Sends one request and reads the whole answer. */
export function send(port: number, path: string, sent: Sent = {}, host = 'id.example.com'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { host, ...sent.headers };
    const outgoing = request({
      port,
      host: '127.0.0.1',
      path,
      method: sent.method ?? 'GET',
      headers,
      agent: false,
    });
    outgoing.once('error', reject);
    outgoing.once('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('error', reject);
      incoming.once('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text });
      });
    });
    outgoing.end(sent.body);
  });
}

/** Sends bytes as they are and reads until the server closes. */
export function sendRaw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(answer));
  });
}

/** A form post. */
export function form(body: string, headers: Record<string, string> = {}): Sent {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body,
  };
}

/** The cookies an answer set, as the browser would send them back. */
export function cookieHeader(answer: Answer): string {
  return (answer.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ');
}
