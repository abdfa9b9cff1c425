/** Previews of pages for staff: who sees which, what they see of a draft, and that nothing leads out of them. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import type { Json } from '../../../src/business/layers/json.ts';
import type { Page } from '../../support/agent.ts';
import { type ConsoleWorld, type Person, startConsole, words } from './world.ts';

let world: ConsoleWorld;
let ann: Person;
beforeAll(async () => {
  world = await startConsole();
  ann = await world.person('Ann Keller', ['*']);
});

const document = (at: Record<string, string> = {}) =>
  `/console/preview/document?${new URLSearchParams({ brand: 'volt', market: 'us', locale: 'en', page: 'interactions/sign-in', ...at })}`;
const preview = (at: Record<string, string> = {}) => `/console/preview?${new URLSearchParams(at)}`;

/** A draft of somebody that changes items. */
async function draftWith(
  patches: Record<string, Json>,
  target: 'all' | { regions: string[]; markets: string[] } = 'all',
) {
  const { drafts } = world.issuer.issuer.core.workflow;
  const who = { by: { kind: 'member' as const, id: ann.id }, visit: systemVisit('test') };
  const opened = await drafts.open({ message: 'Warmer colours', target }, who);
  return drafts.edit(
    opened,
    Object.entries(patches).map(([item, patch]) => ({ item, patch })),
    who,
  );
}

const framesOf = (page: Page) =>
  [...page.text.matchAll(/<iframe src="([^"]*)"[^>]*>/g)].map(([tag, src = '']) => ({
    tag,
    url: src.replaceAll('&amp;', '&'),
  }));

describe('a previewed document', () => {
  it('is the page as members of the brand meet it, for frames of our own and for nothing else', async () => {
    const page = await ann.agent.request(document());
    expect(page.status).toBe(200);
    expect(words(page)).toContain('Volt Fuel');
    const policy = page.headers.get('content-security-policy') ?? '';
    for (const directive of [
      "script-src 'none'",
      "form-action 'none'",
      "frame-ancestors 'self'",
      'sandbox allow-same-origin',
      "default-src 'none'",
    ])
      expect(policy).toContain(directive);
    expect(policy).not.toMatch(/allow-scripts|allow-forms|allow-top|unsafe/);
    expect(page.headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(page.headers.get('x-robots-tag')).toContain('noindex');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.getSetCookie()).toEqual([]);
    expect(page.text).not.toMatch(/<script|\saction=/);
  });

  it('leaves no cookie at a browser whose device cookie has gone', async () => {
    const { cookies } = ann.agent;
    const device = cookies.findIndex(({ name }) => name === 'device');
    const [taken] = cookies.splice(device, 1);
    const page = await ann.agent.request(document());
    if (taken) cookies.push(taken);
    expect([page.status, page.headers.getSetCookie()]).toEqual([200, []]);
  });

  it('leaves every other page as closed to frames as it was', async () => {
    for (const path of ['/console', '/account', preview()]) {
      const page = await ann.agent.request(path);
      expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(page.headers.get('x-frame-options')).toBe('DENY');
    }
    const frames = (path: string) =>
      ann.agent
        .request(path)
        .then(({ headers }) => headers.get('content-security-policy')?.includes('frame-src'));
    expect([await frames('/console'), await frames(preview())]).toEqual([false, true]);
  });

  it.each([
    ['../../../etc/passwd'],
    ['interactions/../../base'],
    ['layouts/console'],
    ['dev/mailbox'],
    ['constructor'],
    ['__proto__'],
    ['console/preview'],
    ['interactions/register/99'],
    [''],
  ])('is not there for the page %j', async (page) => {
    const answer = await ann.agent.request(document({ page }));
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-security-policy')).toContain('sandbox');
  });

  it.each([
    ['a brand that is not there', { brand: 'nobody' }, 404],
    ['a market that is not there', { market: 'xx' }, 404],
    ['a language that is not offered', { locale: 'tlh' }, 404],
    ['a forged draft', { draft: 'drf_AAAAAAAAAAAAAAAAAAAAAA' }, 404],
    ['a draft that is an operator', { draft: '{"$ne":null}' }, 404],
    ['a scheme that is none', { scheme: 'sepia' }, 422],
  ])('is refused for %s', async (_, at, status) => {
    expect((await ann.agent.request(document(at))).status).toBe(status);
  });
});

