/** Pages as previews: what the configuration says is on them, and they can do nothing. */
import { describe, expect, it } from '@jest/globals';
import { createAssets } from '../../../src/base/http/assets.ts';
import { createI18n } from '../../../src/base/i18n/i18n.ts';
import { DomainError } from '../../../src/base/kernel/errors.ts';
import { type JsonObject, mergePatch } from '../../../src/business/layers/json.ts';
import type { Draft } from '../../../src/business/releases/draft.ts';
import type { Upstreams } from '../../../src/people/upstreams/service.ts';
import { inert } from '../../../src/surfaces/previews/inert.ts';
import { createPreviews } from '../../../src/surfaces/previews/previews.ts';
import { tagsOf } from '../../pages/render-all.ts';
import { liveOf, releaseOf, shippedItems } from '../../support/configuration.ts';

const refuse = () => {
  throw new Error('a preview does nothing');
};
const upstreams: Upstreams = {
  list: () => [{ id: 'google', label: 'Google' }],
  formActionOrigins: refuse,
  begin: refuse,
  finish: refuse,
};

/** Previews of the shipped program, and of one draft that changes items of it. */
function previewsOf(patches: Readonly<Record<string, JsonObject>> = {}) {
  const clock = { time: Date.parse('2026-06-02T10:00:00Z'), now: () => clock.time };
  const drafted = shippedItems();
  for (const [item, patch] of Object.entries(patches))
    drafted.set(item, mergePatch(drafted.get(item), patch) as JsonObject);
  const draft = { version: 1, judged: 0 };
  const previews = createPreviews({
    clock,
    i18n: createI18n(),
    assets: createAssets({ lookOf: () => undefined }),
    live: liveOf(shippedItems()),
    upstreams,
    passwordRules: { minLength: 8, minStrength: 0 },
    drafts: {
      async get(id) {
        if (id !== 'drf_known') throw new DomainError('draft.unknown');
        return { id, version: draft.version, target: 'all' } as Draft;
      },
      async outcome() {
        draft.judged += 1;
        return { from: releaseOf(drafted).release, items: drafted, stale: false, conflicts: [] };
      },
    },
  });
  return { previews, draft, clock };
}

type Previews = ReturnType<typeof previewsOf>['previews'];
interface At {
  draft?: string;
  brand?: string;
  market?: string;
  locale?: string;
  /** Brands that whoever looks may read. */
  brands?: readonly string[];
}
const everyBrand = ['aurora-air', 'greenleaf', 'spring', 'volt'];
const calm = { scheme: 'light', refused: false } as const;

async function placeIn(
  previews: Previews,
  { draft, brand = 'volt', market = 'us', locale = 'en', brands = everyBrand }: At = {},
) {
  const readable = new Set(brands);
  const place = previews.place(await previews.world(draft), { brand, market, locale, readable });
  if (!place) throw new Error('no such place');
  return place;
}

async function idsIn(previews: Previews, at: At = {}): Promise<string[]> {
  return previews.pages(await placeIn(previews, at)).map(({ id }) => id);
}

async function shown(
  previews: Previews,
  id: string,
  at: At & { looking?: Parameters<Previews['document']>[2] } = {},
): Promise<string> {
  const place = await placeIn(previews, at);
  const page = previews.pages(place).find((each) => each.id === id);
  if (!page) throw new Error(`no page ${id}`);
  return previews.document(place, page, at.looking ?? calm);
}

const known = { draft: 'drf_known' };
const label = (en: string) => ({ label: { en } });
const trait = (en: string) => ({ type: 'text', class: 'trait', ...label(en) });

describe('the pages of a place', () => {
  it('are those that its members can meet, each once, in the order of their way', async () => {
    const { previews } = previewsOf();
    const ids = await idsIn(previews);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids[0]).toBe('interactions/sign-in');
    for (const id of ['password', 'register/1', 'consent', 'error', 'legal-text/program-terms'])
      expect(ids).toContain(`interactions/${id}`);
    for (const id of ['home', 'profile', 'consents']) expect(ids).toContain(`account/${id}`);
  });

  it('leave out what no way to sign in leads to', async () => {
    const { previews } = previewsOf({ 'brands/volt/brand': { signIn: { methods: ['mail-code'] } } });
    const [before, after] = [await idsIn(previews), await idsIn(previews, known)];
    const gone = before.filter((id) => !after.includes(id));
    expect(gone.sort()).toEqual([
      'interactions/link-existing',
      'interactions/new-password',
      'interactions/password',
      'interactions/recover',
      'interactions/recover-code',
      'interactions/register-details/1',
      'interactions/upstream-problem',
    ]);
    expect(await shown(previews, 'interactions/sign-in', known)).not.toContain('Google');
    expect(await shown(previews, 'interactions/register/1', known)).not.toContain('type="password"');
  });

  it.each([
    ['brand', { brand: 'nobody' }],
    ['market', { market: 'xx' }],
    ['language', { locale: 'tlh' }],
    ['way out of the program', { brand: '../../etc' }],
  ])('are none where there is no such %s', async (_, at) => {
    await expect(placeIn(previewsOf().previews, at)).rejects.toThrow('no such place');
  });

  it('are not known of a draft that nobody made', async () => {
    await expect(previewsOf().previews.world('drf_other')).rejects.toThrow(DomainError);
  });
});

