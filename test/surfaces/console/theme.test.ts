/** The colours of a brand in the console: every pair's contrast in sight, and no palette kept in which something fails. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createAssets } from '../../../src/base/http/assets.ts';
import { colourPairs } from '../../../src/base/http/contrast.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import { mergePatch } from '../../../src/business/layers/json.ts';
import type { Page } from '../../support/agent.ts';
import { publishLayers } from '../../support/publishing.ts';
import { type ConsoleWorld, type Person, startConsole, words } from './world.ts';

let world: ConsoleWorld;
let ann: Person;
beforeAll(async () => {
  world = await startConsole();
  ann = await world.person('Ann Keller', ['brand:volt']);
});

const theme = '/console/theme';
const drafts = () => world.issuer.issuer.core.workflow.drafts;
const fresh = () => ann.open(`${theme}?brand=volt`);
const whole = (page: Page) =>
  page.forms.findIndex(({ method, action }) => method === 'POST' && action.endsWith(theme));
const send = (page: Page, values: Record<string, string>, agent = ann.agent) =>
  agent.submit(page, values, whole(page));
const colour = (page: Page, name: string) => page.forms[whole(page)]?.fields[name];
const draftIn = ({ url }: Page) => new URL(url).searchParams.get('draft') ?? '';
const lookIn = async (id: string) =>
  (await drafts().item(id, 'brands/volt/brand'))?.look as Record<string, unknown>;
const countDrafts = async () => (await drafts().list({ limit: 100 })).items.length;

describe('the colours of a brand', () => {
  it('stand there with the contrast of every pair in both schemes', async () => {
    const page = await fresh();
    expect(colour(page, 'light.brand')).toBe('#3a2a8c');
    expect(colour(page, 'dark.brand')).toBe('#b8abff');
    const said = words(page);
    expect(said.match(/\d+\.\d\d (?:surface|page|tint|danger-tint|stage|here|brand|press)/g)).toHaveLength(
      colourPairs.length * 2,
    );
    expect(said).toContain('Text text ≥ 4.5:1 #1b1830 17.21 surface, 15.60 page, 14.94 tint');
    expect(said).toContain('#f1eff9 14.78 surface, 16.39 page');
    expect(said).not.toContain('too little');
  });

  it('go into no draft that changes what is not for whoever sends them', async () => {
    const vera = await world.person('Vera Lund', ['*']);
    const who = { by: { kind: 'member' as const, id: vera.id }, visit: systemVisit('test') };
    const opened = await drafts().open({ message: 'The name of the program' }, who);
    const edits = [
      { item: 'program', patch: { name: 'Philia' } },
      { item: 'brands/volt/brand', patch: { password: { minLength: 11 } } },
    ];
    const theirs = await drafts().edit(opened, edits, who);
    const answer = await send(await fresh(), { draft: theirs.id, version: '2', 'light.accent': '#00aa55' });
    expect(answer.status).toBe(403);
    expect(await drafts().get(theirs.id)).toMatchObject({
      version: theirs.version,
      changes: [{ item: 'brands/volt/brand' }, { item: 'program' }],
    });
  });

  it('go into a new draft, which says no more than what was changed', async () => {
    const saved = await send(await fresh(), { 'light.accent': '#00aa55', 'shape.radius': 'round' });
    expect(words(saved)).toContain('The colours are in the draft.');
    const draft = await drafts().get(draftIn(saved));
    expect(draft).toMatchObject({
      message: 'New colours for Volt Fuel',
      state: 'open',
      author: { id: ann.id },
    });
    const { theme: kept, shape } = (await lookIn(draft.id)) as Record<
      string,
      Record<string, Record<string, string>>
    >;
    expect(kept?.light?.accent).toBe('#00aa55');
    expect(kept?.dark?.accent).toBe('#ff7a55');
    expect(shape).toMatchObject({ radius: 'round', density: 'compact' });
    expect(colour(saved, 'light.accent')).toBe('#00aa55');
    expect(saved.text).toContain(`/console/preview?draft=${draft.id}&amp;brand=volt`);
  });

  it('are refused where a pair fails, with the pair and its ratio, and stay as they were entered', async () => {
    const [page, before] = [await fresh(), await countDrafts()];
    const refused = await send(page, { 'light.mutedText': '#9d99b2', 'dark.accent': '#123456' });
    expect(refused.status).toBe(422);
    const said = words(refused).replaceAll('\u2068', '');
    expect(said).toMatch(
      /light\.mutedText ?: the contrast of mutedText on surface is 2\.75 ?:1\. At least 4\.5 ?:1 is needed/,
    );
    expect(said).toMatch(/2\.75 surface: too little ?, 2\.49 page: too little/);
    expect(refused.text).toMatch(/<a href="#light-mutedText">/);
    expect(refused.text).toMatch(/id="light-mutedText"[^>]*aria-invalid="true"/);
    expect(colour(refused, 'light.mutedText')).toBe('#9d99b2');
    expect(colour(refused, 'dark.accent')).toBe('#123456');
    expect(await countDrafts()).toBe(before);
  });

  it('can be tried without being kept', async () => {
    const [page, before] = [await fresh(), await countDrafts()];
    const tried = await send(page, { go: 'check', 'light.text': '#000000' });
    expect([tried.status, words(tried).includes('#000000 21.00 surface')]).toEqual([200, true]);
    expect(await countDrafts()).toBe(before);
  });

  it('make no draft where nothing was changed', async () => {
    const [page, before] = [await fresh(), await countDrafts()];
    expect(words(await send(page, {}))).toContain('Nothing has changed, so nothing was saved.');
    expect(await countDrafts()).toBe(before);
  });

  it('can be mended in a draft that cannot go live because of them', async () => {
    const who = { by: { kind: 'member' as const, id: ann.id }, visit: systemVisit('test') };
    const opened = await drafts().open({ message: 'Too pale' }, who);
    const pale = { look: { theme: { light: { text: '#eeeeee' } } } };
    await drafts().edit(opened, [{ item: 'brands/volt/brand', patch: pale }], who);
    const page = await ann.open(`${theme}?draft=${opened.id}&brand=volt`);
    expect(words(page)).toContain('too little');
    expect(draftIn(await send(page, { 'light.text': '#1b1830' }))).toBe(opened.id);
    expect((await drafts().check(opened.id)).faults).toEqual([]);
  });

  it('are not written over what somebody else has saved meanwhile', async () => {
    const first = await send(await fresh(), { 'light.accent': '#aa0055' });
    const [mine, theirs] = [await ann.open(first.url), await ann.open(first.url)];
    await send(theirs, { 'light.accent': '#0055aa' });
    const late = await send(mine, { 'light.accent': '#55aa00' });
    expect(late.status).toBe(412);
    expect(colour(late, 'light.accent')).toBe('#55aa00');
    const look = (await lookIn(draftIn(first))) as { theme: { light: { accent: string } } };
    expect(look.theme.light.accent).toBe('#0055aa');
  });

  it.each([
    ['red', 422],
    ['#12345', 422],
    ['#00000000', 422],
    ['url(#x)', 422],
    ['"><script>', 422],
    ['#'.padEnd(5000, 'a'), 422],
  ])('are no %s', async (value, status) => {
    const refused = await send(await fresh(), { 'light.brand': value });
    expect(refused.status).toBe(status);
    expect(refused.text).not.toContain('"><script>');
  });
});

describe('the colours of a brand in one market', () => {
  const there = (draft?: string) =>
    ann.open(`${theme}?brand=volt&market=jp${draft === undefined ? '' : `&draft=${draft}`}`);
  const layer = (id: string) => drafts().item(id, 'brands/volt/markets/jp');

  it('begin with the brand’s, and say of the market no more than is different there', async () => {
    const page = await there();
    expect(colour(page, 'light.brand')).toBe('#3a2a8c');
    const saved = await send(page, { 'light.accent': '#00aa55' });
    expect(saved.url).toContain('brand=volt&market=jp');
    const id = draftIn(saved);
    expect((await drafts().get(id)).message).toBe('New colours for Volt Fuel – Japan');
    expect((await drafts().get(id)).changes).toEqual([{ item: 'brands/volt/markets/jp', change: 'put' }]);
    expect(await layer(id)).toEqual({ look: { theme: { light: { accent: '#00aa55' } } } });
    expect(colour(saved, 'light.accent')).toBe('#00aa55');
    expect(saved.text).toContain(`/console/preview?draft=${id}&amp;brand=volt&amp;market=jp`);
    // The brand itself stays as it was.
    expect(colour(await ann.open(`${theme}?brand=volt&draft=${id}`), 'light.accent')).not.toBe('#00aa55');
    const more = await send(saved, { 'dark.accent': '#11bb66' });
    expect(await layer(draftIn(more))).toEqual({
      look: { theme: { light: { accent: '#00aa55' }, dark: { accent: '#11bb66' } } },
    });
  });

  it.each([
    ['a market says them', 'brands/volt/markets/us', 'all' as const],
    ['they are live in one region only', 'brands/volt/brand', { regions: ['americas'], markets: [] }],
  ])('reach the browsers of each market where %s', async (_, item, target) => {
    const look = { theme: { light: { accent: '#00aa55' } } };
    const said = world.issuer.issuer.core.releases.live.current().all.release.items.get(item)?.look;
    await publishLayers(world.issuer, { [item]: { look: mergePatch(said, look) } }, target);
    const { experiences } = world.issuer.issuer.core;
    const assets = createAssets({ lookOf: experiences.lookOf });
    const served = ['us', 'jp'].map((market) => {
      const there = experiences.experienceFor({ brand: 'volt', market }).look;
      const [path = '', version] = assets.themeUrl(there).split('?v=');
      const { body, immutable } = assets.read(path, version) ?? {};
      return [market, String(body).includes('#00aa55'), immutable];
    });
    expect(served).toEqual([
      ['us', true, true],
      ['jp', false, true],
    ]);
    await publishLayers(world.issuer, {});
  });

  it('are there for whoever may change only that market, and for nobody else', async () => {
    const mia = await world.person('Mia Sato', ['market:jp']);
    const page = await mia.open(theme);
    expect(page.forms[whole(page)]?.fields.market).toBe('jp');
    const saved = await mia.agent.submit(page, { 'light.accent': '#00aa55' }, whole(page));
    expect(words(saved)).toContain('The colours are in the draft.');
    const fields = page.forms[whole(page)]?.fields ?? {};
    for (const market of ['us', 'constructor', '../../program']) {
      const refused = await mia.agent.request(theme, { form: { ...fields, market } });
      expect([market, refused.status]).toEqual([market, 403]);
    }
    expect((await mia.agent.request(`${theme}?brand=volt&market=us`)).status).toBe(403);
  });
});

describe('whoever', () => {
  it('may only read a brand sees its colours and can save none', async () => {
    const bea = await world.person('Bea Volt', ['brand:volt'], ['read']);
    const page = await bea.open(`${theme}?brand=volt`);
    expect(page.status).toBe(200);
    expect(whole(page)).toBe(-1);
    const token = page.forms.find(({ fields }) => '_csrf' in fields)?.fields._csrf ?? '';
    const posted = await bea.agent.request(theme, {
      form: {
        ...(await fresh()).forms[whole(await fresh())]?.fields,
        _csrf: token,
        'light.accent': '#00aa55',
      },
    });
    expect(posted.status).toBe(403);
  });

  it('may not read a brand is told nothing of it', async () => {
    const sam = await world.person('Sam Spring', ['brand:spring']);
    expect((await sam.agent.request(`${theme}?brand=volt`)).status).toBe(403);
    expect((await sam.open(theme)).text).not.toContain('value="volt"');
  });

  it.each([
    ['forges a draft', 'draft=drf_AAAAAAAAAAAAAAAAAAAAAA&brand=volt', 404],
    ['names a brand that is not there', 'brand=constructor', 403],
    ['climbs out of the brands', 'brand=..%2F..%2Fprogram', 403],
  ])('%s gets nowhere', async (_, query, status) => {
    expect((await ann.agent.request(`${theme}?${query}`)).status).toBe(status);
  });
});

describe('a draft of others', () => {
  it('is offered to whoever may change all of it, and its colours can be looked at by anybody else', async () => {
    const who = { by: { kind: 'operator' as const, id: 'root' }, visit: systemVisit('test') };
    const opened = await drafts().open({ message: 'For two brands' }, who);
    await drafts().edit(
      opened,
      ['volt', 'spring'].map((brand) => ({
        item: `brands/${brand}/brand`,
        patch: { look: { supportEmail: 'both@example.com' } },
      })),
      who,
    );
    expect((await fresh()).text).not.toContain(opened.id);
    const page = await ann.open(`${theme}?draft=${opened.id}&brand=volt`);
    expect([page.status, whole(page)]).toEqual([200, -1]);
    const all = await world.person('Ada Both', ['brand:volt', 'brand:spring']);
    expect((await all.open(`${theme}?brand=volt`)).text).toContain(opened.id);
  });
});
