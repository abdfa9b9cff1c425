import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ask } from '../apis/world.ts';
import { type Caller, type Desk, type Seen, startDesk } from './world.ts';

let desk: Desk;
let ann: Caller;
let draft: Seen;
let live: unknown;

beforeAll(async () => {
  desk = await startDesk();
  ann = await desk.person('ann', ['*']);
});
beforeEach(async () => {
  draft = await ann.draft();
  live = (await ann.get('/live')).json;
});
afterEach(async () => {
  expect((await ann.get('/live')).json).toEqual(live);
});

const attribute = (more: Record<string, unknown>) => ({
  type: 'text',
  class: 'trait',
  label: { en: 'Seat' },
  read: ['member'],
  write: ['member'],
  ...more,
});

interface Bad {
  name: string;
  item: string;
  patch: Record<string, unknown>;
  path: string;
  code: string;
}

const bad: Bad[] = [
  {
    name: 'an unknown key',
    item: 'brands/volt/brand',
    patch: { password: { minLenght: 14 } },
    path: '/password/minLenght',
    code: 'unknown_key',
  },
  {
    name: 'layers in a circle',
    item: 'program',
    patch: {
      regions: [
        { id: 'americas', name: 'Americas', within: 'europe' },
        { id: 'asia-pacific', name: 'Asia-Pacific' },
        { id: 'europe', name: 'Europe', within: 'americas' },
      ],
    },
    path: '/regions',
    code: 'cycle',
  },
  {
    name: 'what a layer above has locked',
    item: 'brands/volt/markets/de',
    patch: { password: { minLength: 8 } },
    path: '/password/minLength',
    code: 'locked',
  },
  {
    name: 'a palette that cannot be read',
    item: 'brands/volt/brand',
    patch: { look: { theme: { light: { text: '#fefefe' } } } },
    path: '/look/theme/light',
    code: 'contrast',
  },
  {
    name: 'a text with markup',
    item: 'brands/volt/brand',
    patch: { texts: { en: { 'sign-in.title': '<script>alert(1)</script>' } } },
    path: '/texts/en/sign-in.title',
    code: 'markup',
  },
  {
    name: 'a pattern that explodes',
    item: 'brands/volt/brand',
    patch: { attributes: { seat: attribute({ constraints: { pattern: '^(a+)+$' } }) } },
    path: '/attributes/seat/constraints/pattern',
    code: 'pattern',
  },
  {
    name: 'an attribute called $where',
    item: 'brands/volt/brand',
    patch: { attributes: { $where: attribute({}) } },
    path: '/attributes/$where',
    code: 'unknown_key',
  },
];

