import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Koa from 'koa';
import { z } from 'zod';
import { isStorageUnavailable } from '../../../src/base/db/storage-errors.ts';
import type { EdgeContext } from '../../../src/base/http/context.ts';
import { createCookies } from '../../../src/base/http/cookies.ts';
import { allowFormAction, relaxFor, securityHeaders } from '../../../src/base/http/headers.ts';
import { jsonRoute } from '../../../src/base/http/json-routes.ts';
import { route } from '../../../src/base/http/routes.ts';
import { createEdgeServer } from '../../../src/base/http/server.ts';
import { DomainError } from '../../../src/base/kernel/errors.ts';
import { type Answer, type Edge, form, sendRaw, startEdge } from './edge.ts';

/** An error as the database driver throws it. */
function driverError(name: string, more: object = {}): Error {
  return Object.assign(new Error('connect ECONNREFUSED db-canary.internal:27017'), { name, ...more });
}

const thrown: Record<string, () => unknown> = {
  internal: () => new Error('canary in the message'),
  text: () => 'canary as a text',
  nothing: () => undefined,
  domain: () => new DomainError('limit.reached', { params: { minutes: 5 }, retryAfter: 61.2 }),
  network: () => driverError('MongoNetworkError'),
  selection: () => driverError('MongooseServerSelectionError'),
  'write-concern': () => driverError('MongoWriteConcernError', { code: 64 }),
  stepdown: () => driverError('MongoServerError', { code: 11_602 }),
  wrapped: () => new Error('the transaction failed', { cause: driverError('MongoPoolClearedError') }),
  labelled: () =>
    driverError('MongoServerError', { errorLabelSet: new Set(['UnknownTransactionCommitResult']) }),
  duplicate: () => driverError('MongoServerError', { code: 11_000 }),
};

const routes = [
  route({
    name: 'page',
    method: 'GET',
    path: '/page',
    handle(ctx) {
      ctx.type = 'html';
      ctx.body = '<!doctype html>';
    },
  }),
  route({
    name: 'back',
    method: 'GET',
    path: '/back',
    handle(ctx) {
      allowFormAction(ctx, ['https://shop.example/callback?x=1', 'com.example.app:/back']);
      ctx.type = 'html';
      ctx.body = '<!doctype html>';
    },
  }),
  route({
    name: 'away',
    method: 'POST',
    path: '/away',
    csrf: 'exempt',
    handle(ctx) {
      ctx.redirect('https://shop.example/callback');
      ctx.status = 303;
    },
  }),
  route({
    name: 'failing',
    method: 'GET',
    path: '/fail/:how',
    handle(ctx) {
      ctx.set('Location', 'https://shop.example/callback?code=canary');
      ctx.set('ETag', '"canary"');
      ctx.append('Set-Cookie', '__Host-session=canary; Path=/');
      ctx.cookies.set('other', 'canary', { secure: false });
      throw thrown[ctx.path.split('/')[2] ?? '']?.();
    },
  }),
  jsonRoute({
    name: 'data',
    method: 'GET',
    path: '/data',
    summary: 'Fails.',
    tag: 'test',
    answers: { 200: z.object({}) },
    handle() {
      throw new DomainError('sign_in.required');
    },
  }),
  route({
    name: 'slow',
    method: 'GET',
    path: '/slow',
    handle: () => new Promise<never>((_, reject) => setTimeout(reject, 300, new Error('late'))),
  }),
];

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({ routes, timeoutMs: 150 });
});
afterAll(() => edge.stop());

const everyAnswer: [number, () => Promise<Answer>][] = [
  [200, () => edge.send('/page')],
  [303, () => edge.send('/away', form(''))],
  [404, () => edge.send('/nowhere')],
  [405, () => edge.send('/page', { method: 'DELETE' })],
  [413, () => edge.send('/away', form('x'.repeat(70_000)))],
  [415, () => edge.send('/away', { method: 'POST', body: 'x' })],
  [421, () => edge.send('/page', { headers: { host: 'evil.example' } })],
  [429, () => edge.send('/fail/domain')],
  [500, () => edge.send('/fail/internal')],
  [503, () => edge.send('/fail/network')],
];

