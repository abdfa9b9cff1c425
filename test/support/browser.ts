/** Real Chromium for journeys: with and without JavaScript, in light and dark, and what one asks of every page. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe } from '@jest/globals';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { atEnd } from './database.ts';

/** Set by scripts/test.mjs, which also says when there is none and fails in CI. */
const executablePath = process.env.SYMBOLON_CHROMIUM;

/** `describe` where there is a Chromium, else skipped. */
export const describeInBrowser = executablePath === undefined ? describe.skip : describe;

/** Both ways in which every journey has to work. */
export const bothWays = [
  { way: 'with JavaScript', script: true },
  { way: 'without JavaScript', script: false },
];

const args = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/** Long enough for a busy machine; a page that never comes still fails the test. */
const patienceMs = 20_000;

let starting: Promise<Browser> | undefined;

/** The one Chromium of this test file; closed after it. */
function theBrowser(): Promise<Browser> {
  starting ??= launch();
  return starting;
}

async function launch(): Promise<Browser> {
  if (executablePath === undefined) throw new Error('there is no Chromium');
  const browser = await chromium.launch({ executablePath, args });
  atEnd(() => browser.close());
  return browser;
}

/** A browser of one person: cookies of its own. */
export interface Visitor {
  context: BrowserContext;
  page: Page;
  /** Errors of scripts and refused content so far; a good page has none. */
  problems: string[];
}

/**
 * Opens a browser nobody has used yet.
 * @param options JavaScript (default on), language, colours, size
 */
export async function visitor(options: { script?: boolean } & BrowserContextOptions = {}): Promise<Visitor> {
  const { script = true, ...rest } = options;
  const context = await (await theBrowser()).newContext({
    javaScriptEnabled: script,
    locale: 'en-US',
    reducedMotion: 'reduce',
    ...rest,
  });
  context.setDefaultTimeout(patienceMs);
  const problems: string[] = [];
  context.on('weberror', (fault) => problems.push(fault.error().message));
  context.on('console', (message) => {
    // A refused form answers 4xx, which Chromium also writes down.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      problems.push(message.text());
  });
  return { context, page: await context.newPage(), problems };
}

/**
 * Asks again and again until the answer is yes.
 * @param what names it, for the message
 * @param ask the question
 * @throws Error when it is still no after the patience of a test
 */
export async function eventually(what: string, ask: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + patienceMs;
  while (performance.now() < until) {
    if (await ask()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`still not: ${what}`);
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What every page must be; a good page is equal to {@link goodPage}. */
export interface PageJudgement {
  light: string[];
  dark: string[];
  sideways: boolean;
  small: string[];
  tiny: string[];
  headings: number;
}

/** The judgement of a page without fault. */
export const goodPage: PageJudgement = {
  light: [],
  dark: [],
  sideways: false,
  small: [],
  tiny: [],
  headings: 1,
};

/**
 * Judges the page as it stands: axe in light and dark, and at 320 pixels wide sideways scrolling, the height of
 * targets and the size of text in inputs. The page is not loaded again.
 * @param page an open page with JavaScript
 */
export async function judge(page: Page): Promise<PageJudgement> {
  const size = page.viewportSize();
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 320, height: 640 });
  const narrow = await page.evaluate<Omit<PageJudgement, 'light' | 'dark'>>(measure);
  await page.evaluate(axe);
  const light = await page.evaluate<string[]>(violations('{}'));
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await page.evaluate<string[]>(violations("{ runOnly: ['color-contrast'] }"));
  await page.emulateMedia({ colorScheme: null });
  if (size) await page.setViewportSize(size);
  return { ...narrow, light, dark };
}

/** Runs in the page, where axe has been put before. */
const violations = (options: string) => `axe.run(document, ${options}).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ': ' + nodes.map((node) => node.html).join(' ')))`;

/** Runs in the page. Links within a sentence are exempt from target size (WCAG 2.5.8). */
const measure = `(() => {
  const visible = (element) => element.getClientRects().length > 0 && !element.closest('.sr, .skip');
  const box = (element) => element.matches('[type=checkbox],[type=radio]') ? element.closest('label') : element;
  const inputs = [...document.querySelectorAll('input:not([type=hidden]), select')].filter(visible);
  const others = 'button, summary, .foot a, .more a, .side a, .links a, .summary a, .actions a';
  const targets = [...inputs, ...document.querySelectorAll(others)].filter(visible);
  const typed = inputs.filter((input) => !input.matches('[type=checkbox],[type=radio]'));
  return {
    sideways: document.documentElement.scrollWidth > innerWidth,
    small: targets.filter((each) => box(each).getBoundingClientRect().height < 44).map((each) => each.outerHTML),
    tiny: typed.filter((each) => parseFloat(getComputedStyle(each).fontSize) < 16).map((each) => each.outerHTML),
    headings: document.querySelectorAll('h1').length,
  };
})()`;
