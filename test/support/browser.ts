/** Real Chromium for journeys: with and without JavaScript. */
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
