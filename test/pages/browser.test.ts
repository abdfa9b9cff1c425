import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { componentsFaults } from '../../src/base/http/dev-views.ts';
import type { PageFrame, View } from '../../src/base/http/views.ts';
import { assets, frameOf, i18n, looks, renderer, views } from './render-all.ts';

const executablePath = process.env.SYMBOLON_CHROMIUM;
const inBrowser = executablePath === undefined ? describe.skip : describe;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const faults: Record<string, PageFrame['faults']> = {
  'interactions/register': [
    { field: 'email', code: 'email.invalid' },
    { field: 'password', code: 'password.too_short', params: { min: 8 } },
    { field: 'field.seat', code: 'choice.required' },
    { field: 'terms.program', code: 'terms.required' },
  ],
  'interactions/password': [{ field: 'password', code: 'credentials.invalid' }],
  'account/sign-in-methods': [{ field: 'current_password', code: 'credentials.invalid' }],
  'dev/components': componentsFaults,
};

let browser: Browser;
let server: Server;
let origin = '';
let posts = 0;
let opened: Opened;

beforeAll(async () => {
  if (executablePath === undefined) return;
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (request.method === 'POST') {
      posts += 1;
      // No content: the browser stays on the page, as while it waits for an answer.
      response.writeHead(204).end();
      return;
    }
    const asset = assets.read(url.pathname);
    if (asset) {
      response.setHeader('content-type', asset.type).end(asset.body);
      return;
    }
    const [, look = '', locale = '', folder = '', name = '', kind = ''] = url.pathname.split('/');
    const view = views.find((one) => one.name === `${folder}/${name}`);
    const brand = looks.find((one) => one.id === look);
    if (!view || !brand) {
      response.writeHead(404).end();
      return;
    }
    const frame = frameOf(brand, locale, kind === 'wrong' ? { faults: faults[view.name] } : {});
    response
      .setHeader('content-type', 'text/html; charset=utf-8')
      .setHeader(
        'content-security-policy',
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'",
      )
      .end(renderer.page(view, frame, view.sample()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await chromium.launch({
    executablePath,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'].concat(
      '--disable-background-networking --disable-component-update --disable-sync'.split(' '),
    ),
  });
  opened = await open('/volt/en/interactions/sign-in', { reducedMotion: 'reduce' });
});
afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
});

interface Opened {
  page: Page;
  problems: string[];
}

async function open(path: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Opened> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.goto(`${origin}${path}`);
  return { page, problems };
}

/** Paths of a page: as it is, and as refused where that shows more. */
const pathsOf = (view: View<unknown>, look: string, locale: string) => {
  const path = `/${look}/${locale}/${view.name}`;
  return faults[view.name] ? [path, `${path}/wrong`] : [path];
};

/** Pages to look at closely: every look and every language comes by in turn, and each page from the right too. */
const closely = [
  ...new Set(
    views.flatMap((view, index) => {
      const look = looks[index % looks.length]?.id ?? '';
      const inTurn = i18n.locales[index % i18n.locales.length]?.code ?? '';
      const fromTheRight = i18n.locales.filter(({ dir }) => dir === 'rtl').map(({ code }) => code);
      return [inTurn, ...fromTheRight].flatMap((locale) => pathsOf(view, look, locale));
    }),
  ),
].map((path) => ({ path }));