describe('the preview', () => {
  it('shows a page in three frames that can do nothing, and leads to those before and after it', async () => {
    const page = await ann.open(preview({ brand: 'volt', market: 'us', page: 'interactions/password' }));
    const frames = framesOf(page);
    expect(frames.map(({ tag }) => /sandbox="([^"]*)"/.exec(tag)?.[1])).toEqual(
      Array(3).fill('allow-same-origin'),
    );
    expect(words(page)).toMatch(/360 pixels.*768 pixels.*1280 pixels/);
    const shown = await ann.agent.request(frames[0]?.url ?? '');
    expect(shown.text).toContain('type="password"');
    const [, previous = ''] = /<a href="([^"]*)" rel="prev"/.exec(page.text) ?? [];
    expect(previous).toContain('page=interactions%2Fsign-in');
    expect(page.text).toMatch(/<a href="[^"]*page=interactions%2Fregister%2F1" rel="next"/);
  });

  it('shows every page at a glance, each loaded when it comes into sight', async () => {
    const frames = framesOf(await ann.open(preview({ brand: 'spring', page: 'all', width: '768' })));
    expect(frames.length).toBeGreaterThan(25);
    expect(frames.every(({ tag }) => tag.includes('loading="lazy"'))).toBe(true);
    for (const { url } of frames) expect((await ann.agent.request(url)).status).toBe(200);
  });

  it('is chosen by a form that works without script', async () => {
    const page = await ann.open(preview({ brand: 'aurora-air' }));
    const chosen = await ann.agent.submit(
      page,
      {
        brand: 'spring',
        market: 'jp',
        locale: 'ja',
        scheme: 'dark',
        state: 'refused',
        page: 'interactions/register/1',
      },
      '/console/preview',
    );
    const shown = await ann.agent.request(framesOf(chosen)[0]?.url ?? '');
    expect(shown.text).toContain('<html lang="ja"');
    expect(shown.text).toContain('aria-invalid="true"');
    const [, css = ''] = /data:text\/css;base64,([^"]*)/.exec(shown.text) ?? [];
    expect(Buffer.from(css, 'base64').toString()).toContain('color-scheme:dark');
  });

  it('shows a draft to whoever looks at it, while members meet what is live', async () => {
    const { id } = await draftWith({
      'brands/volt/brand': { texts: { en: { 'sign-in.title': 'Fill her up' } } },
    });
    const [first] = framesOf(
      await ann.open(preview({ draft: id, brand: 'volt', market: 'us', locale: 'en' })),
    );
    expect(words(await ann.agent.request(first?.url ?? ''))).toContain('Fill her up');
    expect(words(await ann.agent.request(document()))).not.toContain('Fill her up');
  });

  it.each([
    [
      'a text of a page',
      'brands/spring/brand',
      { texts: { en: { 'password.title': 'Say friend' } } },
      'spring us en interactions/password',
    ],
    [
      'a text in one language',
      'brands/spring/brand',
      { texts: { de: { 'password.title': 'Sprich, Freund' } } },
      'spring us de interactions/password',
    ],
    [
      'a market of a brand',
      'brands/volt/markets/jp',
      { texts: { en: { 'sign-in.title': 'Fill her up' } } },
      'volt jp en interactions/sign-in',
    ],
    [
      'a look',
      'brands/greenleaf/brand',
      { look: { theme: { light: { accent: '#00aa55' } } } },
      'greenleaf us en interactions/sign-in',
    ],
  ])('opens where a draft changes something: %s', async (_, item, patch, start) => {
    const { id } = await draftWith({ [item]: patch });
    const { text } = await ann.open(preview({ draft: id }));
    const chosen = ['brand', 'market', 'locale', 'page'].map(
      (name) => new RegExp(`<select id="${name}".*?<option value="([^"]*)" selected`, 's').exec(text)?.[1],
    );
    expect(chosen.join(' ')).toBe(start);
    // What is chosen counts.
    const other = await ann.open(preview({ draft: id, brand: 'aurora-air', page: 'interactions/sign-in' }));
    expect(other.text).toMatch(/<option value="aurora-air" selected/);
  });

  it('says where a draft does not go live', async () => {
    const look = { texts: { en: { 'sign-in.title': 'Only in Japan' } } };
    const { id } = await draftWith({ 'brands/volt/brand': look }, { regions: [], markets: ['jp'] });
    const says = async (market: string) =>
      words(await ann.open(preview({ draft: id, brand: 'volt', market })));
    expect(await says('us')).toContain('The draft does not go live in this market');
    expect(await says('jp')).not.toContain('The draft does not go live in this market');
    const title = async (market: string) => words(await ann.agent.request(document({ draft: id, market })));
    expect(await title('jp')).toContain('Only in Japan');
    expect(await title('us')).not.toContain('Only in Japan');
  });

  it('says what is wrong with a draft that cannot go live, and where', async () => {
    const theme = { light: { mutedText: '#cccccc' } };
    const { id } = await draftWith({
      'brands/volt/brand': { look: { theme } },
      'brands/spring/brand': { password: { minLength: 11 } },
    });
    const page = await ann.open(preview({ draft: id, brand: 'volt' }));
    expect(page.status).toBe(200);
    expect(framesOf(page)).toEqual([]);
    expect(words(page)).toMatch(
      /cannot be shown yet .*brands\/volt\/\S* \/look\/theme\/light\/mutedText a contrast of 4\.5:1 for mutedText on surface 1\.61:1/,
    );
    expect((await ann.agent.request(document({ draft: id }))).status).toBe(422);
    const eve = await world.person('Eve Spring', ['brand:spring'], ['read']);
    const hers = await eve.open(preview({ draft: id }));
    expect(words(hers)).toContain('There are further problems in parts that you may not read.');
    expect(hers.text).not.toContain('mutedText');
  });
});