describe('a page of a draft', () => {
  const form = {
    'brands/volt/brand': {
      attributes: { badge: trait('Badge number'), pump: trait('Your pump') },
      forms: {
        registration: {
          steps: [
            { fields: [{ core: 'email' }, { core: 'password' }, { attribute: 'badge', required: true }] },
            {
              title: { en: 'At the station' },
              fields: [{ attribute: 'pump', when: { attribute: 'badge', present: true } }],
            },
          ],
        },
        station: { title: { en: 'Your station' }, steps: [{ fields: [{ attribute: 'pump' }] }] },
      },
      profiling: { later: { ask: ['pump'], lead: { en: 'So that it waits for you.' } } },
    },
  };

  it('has every step of its registration, what hangs on earlier answers included', async () => {
    const { previews } = previewsOf(form);
    expect(await idsIn(previews, known)).toEqual(
      expect.arrayContaining(['interactions/register/1', 'interactions/register/2']),
    );
    const first = await shown(previews, 'interactions/register/1', known);
    expect(first).toContain('Badge number');
    expect(first).toContain('type="password"');
    expect(first).not.toContain('name="terms.program-terms"');
    const second = await shown(previews, 'interactions/register/2', known);
    expect(second).toContain('At the station');
    expect(second).toContain('Your pump');
    expect(second).toContain('name="terms.program-terms"');
    // What is live knows nothing of it.
    expect(await shown(previews, 'interactions/register/1')).not.toContain('Badge number');
  });

  it('asks its questions, and shows its other forms', async () => {
    const { previews } = previewsOf(form);
    const questions = await shown(previews, 'interactions/questions/later', known);
    expect(questions).toContain('So that it waits for you.');
    expect(questions).toContain('Your pump');
    expect(await shown(previews, 'interactions/form/station', known)).toContain('Your station');
    expect(await idsIn(previews)).not.toContain('interactions/form/station');
  });

  it('wears its colours in the one scheme that was chosen, and says its words', async () => {
    const light = { brand: '#123456' };
    const { previews } = previewsOf({
      'brands/volt/brand': { look: { theme: { light } }, texts: { en: { 'sign-in.title': 'Fill her up' } } },
    });
    const css = async (scheme: 'light' | 'dark') => {
      const html = await shown(previews, 'interactions/sign-in', {
        ...known,
        looking: { scheme, refused: false },
      });
      expect(html).toContain('Fill her up');
      const [, base64 = ''] = /href="data:text\/css;base64,([^"]*)"/.exec(html) ?? [];
      return Buffer.from(base64, 'base64').toString();
    };
    expect(await css('light')).toContain('color-scheme:light;--brand:#123456');
    const dark = await css('dark');
    expect(dark).toContain('color-scheme:dark');
    expect(dark).not.toMatch(/#123456|prefers-color-scheme/);
  });

  it('is judged once for all that is looked at together, and again when it has changed or time has passed', async () => {
    const { previews, draft, clock } = previewsOf();
    await Promise.all([1, 2, 3].map(() => previews.world('drf_known')));
    expect(draft.judged).toBe(1);
    draft.version += 1;
    await previews.world('drf_known');
    expect(draft.judged).toBe(2);
    clock.time += 60_000;
    await previews.world('drf_known');
    expect(draft.judged).toBe(3);
  });
});

