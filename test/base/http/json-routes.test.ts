import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { callerOf } from '../../../src/base/http/context.ts';
import { jsonRoute } from '../../../src/base/http/json-routes.ts';
import { page, pageOf, pageQuery, placeOf } from '../../../src/base/http/paging.ts';
import { type Edge, type Sent, startEdge } from './edge.ts';

const auth = { api: 'test', scopes: ['things'] } as const;
const thing = z.object({ id: z.string(), colour: z.string().optional() });
const setting = z.strictObject({
  lock: z.array(z.string()).optional(),
  password: z.strictObject({ minLength: z.int().min(8).max(64).optional() }).optional(),
  texts: z.record(z.string(), z.record(z.string(), z.string())).optional(),
  kind: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('text'), max: z.int() }),
    z.strictObject({ type: z.literal('number') }),
  ]),
  clientSecret: z.string().max(4).optional(),
  $schema: z.string().optional(),
});
const things = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, secret: 'canary' }));
const stored = new Map<string, { version: number; colour: string }>();

const routes = [
  jsonRoute({
    name: 'things.list',
    method: 'GET',
    path: '/things',
    summary: 'Lists things.',
    tag: 'things',
    auth,
    input: { query: z.object({ ...pageQuery({ usual: 2, most: 3 }) }) },
    answers: { 200: pageOf(thing) },
    handle(_ctx, { query: { limit, cursor } }) {
      const after = placeOf(z.tuple([z.string()]), cursor)?.[0] ?? '';
      const found = things.filter(({ id }) => id > after).slice(0, limit + 1);
      return { status: 200, body: page(found, limit, ({ id }) => [id]) };
    },
  }),
  jsonRoute({
    name: 'things.read',
    method: 'GET',
    path: '/things/:id',
    summary: 'Reads a thing.',
    tag: 'things',
    auth,
    versioned: true,
    input: { params: z.object({ id: z.string().max(4) }) },
    answers: { 200: thing },
    handle: (_ctx, { params }) => ({
      status: 200,
      body: { id: params.id, secret: 'canary' } as { id: string },
      etag: `v-${params.id}`,
    }),
  }),
  jsonRoute({
    name: 'things.put',
    method: 'PUT',
    path: '/things/:id',
    summary: 'Writes a thing.',
    tag: 'things',
    auth,
    ifMatch: 'optional',
    input: { params: z.object({ id: z.string() }), body: z.object({ colour: z.string() }) },
    answers: { 200: thing, 201: thing },
    versioned: true,
    handle(_ctx, { params: { id }, body: { colour }, conditions }) {
      const old = stored.get(id);
      conditions.require(old && String(old.version));
      const version = (old?.version ?? 0) + 1;
      stored.set(id, { version, colour });
      const answer = { body: { id, colour }, etag: String(version) };
      return old ? { status: 200, ...answer } : { status: 201, location: `/things/${id}`, ...answer };
    },
  }),
  jsonRoute({
    name: 'things.delete',
    method: 'DELETE',
    path: '/things/:id',
    summary: 'Removes a thing.',
    tag: 'things',
    auth,
    ifMatch: 'required',
    input: { params: z.object({ id: z.string() }) },
    answers: { 204: null, 202: null },
    handle(_ctx, { params: { id }, conditions }) {
      conditions.require(stored.has(id) ? String(stored.get(id)?.version) : undefined);
      stored.delete(id);
      return id === 'later' ? { status: 202 } : { status: 204 };
    },
  }),
  jsonRoute({
    name: 'settings.put',
    method: 'PUT',
    path: '/settings/*path',
    summary: 'Writes a document.',
    tag: 'things',
    auth,
    json: 'document',
    bodyLimit: 200_000,
    input: { params: z.object({ path: z.string() }), body: setting },
    answers: { 200: z.object({ path: z.string(), document: z.unknown(), caller: z.string() }) },
    handle: (ctx, { params, body }) => ({
      status: 200,
      body: { path: params.path, document: body, caller: callerOf(ctx).clientId },
    }),
  }),
  jsonRoute({
    name: 'profile.patch',
    method: 'PATCH',
    path: '/profile',
    summary: 'Changes personal data.',
    tag: 'things',
    auth,
    input: { body: z.union([z.array(z.int()), z.strictObject({ phone: z.string().max(5) })]) },
    answers: { 200: z.unknown() },
    handle: (_ctx, { body }) => ({ status: 200, body }),
  }),
  jsonRoute({
    name: 'broken',
    method: 'GET',
    path: '/broken/:how',
    summary: 'Answers what it has not declared.',
    tag: 'things',
    input: { params: z.object({ how: z.string() }) },
    answers: { 200: z.object({ count: z.int() }), 204: null },
    handle(_ctx, { params: { how } }) {
      if (how === 'body') return { status: 200, body: { count: 'canary' as never } };
      return { status: 418 as 204 };
    },
  }),
];

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({ routes });
});
afterAll(() => edge.stop());

