import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { jsonRoute } from '../../../src/base/http/json-routes.ts';
import { route } from '../../../src/base/http/routes.ts';
import { type Edge, form, startEdge } from './edge.ts';

const routes = [
  route({
    name: 'form',
    method: 'POST',
    path: '/form',
    csrf: 'exempt',
    input: {
      body: z.object({
        email: z.email({ error: 'email.invalid' }),
        name: z.string().min(1).max(20),
        purposes: z.array(z.string().max(10)).default([]),
        choice: z.enum(['a', 'b']).optional(),
      }),
    },
    handle(ctx, { body }) {
      ctx.body = body;
    },
  }),
  jsonRoute({
    name: 'api',
    method: 'POST',
    path: '/api',
    summary: 'Gives back what was sent.',
    tag: 'test',
    auth: { api: 'test', scopes: ['write'] },
    input: { body: z.object({ email: z.string(), deep: z.unknown().optional() }) },
    answers: { 200: z.object({ email: z.string() }) },
    handle: (_ctx, { body }) => ({ status: 200, body }),
  }),
  route({
    name: 'search',
    method: 'GET',
    path: '/search/:id',
    input: {
      query: z.object({ q: z.string().max(5).optional() }),
      params: z.object({ id: z.string().max(4) }),
    },
    handle(ctx, { query, params }) {
      ctx.body = { query, params };
    },
  }),
  route({
    name: 'own-page',
    method: 'POST',
    path: '/own-page',
    csrf: 'exempt',
    input: { body: z.object({ name: z.string().min(1) }) },
    invalid(ctx, error, sent) {
      ctx.status = error.status;
      ctx.body = { faults: error.faults, sent };
    },
    handle(ctx) {
      ctx.body = 'accepted';
    },
  }),
];

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({ routes });
});
afterAll(() => edge.stop());

const good = 'email=a%40example.com&name=Ann';
const post = (body: string, headers: Record<string, string> = {}) =>
  edge.send('/form', form(body, { accept: 'application/json', ...headers }));
const postJson = (body: string) =>
  edge.send('/api', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer for-test' },
    body,
  });

describe('a form', () => {
  it('becomes the plain values its schema declares, and nothing else', async () => {
    const answer = await post(`${good}&role=admin&purposes=mail&purposes=sms`);
    expect(JSON.parse(answer.text)).toEqual({
      email: 'a@example.com',
      name: 'Ann',
      purposes: ['mail', 'sms'],
    });
  });

  it('reads a single value of a declared list as a list', async () => {
    expect(JSON.parse((await post(`${good}&purposes=mail`)).text).purposes).toEqual(['mail']);
  });

  it('tells every fault at once, by field, without the value', async () => {
    const answer = await post(`email=canary&name=${'x'.repeat(21)}&choice=z`);
    expect(answer.status).toBe(422);
    expect(JSON.parse(answer.text).errors).toEqual([
      { field: 'email', code: 'email.invalid' },
      { field: 'name', code: 'field.too_long' },
      { field: 'choice', code: 'field.invalid' },
    ]);
    expect(answer.text).not.toContain('canary');
  });

  it('says that an absent or empty field is required', async () => {
    const codes = async (body: string) => JSON.parse((await post(body)).text).errors;
    expect(await codes('email=a%40example.com')).toEqual([{ field: 'name', code: 'field.required' }]);
    expect(await codes('email=a%40example.com&name=')).toEqual([{ field: 'name', code: 'field.required' }]);
  });

  it('is answered in the route’s own page when the route wants that', async () => {
    const answer = await edge.send('/own-page', form('name='));
    expect(answer.status).toBe(422);
    expect(JSON.parse(answer.text)).toEqual({
      faults: [{ field: 'name', code: 'field.required' }],
      sent: { name: '' },
    });
  });

  it.each([
    ['an operator object', `${good}&email[$gt]=`],
    ['an operator object instead of the field', 'email[$gt]=&name=x'],
    ['an encoded operator object', 'email%5B%24gt%5D=&name=x'],
    ['a list in brackets', `${good}&email[]=b%40example.com`],
    ['a prototype behind a dot', `${good}&profile.__proto__=admin`],
    ['an empty name behind a dot', `${good}&profile.=admin`],
    ['an operator', `${good}&$where=1`],
    ['__proto__', `${good}&__proto__=1`],
    ['constructor', `${good}&constructor=1`],
    ['prototype', `${good}&prototype=1`],
    ['a field without a name', `${good}&=1`],
    ['a repeated field', `${good}&email=b%40example.com`],
    ['a repeated unknown field', `${good}&x=1&x=2`],
    ['an encoded NUL', `${good}&choice=a%00`],
    ['a NUL', `${good}&choice=a\0`],
    ['an encoded NUL in a name', `${good}&a%00=1`],
    ['malformed percent-encoding', `${good}&choice=%zz`],
    ['half of percent-encoding', `${good}&choice=%2`],
    ['percent-encoded bytes that are no UTF-8', `${good}&choice=%ff`],
    ['an overlong encoding', `${good}&choice=%c0%80`],
    ['more than a thousand fields', Array.from({ length: 1_001 }, (_, i) => `f${i}=1`).join('&')],
  ])('is refused as malformed with %s', async (_, body) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text).code).toBe('input.malformed');
  });

  it('is refused as malformed when its bytes are no UTF-8', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await edge.send('/form', {
      method: 'POST',
      headers,
      body: Buffer.from([0x61, 0x3d, 0xff]),
    });
    expect(answer.status).toBe(400);
  });

  it('leaves the prototype of objects alone', async () => {
    await post(`${good}&__proto__=polluted&constructor=polluted`);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it.each([
    ['text/plain', {}],
    ['application/json', {}],
    ['multipart/form-data; boundary=x', {}],
    ['application/x-www-form-urlencoded; charset=utf-7', {}],
    ['application/x-www-form-urlencoded', { 'content-encoding': 'gzip' }],
    ['', {}],
  ])('is refused with 415 as %s %j', async (type, more) => {
    const answer = await post(good, { 'content-type': type, ...more });
    expect(answer.status).toBe(415);
  });

  it('is accepted with a charset of UTF-8', async () => {
    const type = 'application/x-www-form-urlencoded; charset=UTF-8';
    expect((await post(good, { 'content-type': type })).status).toBe(200);
  });

  it('is refused with 413 beyond 64 KiB, said or unsaid', async () => {
    const body = `name=${'x'.repeat(64 * 1024)}`;
    const said = await post(body);
    expect([said.status, said.headers.connection]).toEqual([413, 'close']);
    expect((await post(body, { 'transfer-encoding': 'chunked' })).status).toBe(413);
  });
});