describe('a previewed site', () => {
  const site = 'volt-kiosk';
  const chosen = (page: Page, name: string) =>
    new RegExp(`<select id="${name}".*?<option value="([^"]*)" selected`, 's').exec(page.text)?.[1];
  const title = { texts: { en: { 'sign-in.title': 'Touch the screen' } } };
  beforeAll(async () => {
    await world.issuer.client({
      id: site,
      name: 'Kiosk',
      brand: 'volt',
      market: 'jp',
      firstParty: true,
      metadata: { redirect_uris: ['https://kiosk.example/cb'], token_endpoint_auth_method: 'none' },
    });
  });

  it('is shown where it stands, with what a draft says of it alone, and the draft opens there', async () => {
    const { id } = await draftWith({ [`sites/${site}`]: title });
    const page = await ann.open(preview({ draft: id, locale: 'en' }));
    expect(['brand', 'market', 'page'].map((name) => chosen(page, name))).toEqual([
      'volt',
      'jp',
      'interactions/sign-in',
    ]);
    expect(page.text).toMatch(new RegExp(`name="client_id"[^>]* value="${site}"`));
    const [frame] = framesOf(page);
    expect(words(await ann.agent.request(frame?.url ?? ''))).toContain('Touch the screen');
    const without = document({ draft: id, market: 'jp' });
    expect(words(await ann.agent.request(without))).not.toContain('Touch the screen');
  });

  it('wins over another brand and market that were chosen', async () => {
    const page = await ann.open(preview({ client_id: site, brand: 'spring', market: 'us' }));
    expect([chosen(page, 'brand'), chosen(page, 'market')]).toEqual(['volt', 'jp']);
    expect((await ann.agent.request(document({ client_id: site, market: 'us' }))).status).toBe(404);
    expect((await ann.agent.request(document({ client_id: site, brand: 'spring' }))).status).toBe(404);
  });

  it('that nobody knows stays in its field, with what is wrong', async () => {
    const page = await ann.open(preview({ client_id: 'nobody', brand: 'volt' }));
    expect([page.status, page.text]).toEqual([422, expect.stringContaining('href="#client_id"')]);
    expect(page.text).toMatch(/name="client_id"[^>]* value="nobody"/);
    expect(framesOf(page)).toHaveLength(3);
  });

  it('is there for whoever may read only that site, and for nobody who may not', async () => {
    const kim = await world.person('Kim Site', [`site:${site}`], ['read']);
    const page = await kim.open(preview({ client_id: site }));
    const [frame] = framesOf(page);
    expect((await kim.agent.request(frame?.url ?? '')).status).toBe(200);
    expect(page.text).not.toMatch(/<option value="(?:aurora-air|spring)"/);
    expect((await kim.agent.request(document({ market: 'jp' }))).status).toBe(403);
    const sam = await world.person('Sam Other', ['brand:spring'], ['read']);
    expect((await sam.agent.request(preview({ client_id: site }))).status).toBe(403);
    expect((await sam.agent.request(document({ client_id: site, market: 'jp' }))).status).toBe(403);
  });
});