describe('the security headers', () => {
  it.each(everyAnswer)('are on an answer of %i', async (status, ask) => {
    const answer = await ask();
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'strict-transport-security': 'max-age=63072000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'x-frame-options': 'DENY',
      'permissions-policy': expect.stringContaining('camera=()'),
      'cache-control': 'no-store',
      'trace-id': expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(answer.headers).not.toHaveProperty('x-powered-by');
    expect(answer.headers).not.toHaveProperty('server');
  });

  it('allow no inline script, no frame, no plugin and no foreign form', async () => {
    const policy = String((await edge.send('/page')).headers['content-security-policy']).split('; ');
    expect(policy).toEqual(
      expect.arrayContaining([
        "script-src 'self'",
        "style-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
        "form-action 'self'",
      ]),
    );
    expect(policy.join()).not.toContain('unsafe');
  });

  it('let one page’s forms end at the client, by origin or private scheme', async () => {
    expect((await edge.send('/back')).headers['content-security-policy']).toContain(
      "form-action 'self' https://shop.example com.example.app:",
    );
    expect((await edge.send('/page')).headers['content-security-policy']).not.toContain('shop.example');
  });

  it('keep the bare minimum on what the parser refuses', async () => {
    const answer = await sendRaw(edge.port, 'NONSENSE\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('nosniff');
    const large = await sendRaw(
      edge.port,
      `GET / HTTP/1.1\r\nHost: id.example.com\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    );
    expect(large).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('promise no https where the issuer has none', async () => {
    const local = await startEdge({ issuer: 'http://localhost:3000', routes });
    const { headers } = await local.send('/page');
    await local.stop();
    expect(headers).not.toHaveProperty('strict-transport-security');
  });
});

describe('the relaxation of one answer', () => {
  async function policyAfter(relax: (ctx: EdgeContext) => void): Promise<string | null> {
    const app = new Koa();
    app.silent = true;
    app.use(securityHeaders('https://id.example.com'));
    app.use((ctx) => {
      relax(ctx);
      ctx.body = 'ok';
    });
    const server = createEdgeServer(app.callback());
    const port = await server.listen('127.0.0.1', 0);
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    await answer.text();
    await server.stop(0);
    return answer.status === 200 ? answer.headers.get('content-security-policy') : null;
  }

  it('adds hashes of scripts and targets of forms', async () => {
    const hash = `sha256-${Buffer.alloc(32, 1).toString('base64')}`;
    const policy = await policyAfter((ctx) =>
      relaxFor(ctx, { scriptHashes: [hash], formAction: ['https://rp.example:8443/cb'] }),
    );
    expect(policy).toContain(`script-src 'self' '${hash}'`);
    expect(policy).toContain("form-action 'self' https://rp.example:8443");
  });

  it.each([
    ['javascript:alert(1)'],
    ['https://*/'],
    ['https://rp.example;script-src/'],
    ['data:text/html,x'],
    ["'unsafe-inline'"],
    ['* ; script-src *'],
    ['myapp:/x'],
  ])('refuses %s as a target of forms', async (target) => {
    expect(await policyAfter((ctx) => allowFormAction(ctx, [target]))).toBeNull();
  });

  it.each([["'unsafe-inline'"], ['sha256-x; script-src *'], ['']])('refuses %s as a hash', async (hash) => {
    expect(await policyAfter((ctx) => relaxFor(ctx, { scriptHashes: [hash] }))).toBeNull();
  });
});

describe('an error', () => {
  it('is a page for browsers and problem+json for programs', async () => {
    const page = await edge.send('/fail/domain', { headers: { accept: 'text/html,*/*;q=0.8' } });
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.text).toContain('limit.reached');
    const data = await edge.send('/fail/domain', { headers: { accept: 'application/json' } });
    expect(data.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(JSON.parse(data.text)).toEqual({
      type: 'https://docs.example.com/errors#limit.reached',
      title: 'text of limit.reached',
      status: 429,
      code: 'limit.reached',
      trace: data.headers['trace-id'],
    });
  });

  it('is problem+json on an API route whatever is accepted', async () => {
    const answer = await edge.send('/data', { headers: { accept: 'text/html' } });
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([401, 'sign_in.required']);
  });

  it('says when to try again', async () => {
    expect((await edge.send('/fail/domain')).headers['retry-after']).toBe('62');
    expect((await edge.send('/fail/network')).headers['retry-after']).toBe('5');
  });

  it.each([['internal'], ['domain'], ['network']])(
    'takes back the redirect and every cookie but the device’s: %s',
    async (how) => {
      const { headers } = await edge.send(`/fail/${how}`);
      expect(headers.location).toBeUndefined();
      expect(headers.etag).toBeUndefined();
      expect(headers['set-cookie']).toEqual([expect.stringMatching(/^__Host-device=/)]);
    },
  );

  it.each([['internal'], ['text'], ['nothing'], ['duplicate']])(
    'nobody expected is 500, logged once with its trace id and told to nobody: %s',
    async (how) => {
      const before = edge.lines.length;
      const answer = await edge.send(`/fail/${how}`);
      const lines = edge.lines.slice(before).filter((line) => line.level === 'error');
      expect([answer.status, lines.length, lines[0]?.trace]).toEqual([500, 1, answer.headers['trace-id']]);
      expect(answer.text + JSON.stringify(answer.headers)).not.toContain('canary');
    },
  );

  it.each([['network'], ['selection'], ['write-concern'], ['stepdown'], ['wrapped'], ['labelled']])(
    'of the database is 503 storage.unavailable without its address: %s',
    async (how) => {
      const answer = await edge.send(`/fail/${how}`);
      expect(answer.status).toBe(503);
      expect(answer.text).toContain('storage.unavailable');
      expect(answer.text).not.toContain('canary');
    },
  );

  it('of a duplicate key is no outage', () => {
    expect(isStorageUnavailable(driverError('MongoServerError', { code: 11_000 }))).toBe(false);
    expect(isStorageUnavailable(new Error('anything'))).toBe(false);
    expect(isStorageUnavailable(undefined)).toBe(false);
  });

  it('is a plain page even when the error page fails', async () => {
    const { errorHandler } = await import('../../../src/base/http/errors.ts');
    const app = new Koa();
    const silent = () => undefined;
    const log = { error: silent, warn: silent, info: silent, debug: silent, with: () => log };
    const renderError = (): string => {
      throw new Error('canary');
    };
    const cookies = createCookies('https://id.example.com');
    app.use(errorHandler({ log, cookies, docsUrl: '', renderError, describe: () => '' }));
    const server = createEdgeServer(app.callback());
    const port = await server.listen('127.0.0.1', 0);
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { accept: 'text/html' } });
    const text = await answer.text();
    await server.stop(0);
    expect([answer.status, text.includes('route.not_found'), text.includes('canary')]).toEqual([
      404,
      true,
      false,
    ]);
  });
});

describe('methods', () => {
  it('HEAD is GET without the body', async () => {
    const answer = await edge.send('/page', { method: 'HEAD' });
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect((await edge.send('/nowhere', { method: 'HEAD' })).status).toBe(404);
  });

  it('that a route does not have are answered 405 with those it has', async () => {
    const answer = await edge.send('/away', { method: 'GET' });
    expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
    expect(answer.text).toContain('route.method_not_allowed');
  });

  it.each([['TRACE'], ['PROPFIND']])('%s is refused', async (method) => {
    expect((await edge.send('/page', { method })).status).toBe(405);
  });
});

describe('the deadline', () => {
  it('answers 503 overloaded, and logs what fails later without answering twice', async () => {
    const answer = await edge.send('/slow');
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '2']);
    expect(answer.text).toContain('overloaded');
    const late = () => edge.lines.some((line) => line.msg === 'a request failed after its deadline');
    await expect(eventually(late)).resolves.toBe(true);
  });
});

describe('the line of a request', () => {
  it('names the route and never the path, the query or a cookie', async () => {
    const before = edge.lines.length;
    await edge.send('/fail/domain?code=canary', { headers: { cookie: 'x=canary', 'user-agent': 'canary' } });
    const lines = () => edge.lines.slice(before).filter((line) => line.msg === 'request');
    await eventually(() => lines().length > 0);
    expect(lines()).toEqual([
      {
        level: 'info',
        time: expect.any(String),
        msg: 'request',
        method: 'GET',
        route: 'failing',
        status: 429,
        code: 'limit.reached',
        ms: expect.any(Number),
        bytes: expect.any(Number),
        trace: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    ]);
  });

  it('is measured under the same name, and what is no route is unmatched', async () => {
    const before = edge.samples.length;
    await edge.send('/page');
    await edge.send('/nowhere/canary');
    await eventually(() => edge.samples.length >= before + 2);
    expect(edge.samples.slice(before).map(({ route: name, status }) => [name, status])).toEqual([
      ['page', 200],
      ['unmatched', 404],
    ]);
  });
});

describe('the table of routes', () => {
  it('refuses two routes with one name or one address', async () => {
    const handle = () => undefined;
    const one = route({ name: 'one', method: 'GET', path: '/one', handle });
    await expect(
      startEdge({ routes: [one, route({ name: 'one', method: 'GET', path: '/two', handle })] }),
    ).rejects.toThrow(/two routes/);
    await expect(
      startEdge({ routes: [one, route({ name: 'two', method: 'GET', path: '/one', handle })] }),
    ).rejects.toThrow(/two routes/);
  });

  it('answers no route whose guard nobody provides', async () => {
    const guarded = route({
      name: 'guarded',
      method: 'GET',
      path: '/guarded',
      limiter: 'pages',
      handle: () => undefined,
    });
    const other = await startEdge({ routes: [guarded] });
    const answer = await other.send('/guarded');
    await other.stop();
    expect(answer.status).toBe(500);
  });
});

/** Waits for a condition, turn by turn of the event loop. */
async function eventually(condition: () => boolean): Promise<boolean> {
  const until = performance.now() + 30_000;
  while (!condition() && performance.now() < until) await new Promise((resolve) => setImmediate(resolve));
  return condition();
}
