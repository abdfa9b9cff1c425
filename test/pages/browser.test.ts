import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { createJudge, putJudgeInto } from '../support/accessibility/judge.ts';
import { type PageServer, startPageServer } from './page-server.ts';
import { i18n, looks } from './render-all.ts';
import { scenes } from './scenes.ts';

const executablePath = process.env.SYMBOLON_CHROMIUM;
const inBrowser = executablePath === undefined ? describe.skip : describe;

let browser: Browser;
let server: PageServer;
let opened: Opened;

beforeAll(async () => {
  if (executablePath === undefined) return;
  server = await startPageServer();
  browser = await chromium.launch({
    executablePath,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'].concat(
      '--disable-background-networking --disable-component-update --disable-sync'.split(' '),
    ),
  });
  opened = await open('interactions/sign-in', { reducedMotion: 'reduce' });
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

interface Opened {
  page: Page;
  problems: string[];
}

/** A browser of its own on a scene in the look of Volt. */
async function open(scene: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Opened> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.goto(server.address('volt', 'en', scene));
  return { page, problems };
}

/** Pages as they are and as they are refused; their variants are looked at by the whole matrix. */
const plain = scenes.filter(({ kind }) => kind !== 'variant');

/**
 * Documents to look at closely, a part of the matrix that `npm run accessibility` judges: every look and every language
 * comes by in turn, and what is written from the right every other time.
 */
const closely = plain.map(({ id }, at) => {
  const fromTheRight = i18n.locales.filter(({ dir }) => dir === 'rtl');
  const locales = at % 2 === 0 ? i18n.locales : fromTheRight;
  const turn = Math.floor(at / 2);
  return {
    id,
    look: looks[at % looks.length]?.id ?? '',
    locale: locales[turn % locales.length]?.code ?? '',
  };
});

/** Pages at their longest: refused where they can be. */
const longest = plain.filter(({ id }) => !plain.some((other) => other.id === `${id}/refused`));

inBrowser('in a browser', () => {
  it.each(closely)(
    '$id for $look in $locale is accessible in every colour, width and setting',
    async ({ id, look, locale }) => {
      const { page, problems } = opened;
      problems.length = 0;
      const { tag, dir } = i18n.locale(locale);
      const judge = await createJudge(page);
      const { findings } = await judge.judge(server.address(look, locale, id), { lang: tag, dir });
      expect({ findings, problems }).toEqual({ findings: [], problems: [] });
    },
  );

  it.each(i18n.locales)(
    'every page in $code fits a small phone, however long its words',
    async ({ code }) => {
      const { page } = opened;
      await page.setViewportSize({ width: 320, height: 640 });
      for (const { id } of longest) {
        await page.goto(server.address('volt', code, id));
        await putJudgeInto(page);
        const faults = await page.evaluate(
          '[symbolonJudge.fit(), symbolonJudge.size()].flatMap(({ faults }) => faults)',
        );
        expect({ id, faults }).toEqual({ id, faults: [] });
      }
    },
  );

  it('is mirrored in Arabic: lists, buttons and what is typed stand on the other side', async () => {
    const { page } = opened;
    const boxOf = async (selector: string) =>
      (await page.locator(selector).first().boundingBox()) ?? { x: 0, width: 0 };
    await page.setViewportSize({ width: 1200, height: 800 });
    await page.goto(server.address('volt', 'ar', 'account/sign-in-methods'));
    expect((await boxOf('nav.side')).x).toBeGreaterThan((await boxOf('main')).x);
    const [input, reveal] = [await boxOf('#current_password'), await boxOf('.reveal .button')];
    expect(reveal.x + reveal.width).toBeLessThanOrEqual(input.x);
    await page.goto(server.address('volt', 'ar', 'interactions/sign-in'));
    expect(
      await page.evaluate(
        "(({ direction, textAlign }) => direction + ' ' + textAlign)(getComputedStyle(identifier))",
      ),
    ).toBe('ltr end');
    await page.locator('.languages summary').click();
    const menu = await boxOf('.languages form');
    expect([menu.x >= 0, menu.x + menu.width <= 1200]).toEqual([true, true]);
  });

  it('says beside each value of a difference which side it is, where no column says so', async () => {
    const sides = async (width: number) => {
      const { page } = await open('console/draft-diff', { viewport: { width, height: 740 } });
      const found = (await page.evaluate(
        `[...document.querySelectorAll('main td')].map((cell) => getComputedStyle(cell, '::before').content)`,
      )) as string[];
      await page.context().close();
      return new Set(found);
    };
    const labels = ['"After: "', '"Before: "', '"For: "'];
    expect([...(await sides(360))].sort()).toEqual(labels);
    expect(await sides(1280)).toEqual(new Set(['none']));
  });

  it('puts focus on the heading of a step and on the summary of a refused form', async () => {
    const step = await open('interactions/password');
    await step.page.waitForFunction("document.activeElement.tagName === 'H1'");
    const refused = await open('interactions/password/refused');
    await refused.page.waitForFunction("document.activeElement.className === 'summary'");
    await refused.page.locator('.summary a').click();
    await refused.page.waitForFunction("document.activeElement.id === 'password'");
    await step.page.context().close();
    await refused.page.context().close();
  });

  it('shows a password on request, says so, and hides it before it is sent', async () => {
    const { page } = await open('interactions/password');
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
    const { page } = await open('interactions/new-password');
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
    const { page } = await open('interactions/sign-in');
    const before = server.posts();
    const button = page.locator('form:has(#identifier) .primary');
    await page.fill('#identifier', 'mika@example.com');
    await button.dblclick({ noWaitAfter: true });
    await expect(button.getAttribute('data-busy')).resolves.toBe('yes');
    expect(await button.isDisabled()).toBe(false);
    expect(server.posts() - before).toBeLessThanOrEqual(1);
    await page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
    expect(await button.getAttribute('data-busy')).toBeNull();
    await page.context().close();
  });

  it('needs no script to choose another language or to sign in', async () => {
    const { page } = await open('interactions/sign-in', { javaScriptEnabled: false });
    await page.locator('.languages summary').click();
    expect(await page.getByRole('button', { name: '日本語' }).isVisible()).toBe(true);
    expect(await page.locator('[data-reveal]').count()).toBe(0);
    expect(await page.locator('h1').textContent()).toBe('Sign in');
    await page.context().close();
  });

  it('stands still for people who ask for it', async () => {
    const { page } = await open('interactions/sign-in', { reducedMotion: 'reduce' });
    const duration = await page.evaluate<string>(
      "getComputedStyle(document.querySelector('.primary')).transitionDuration",
    );
    expect(duration).toBe('0s');
    await page.context().close();
  });
});