inBrowser('in a browser', () => {
  it.each(closely)('$path is accessible in light and dark and fits a small phone', async ({ path }) => {
    const { page, problems } = opened;
    problems.length = 0;
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 320, height: 640 });
    await page.goto(`${origin}${path}`);
    const narrow = await page.evaluate<object>(measure);
    await page.evaluate(axe);
    const light = await page.evaluate<string[]>(findViolations('{}'));
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await page.evaluate<string[]>(findViolations("{ runOnly: ['color-contrast'] }"));
    expect({ ...narrow, light, dark, problems }).toEqual({
      sideways: false,
      small: [],
      tiny: [],
      light: [],
      dark: [],
      problems: [],
    });
  });

  // What is written from the right was looked at above, page by page.
  it.each(i18n.locales.filter(({ dir }) => dir === 'ltr'))(
    'every page in $code fits a small phone, however long its words',
    async ({ code }) => {
      const { page } = opened;
      await page.setViewportSize({ width: 320, height: 640 });
      for (const path of views.flatMap((view) => pathsOf(view, 'volt', code))) {
        await page.goto(`${origin}${path}`);
        expect({ path, ...(await page.evaluate<object>(measure)) }).toEqual({
          path,
          sideways: false,
          small: [],
          tiny: [],
        });
      }
    },
  );

  it('is mirrored in Arabic: lists, buttons and what is typed stand on the other side', async () => {
    const { page } = opened;
    const boxOf = async (selector: string) =>
      (await page.locator(selector).first().boundingBox()) ?? { x: 0, width: 0 };
    await page.setViewportSize({ width: 1200, height: 800 });
    await page.goto(`${origin}/volt/ar/account/sign-in-methods`);
    expect((await boxOf('nav.side')).x).toBeGreaterThan((await boxOf('main')).x);
    const [input, reveal] = [await boxOf('#current_password'), await boxOf('.reveal .button')];
    expect(reveal.x - input.x).toBeLessThan(10);
    // What is typed ends before the button, and begins at the right.
    const free = await page.evaluate<number>(
      "parseFloat(getComputedStyle(document.querySelector('#current_password')).paddingLeft)",
    );
    expect(free).toBeGreaterThan(reveal.width);
    await page.goto(`${origin}/volt/ar/interactions/sign-in`);
    expect(
      await page.evaluate(
        "(({ direction, textAlign }) => direction + ' ' + textAlign)(getComputedStyle(identifier))",
      ),
    ).toBe('ltr end');
    await page.locator('.languages summary').click();
    const menu = await boxOf('.languages form');
    expect([menu.x >= 0, menu.x + menu.width <= 1200]).toEqual([true, true]);
  });

  it('puts focus on the heading of a step and on the summary of a refused form', async () => {
    const step = await open('/volt/en/interactions/password');
    await step.page.waitForFunction("document.activeElement.tagName === 'H1'");
    const refused = await open('/volt/en/interactions/password/wrong');
    await refused.page.waitForFunction("document.activeElement.className === 'summary'");
    await refused.page.locator('.summary a').click();
    await refused.page.waitForFunction("document.activeElement.id === 'password'");
    await step.page.context().close();
    await refused.page.context().close();
  });

  it('shows a password on request, says so, and hides it before it is sent', async () => {
    const { page } = await open('/volt/en/interactions/password');
    await page.fill('#password', 'correct horse');
    await page.getByRole('button', { name: 'Show' }).click();
    expect(await page.getAttribute('#password', 'type')).toBe('text');
    expect(await page.getByText('Your password is shown').count()).toBe(1);
    expect(await page.getByRole('button', { name: 'Hide' }).count()).toBe(1);
    await page.locator('form:has(#password) .primary').click({ noWaitAfter: true });
    expect(await page.getAttribute('#password', 'type')).toBe('password');
    await page.context().close();
  });

  it('tells in words how strong a new password looks', async () => {
    const { page } = await open('/volt/en/interactions/new-password');
    const words = page.locator('.strength [aria-live]');
    await page.fill('#password', 'abc');
    expect(await words.textContent()).toBe('Too short so far');
    await page.fill('#password', 'aaaaaaaaaaaa');
    expect(await words.textContent()).toBe('Easy to guess – add another word');
    await page.fill('#password', 'purple window kettle 9');
    expect(await words.textContent()).toBe('Strong password');
    await page.context().close();
  });

  it('sends a form once on a double click, shows progress, and recovers when the page is shown again', async () => {
    const { page } = await open('/volt/en/interactions/sign-in');
    const before = posts;
    const button = page.locator('form:has(#identifier) .primary');
    await page.fill('#identifier', 'mika@example.com');
    await button.dblclick({ noWaitAfter: true });
    await expect(button.getAttribute('data-busy')).resolves.toBe('yes');
    expect(await button.isDisabled()).toBe(false);
    expect(posts - before).toBeLessThanOrEqual(1);
    await page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
    expect(await button.getAttribute('data-busy')).toBeNull();
    await page.context().close();
  });

  it('needs no script to choose another language or to sign in', async () => {
    const { page } = await open('/volt/en/interactions/sign-in', { javaScriptEnabled: false });
    await page.locator('.languages summary').click();
    expect(await page.getByRole('button', { name: '日本語' }).isVisible()).toBe(true);
    expect(await page.locator('[data-reveal]').count()).toBe(0);
    expect(await page.locator('h1').textContent()).toBe('Sign in');
    await page.context().close();
  });

  it('stands still for people who ask for it', async () => {
    const { page } = await open('/volt/en/interactions/sign-in', { reducedMotion: 'reduce' });
    const duration = await page.evaluate<string>(
      "getComputedStyle(document.querySelector('.primary')).transitionDuration",
    );
    expect(duration).toBe('0s');
    await page.context().close();
  });
});

/** Runs in the page, where axe has been put before. */
const findViolations = (options: string) => `axe.run(document, ${options}).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ': ' + nodes.map((node) => node.html).join(' ')))`;

/** Runs in the page. Links within a sentence are exempt from target size, as in WCAG 2.5.8. */
const measure = `(() => {
  const visible = (element) => element.getClientRects().length > 0 && !element.closest('.sr, .skip');
  const size = (element) =>
    (element.matches('[type=checkbox],[type=radio]') ? element.closest('label') : element).getBoundingClientRect().height;
  const inputs = [...document.querySelectorAll('input:not([type=hidden]), select')].filter(visible);
  const others = 'button, summary, .foot a, .more a, .side a, .links a, .summary a';
  const targets = [...inputs, ...document.querySelectorAll(others)].filter(visible);
  const typed = inputs.filter((input) => !input.matches('[type=checkbox],[type=radio]'));
  return {
    sideways: document.documentElement.scrollWidth > innerWidth,
    small: targets.filter((target) => size(target) < 44).map((target) => target.outerHTML),
    tiny: typed.filter((input) => parseFloat(getComputedStyle(input).fontSize) < 16).map((input) => input.outerHTML),
  };
})()`;