describe('a previewed mail', () => {
  const mail = (at: Record<string, string> = {}) => document({ page: 'mail/verify-address', ...at });

  it('shows subject, text and markup as the draft says them, and does nothing', async () => {
    const texts = { en: { 'mail.verify-address.subject': 'Your {{brand}} code: {{code}}' } };
    const { id } = await draftWith({ 'brands/volt/brand': { texts } });
    const page = await ann.open(preview({ draft: id, locale: 'en' }));
    // The draft changes nothing but a mail, and opens there.
    expect(words(page)).toContain('Your Volt Fuel code: 48201937');
    expect(page.text).toMatch(/<pre class="mail"[^>]*>[^<]*48201937/);
    const frames = framesOf(page);
    expect(frames.map(({ tag }) => /sandbox="([^"]*)"/.exec(tag)?.[1])).toEqual(
      Array(2).fill('allow-same-origin'),
    );
    const shown = await ann.agent.request(frames[0]?.url ?? '');
    expect(shown.text).toContain('<title>Your Volt Fuel code: 48201937</title>');
    expect(shown.text).not.toMatch(/<script|href="(?!#)/);
    const policy = shown.headers.get('content-security-policy') ?? '';
    for (const directive of ["script-src 'none'", "default-src 'none'", "form-action 'none'", 'sandbox'])
      expect(policy).toContain(directive);
    expect(policy).not.toMatch(/allow-scripts|allow-forms|allow-top|unsafe-eval/);
    expect(shown.headers.getSetCookie()).toEqual([]);
    expect((await ann.agent.request(mail())).text).not.toContain('Your Volt Fuel code');
  });

  it('follows the scheme and the language that are chosen', async () => {
    const light = await ann.agent.request(mail());
    const dark = await ann.agent.request(mail({ scheme: 'dark', market: 'jp', locale: 'ja' }));
    expect(light.text).toContain('@media not all');
    expect(dark.text).toContain('@media all');
    expect(dark.text).toContain('<html lang="ja"');
  });

  it.each([['mail/'], ['mail/constructor'], ['mail/../welcome'], ['mail/parts/layout-html']])(
    'is not there under the name %j',
    async (page) => {
      expect((await ann.agent.request(mail({ page }))).status).toBe(404);
    },
  );
});

describe('whoever may read one brand only', () => {
  let bea: Person;
  beforeAll(async () => {
    bea = await world.person('Bea Volt', ['brand:volt'], ['read']);
  });

  it('chooses among what they may read', async () => {
    const page = await bea.open('/console/preview');
    expect(framesOf(page)).toHaveLength(3);
    expect(page.text).toContain('<option value="volt"');
    expect(page.text).not.toMatch(/<option value="(?:aurora-air|spring)"/);
  });

  it.each([['spring'], ['nobody']])(
    'is refused the brand %s, in the preview and in its frames',
    async (brand) => {
      const [page, frame] = [preview({ brand }), document({ brand, market: 'jp' })];
      expect((await bea.agent.request(page)).status).toBe(403);
      const refused = await bea.agent.request(frame);
      expect([refused.status, refused.text.includes('Spring Drinks</bdi>')]).toEqual([403, false]);
    },
  );

  it('sees a market’s brands where the grant is the market', async () => {
    const mia = await world.person('Mia Japan', ['market:jp'], ['read']);
    expect((await mia.agent.request(document({ brand: 'spring', market: 'jp' }))).status).toBe(200);
    expect((await mia.agent.request(document({ brand: 'spring', market: 'us' }))).status).toBe(403);
  });

  it('finds nothing without a grant, and is sent to sign in without a session', async () => {
    const nora = await world.person('Nora Novak', []);
    expect((await nora.agent.request(document())).status).toBe(404);
    expect((await world.issuer.agent().request(document())).status).toBe(303);
  });
});