const bearer = { authorization: 'Bearer for-test' };
async function ask(path: string, sent: Sent & { json?: unknown } = {}) {
  const { json, headers, ...rest } = sent;
  const answer = await edge.send(path, {
    ...rest,
    headers: { ...bearer, ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  return { ...answer, json: answer.text ? JSON.parse(answer.text) : undefined };
}
const put = (json: unknown) => ask('/settings/brands/x/brand', { method: 'PUT', json });
const good = { kind: { type: 'number' } };

describe('an answer', () => {
  it('is cut to what the route declares', async () => {
    const answer = await ask('/things/a');
    expect([answer.status, answer.json]).toEqual([200, { id: 'a' }]);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  });

  it.each([['body'], ['status']])(
    'that is not what the route declares is 500 and tells nothing: %s',
    async (how) => {
      const answer = await ask(`/broken/${how}`);
      expect([answer.status, answer.json.code]).toEqual([500, 'internal']);
      expect(answer.text).not.toContain('canary');
    },
  );

  it('keeps its status without content', async () => {
    stored.set('later', { version: 1, colour: 'red' });
    const answer = await ask('/things/later', { method: 'DELETE', headers: { 'if-match': '"1"' } });
    expect([answer.status, answer.text]).toEqual([202, '']);
  });
});

describe('a token', () => {
  it('is asked for before anything of the request is judged', async () => {
    const sent = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{' };
    const answer = await edge.send('/settings/x', sent);
    expect(answer.status).toBe(401);
  });

  it('is needed by whatever changes something', () => {
    const unguarded = () =>
      jsonRoute({
        name: 'unguarded',
        method: 'POST',
        path: '/unguarded',
        summary: 'Nobody is asked.',
        tag: 'test',
        answers: { 204: null },
        handle: () => ({ status: 204 }),
      });
    expect(unguarded).toThrow(/needs auth/);
  });
});

describe('a document', () => {
  it('may name its texts by dotted keys, hold $schema, and be large and deep', async () => {
    const document = {
      ...good,
      $schema: './schema.json',
      texts: { en: { 'page.title': 'x'.repeat(100_000), 'a[0]': 'b' } },
    };
    const answer = await put(document);
    expect([answer.status, answer.json]).toEqual([
      200,
      { path: 'brands/x/brand', document, caller: 'tester' },
    ]);
  });

  it.each([['__proto__'], ['constructor'], ['prototype'], [''], ['a\0']])(
    'may not name anything %j',
    async (name) => {
      const body = `{"kind":{"type":"number"},"texts":{"en":{${JSON.stringify(name)}:"x"}}}`;
      const headers = { 'content-type': 'application/json' };
      const answer = await ask('/settings/x', { method: 'PUT', headers, body });
      expect([answer.status, answer.json.code]).toEqual([400, 'input.malformed']);
      expect(answer.json.errors[0].path).toMatch(/^\/texts\/en\//);
    },
  );

  it('is refused beyond its depth, and beyond its size', async () => {
    const deep = JSON.parse(`{"texts":${'['.repeat(40)}${']'.repeat(40)}}`);
    expect((await put(deep)).status).toBe(400);
    expect((await put({ ...good, $schema: 'x'.repeat(201_000) })).status).toBe(413);
  });

  it('is told every fault at once, with the place, what is right there and what stands there', async () => {
    const answer = await put({
      lock: 'password',
      pasword: { minLength: 8 },
      password: { minLenght: 8, minLength: 4 },
      texts: { en: { 'a/b~c': 7 } },
      kind: { type: 'txt' },
      clientSecret: 'canary-secret',
    });
    expect([answer.status, answer.json.code]).toEqual([422, 'input.invalid']);
    expect(answer.json.errors).toEqual([
      { path: '/lock', code: 'field.invalid', expected: 'a list', got: '"password"' },
      { path: '/password/minLength', code: 'field.invalid', expected: 'at least 8', got: '4' },
      {
        path: '/password/minLenght',
        code: 'field.unknown',
        expected: 'a known name; did you mean "minLength"?',
        got: '"minLenght"',
      },
      { path: '/texts/en/a~1b~0c', code: 'field.invalid', expected: 'a text', got: '7' },
      { path: '/kind/type', code: 'field.invalid', expected: 'one of "text", "number"', got: '"txt"' },
      {
        path: '/clientSecret',
        code: 'field.too_long',
        expected: 'at most 4 characters',
        got: 'a text of 13 characters',
      },
      {
        path: '/pasword',
        code: 'field.unknown',
        expected: 'a known name; did you mean "password"?',
        got: '"pasword"',
      },
    ]);
    expect(answer.text).not.toContain('canary');
  });

  it('says what is missing, and cuts short what it repeats', async () => {
    const { json } = await put({ kind: { type: 'text' }, $schema: 5, ['x'.repeat(90)]: 1 });
    expect(json.errors).toEqual([
      { path: '/kind/max', code: 'field.required', expected: 'a number', got: 'nothing' },
      { path: '/$schema', code: 'field.invalid', expected: 'a text', got: '5' },
      expect.objectContaining({ code: 'field.unknown', got: `"${'x'.repeat(60)}…"` }),
    ]);
  });
});

describe('personal data', () => {
  it('is never repeated in a refusal', async () => {
    const answer = await ask('/profile', { method: 'PATCH', json: { phone: '+4915112345678' } });
    expect(answer.json.errors).toEqual([
      {
        path: '/phone',
        code: 'field.too_long',
        expected: 'at most 5 characters',
        got: 'a text of 14 characters',
      },
    ]);
  });

  it('may be a list or anything else the schema allows', async () => {
    expect((await ask('/profile', { method: 'PATCH', json: [1, 2] })).json).toEqual([1, 2]);
    const { json } = await ask('/profile', { method: 'PATCH', json: 'x' });
    expect(json.errors).toEqual([
      {
        path: '',
        code: 'field.invalid',
        expected: 'one of the allowed forms',
        got: 'a text of 1 characters',
      },
    ]);
  });

  it('is taken as a merge patch by PATCH only', async () => {
    const headers = { 'content-type': 'application/merge-patch+json' };
    expect((await ask('/profile', { method: 'PATCH', headers, body: '[1]' })).status).toBe(200);
    expect((await ask('/settings/x', { method: 'PUT', headers, body: '{}' })).status).toBe(415);
  });
});

describe('a refused query or path', () => {
  it('says which parameter', async () => {
    const answer = await ask('/things?limit=9');
    expect([answer.status, answer.json.errors]).toEqual([
      422,
      [
        {
          path: '/limit',
          in: 'query',
          code: 'field.invalid',
          expected: 'at most 3',
          got: expect.any(String),
        },
      ],
    ]);
    expect((await ask('/things/toolong')).json.errors[0]).toMatchObject({ path: '/id', in: 'path' });
  });
});

describe('a version', () => {
  it('that the caller has is not sent again', async () => {
    const { headers, status } = await ask('/things/a');
    expect([status, headers.etag]).toEqual([200, '"v-a"']);
    for (const known of ['"v-a"', 'W/"v-a"', '"other", "v-a"', '*']) {
      const again = await ask('/things/a', { headers: { 'if-none-match': known } });
      expect([again.status, again.text, again.headers.etag]).toEqual([304, '', '"v-a"']);
    }
    expect((await ask('/things/a', { headers: { 'if-none-match': '"v-b"' } })).status).toBe(200);
  });

  it('that is not the present one stops a change', async () => {
    const change = (headers: Record<string, string>) =>
      ask('/things/one', { method: 'PUT', headers, json: { colour: 'red' } });
    const made = await change({ 'if-none-match': '*' });
    expect([made.status, made.headers.etag, made.headers.location]).toEqual([201, '"1"', '/things/one']);
    expect((await change({ 'if-none-match': '*' })).json).toMatchObject({
      status: 412,
      code: 'precondition.failed',
    });
    expect((await change({ 'if-match': '"1"' })).headers.etag).toBe('"2"');
    expect((await change({ 'if-match': '"1"' })).status).toBe(412);
    expect((await change({ 'if-match': 'W/"2"' })).status).toBe(412);
    expect((await change({ 'if-match': '"1", "2"' })).status).toBe(200);
    expect((await change({ 'if-match': '*' })).status).toBe(200);
    expect((await change({ 'if-match': 'nonsense' })).json.code).toBe('input.malformed');
  });

  it('of something that is not there never matches', async () => {
    const answer = await ask('/things/none', { method: 'DELETE', headers: { 'if-match': '*' } });
    expect(answer.status).toBe(412);
  });

  it('must be named where the route asks for it', async () => {
    const answer = await ask('/things/one', { method: 'DELETE' });
    expect([answer.status, answer.json.code]).toEqual([428, 'precondition.required']);
  });
});

describe('a list', () => {
  it('comes in pages whose cursors lead through all of it', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const { json } = await ask(`/things?limit=3${cursor ? `&cursor=${cursor}` : ''}`);
      seen.push(...json.items.map(({ id }: { id: string }) => id));
      cursor = json.next;
    } while (cursor);
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect((await ask('/things')).json.items).toHaveLength(2);
  });

  it.each([['x'], ['e30'], [Buffer.from('[{"$gt":""}]').toString('base64url')]])(
    'takes no cursor of another making: %s',
    async (cursor) => {
      const answer = await ask(`/things?cursor=${cursor}`);
      expect([answer.status, answer.json.code]).toEqual([422, 'cursor.invalid']);
    },
  );
});