describe('what is refused as a whole, with path, expected and got', () => {
  it.each(bad)('$name', async ({ item, patch, path, code }) => {
    const written = await ann.patch(draft, item, patch);
    // What can be seen in the item alone is refused there, the rest when it is submitted.
    const refused = written.status === 200 ? await ann.step(written.json as never, 'submit') : written;
    expect([refused.status, refused.json.code]).toEqual([422, 'configuration.refused']);
    const faults = refused.json.errors as { item: string; path: string; code: string }[];
    const found = faults.find((fault) => fault.code === code);
    expect(found).toMatchObject({
      item,
      expected: expect.stringMatching(/./),
      got: expect.stringMatching(/./),
    });
    expect(found?.path).toContain(path);
    if (written.status === 200) {
      const check = await ann.send('POST', `/drafts/${draft.id}/check`);
      expect(check.json.faults).toEqual(faults);
      expect((await ann.seen(draft)).state).toBe('open');
    } else {
      expect(await ann.seen(draft)).toMatchObject({ version: draft.version, changes: [] });
    }
  });

  it('an attribute called __proto__', async () => {
    const text = `{"attributes":{"__proto__":${JSON.stringify(attribute({}))}}}`;
    const answer = await fetch(
      new URL(`/api/configuration/drafts/${draft.id}/items/brands/volt/brand`, desk.issuer.url),
      {
        method: 'PATCH',
        headers: {
          ...ann.headers,
          'if-match': `"${draft.version}"`,
          'content-type': 'application/merge-patch+json',
        },
        body: text,
      },
    );
    const json = (await answer.json()) as Record<string, unknown>;
    expect([answer.status, json.code]).toEqual([400, 'input.malformed']);
    expect(json.errors).toEqual([
      { path: '/attributes/__proto__', code: 'field.invalid', expected: 'another name', got: '"__proto__"' },
    ]);
  });

  it('a document of 10 MB', async () => {
    const huge = { texts: { en: { 'sign-in.title': 'x'.repeat(10 * 1024 * 1024) } } };
    const answer = await ann.put(draft, 'brands/volt/brand', huge).catch(() => undefined);
    // The connection may be gone before the whole body was sent.
    if (answer) expect([answer.status, answer.json.code]).toEqual([413, 'input.too_large']);
    expect(await ann.seen(draft)).toMatchObject({ version: draft.version, changes: [] });
    const large = { texts: { en: { 'sign-in.title': 'x'.repeat(600 * 1024) } } };
    const limited = await ann.put(draft, 'brands/volt/brand', large);
    expect([limited.status, limited.json.code]).toEqual([422, 'configuration.refused']);
  });

  it('an item that cannot be', async () => {
    const refused = await ann.put(draft, 'brands/volt/nothing', {});
    expect([refused.status, refused.json.errors]).toMatchObject([422, [{ code: 'unknown_item' }]]);
  });

  it('a stale ETag, and a change without one', async () => {
    const first = await ann.patch(draft, 'brands/volt/brand', { password: { minLength: 13 } });
    expect(first.status).toBe(200);
    const stale = await ann.patch(draft, 'brands/volt/brand', { password: { minLength: 14 } });
    expect([stale.status, stale.json.code]).toEqual([412, 'precondition.failed']);
    const bare = await ann.send('DELETE', `/drafts/${draft.id}/items/brands/volt/brand`);
    expect([bare.status, bare.json.code]).toEqual([428, 'precondition.required']);
    const item = await ann.get(`/drafts/${draft.id}/items/brands/volt/brand`);
    expect(item.json.password).toEqual({ minLength: 13 });
    expect(item.headers.get('etag')).toBe(first.headers.get('etag'));
  });

  it('two editors at once: one of them', async () => {
    const ben = await desk.person('ben', ['*']);
    const answers = await Promise.all(
      [ann, ben].map((each, at) =>
        each.patch(draft, 'brands/volt/brand', { password: { minLength: 13 + at } }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
  });

  it.each([
    ['/experience?brand=nobody', '/brand', 'query'],
    ['/experience?market=xx', '/market', 'query'],
    ['/explain?client_id=nobody', '/client_id', 'query'],
    ['/releases/$where', '/id', 'path'],
    ['/drafts?state=lost', '/state', 'query'],
    ['/schemas/nothing', '/kind', 'path'],
  ])('an address such as %s', async (address, path, where) => {
    const { status, json } = await ann.get(address);
    expect([status, json.code, json.errors]).toMatchObject([422, 'input.invalid', [{ path, in: where }]]);
  });

  it.each([
    [`/releases/${'x'.repeat(43)}`, 'release.unknown'],
    ['/drafts/drf_unknown', 'draft.unknown'],
  ])('what is not there: %s', async (address, code) => {
    const { status, json } = await ann.get(address);
    expect([status, json.code]).toEqual([404, code]);
  });

  it('nobody’s token', async () => {
    const refused = await ask(desk.issuer, '/api/configuration/drafts', {
      method: 'POST',
      json: { message: 'x' },
    });
    expect([refused.status, refused.json.code]).toEqual([401, 'token.missing']);
  });
});