describe('a JSON body', () => {
  it('becomes the values its schema declares', async () => {
    expect(JSON.parse((await postJson('{"email":"a","role":"admin"}')).text)).toEqual({ email: 'a' });
  });

  it.each([
    ['{"email":{"$gt":""}}'],
    ['{"email":"a","deep":{"$where":"1"}}'],
    ['{"email":"a","deep":[{"__proto__":{"x":1}}]}'],
    ['{"email":"a","constructor":{"prototype":{}}}'],
    ['{"email":"a","a.b":1}'],
    ['{"email":"a\\u0000"}'],
    ['{"email":'],
    [`{"email":"a","deep":${'['.repeat(9)}${']'.repeat(9)}}`],
    [`{"email":"a","deep":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
  ])('is refused as malformed: %.40s', async (body) => {
    const answer = await postJson(body);
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([400, 'input.malformed']);
  });

  it.each([
    ['{"email":null}'],
    ['{"email":["a"]}'],
    ['{"email":1}'],
    ['{"email":{}}'],
    ['[]'],
    ['null'],
    ['"x"'],
  ])('is refused by its schema: %s', async (body) => {
    expect((await postJson(body)).status).toBe(422);
  });

  it('is refused with 415 when it claims to be text', async () => {
    const sent = {
      method: 'POST',
      headers: { 'content-type': 'text/plain', authorization: 'Bearer for-test' },
      body: '{"email":"a"}',
    };
    expect((await edge.send('/api', sent)).status).toBe(415);
  });
});

describe('a query', () => {
  it('is read by its schema', async () => {
    expect(JSON.parse((await edge.send('/search/abc?q=x+y')).text)).toEqual({
      query: { q: 'x y' },
      params: { id: 'abc' },
    });
  });

  it.each([
    ['/search/abc?q=1&q=2', 400],
    ['/search/abc?q[$ne]=1', 400],
    ['/search/abc?q=%00', 400],
    ['/search/abc?__proto__=1', 400],
    ['/search/abc?q=toolong', 422],
    ['/search/toolong', 422],
    ['/search/%ff', 400],
  ])('is refused: %s', async (path, status) => {
    expect((await edge.send(path)).status).toBe(status);
  });
});