describe('the account pages with forms', () => {
  const profile = 'account/profile';
  const preferences = 'account/preferences';
  const headings = (html: string) =>
    [...html.matchAll(/<h2[^>]*><bdi>([^<]*)/g)].map(([, heading]) => heading);
  const asking = (attribute: string) => ({
    attributes: { [attribute]: trait(`Question of ${attribute}`) },
    forms: {
      preferences: { title: { en: 'Choose' }, steps: [{ fields: [{ attribute }] }] },
      profile: { title: { en: 'Tell us' }, steps: [{ fields: [{ core: 'name' }, { attribute }] }] },
    },
  });

  it('ask what the configuration asks, the brand first and then the others', async () => {
    const { previews } = previewsOf();
    const html = await shown(previews, preferences);
    expect(headings(html)).toEqual([
      'How we may reach you',
      'Volt Fuel',
      'Aurora Air',
      'Greenleaf Markets',
      'Spring Drinks',
    ]);
    expect(html).toContain('At the station');
    expect(html).toContain('name="volt.field.fuel_grade"');
    expect(html).toContain('name="_program.purpose.marketing-email"');
    const about = await shown(previews, profile);
    expect(about).toContain('About you');
    expect(about).toContain('name="field.city"');
    for (const invented of ['Gold', 'Lounge']) expect(about).not.toContain(invented);
  });

  it('ask in the words of the language, with nothing chosen, in every language that the brand offers', async () => {
    const { previews } = previewsOf();
    const at = { market: 'de', locale: 'de' };
    const html = await shown(previews, preferences, at);
    expect(html).toContain('An der Tankstelle');
    expect(tagsOf(html, 'input').filter((tag) => / checked/.test(tag))).toEqual([]);
    const offered = previews.languages((await placeIn(previews, at)).experience).map(({ code }) => code);
    const select = /<select[^>]*name="locale"[\s\S]*?<\/select>/.exec(await shown(previews, profile, at));
    expect([...(select?.[0] ?? '').matchAll(/value="([^"]+)"/g)].map(([, code]) => code)).toEqual(offered);
    expect(select?.[0]).toMatch(/value="de"[^>]* selected/);
  });

  it('show what a draft asks there, and not twice what the page has anyway', async () => {
    const { previews } = previewsOf({ 'brands/volt/brand': asking('pump') });
    for (const id of [preferences, profile]) {
      expect(await shown(previews, id, known)).toContain('Question of pump');
      expect(await shown(previews, id)).not.toContain('Question of pump');
    }
    expect((await shown(previews, profile, known)).match(/name="name"/g)).toHaveLength(1);
  });

  it('show nothing of a brand that whoever looks may not read', async () => {
    const { previews } = previewsOf({ 'brands/aurora-air/brand': asking('wing') });
    expect(await shown(previews, preferences, known)).toContain('Question of wing');
    const html = await shown(previews, preferences, { ...known, brands: ['volt'] });
    expect(html).not.toContain('Question of wing');
    expect(headings(html)).toEqual(['How we may reach you', 'Volt Fuel']);
  });

  it('say that there is nothing to choose, and ask name and language alone, where no form is configured', async () => {
    const none = { forms: { preferences: null, profile: null, communication: null } };
    const patches = ['program', ...everyBrand.map((id) => `brands/${id}/brand`)].map((item) => [item, none]);
    const { previews } = previewsOf(Object.fromEntries(patches));
    const html = await shown(previews, preferences, known);
    expect(headings(html)).toEqual([]);
    expect(html).toContain(createI18n().t('en', 'account.preferences.none'));
    const about = await shown(previews, profile, known);
    expect(about).toContain('name="name"');
    expect(about).not.toContain('id="answers"');
  });
});

describe('every page', () => {
  it.each([
    ['light', false],
    ['dark', true],
  ] as const)('leads nowhere and runs nothing, in %s', async (scheme, refused) => {
    const { previews } = previewsOf();
    const place = await placeIn(previews, { locale: 'ja' });
    for (const page of previews.pages(place)) {
      const html = previews.document(place, page, { scheme, refused });
      expect(html).toContain('<html lang="ja"');
      expect(html).not.toMatch(/undefined|\[object|NaN/);
      expect(html).not.toMatch(/<script|autofocus|\saction=|formaction|\son[a-z]+="/i);
      for (const tag of tagsOf(html, 'a')) expect(tag).toMatch(/\shref="#/);
      for (const tag of tagsOf(html, 'button')) expect(tag).toContain(' type="button"');
    }
  });

  it('can be shown as it is refused: a fault at each field', async () => {
    const html = await shown(previewsOf().previews, 'interactions/register/1', {
      looking: { scheme: 'light', refused: true },
    });
    expect(html).toContain('<title>Error: ');
    expect(html.match(/aria-invalid="true"/g)?.length).toBeGreaterThan(3);
  });
});

describe('what makes a page inert', () => {
  it('reads attributes, not the words in them', () => {
    const words = 'so action=x autofocus href=y &lt;script&gt;';
    expect(inert(`<input value="${words}" autofocus><p>${words}</p>`)).toBe(
      `<input value="${words}"><p>${words}</p>`,
    );
  });

  it('leaves links within the page and what the page is dressed in', () => {
    const html =
      '<a class="skip" href="#main">x</a><link rel="stylesheet" href="/assets/app.css"><use href="#a"/>';
    expect(inert(html)).toBe(html);
  });

  it('takes away targets', () => {
    expect(
      inert(
        '<form method="post" action="/x" novalidate><button class="a" type="submit" formaction="/y" name="z">q</button></form><a href="https://evil.example/">w</a>',
      ),
    ).toBe('<form novalidate><button class="a" name="z" type="button">q</button></form><a href="#">w</a>');
  });
});
