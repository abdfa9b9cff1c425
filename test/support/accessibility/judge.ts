/**
 * Judges pages in a real Chromium: axe-core, and what axe cannot see – sizes, reflow, larger text, wider spacing, focus,
 * the keyboard, forced colours, stillness. Owns which question is asked at which width and in which colours. Never knows
 * where a page came from.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { CDPSession, Page } from 'playwright-core';

const load = createRequire(import.meta.url);

/** axe-core's source, to be put into a page. */
const axeSource = readFileSync(load.resolve('axe-core/axe.min.js'), 'utf8');

/** The version of axe-core. */
export const axeVersion: string = load('axe-core/package.json').version;

/** Our own questions, to be put into a page. */
const inPageSource = readFileSync(path.join(import.meta.dirname, 'in-page.js'), 'utf8');

/** The rules of axe that are asked: WCAG 2.2, levels A and AA, and what axe's makers call best practice. */
export const axeTags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];

/** Every kind of question. */
export const checkNames = [
  'axe',
  'undecided contrast',
  'edges',
  'structure',
  'targets',
  'reflow',
  'zoom',
  'large text',
  'spacing',
  'focus',
  'keyboard',
  'forced colours',
  'stillness',
] as const;
/** A kind of question. */
export type CheckName = (typeof checkNames)[number];

/** How often something was asked, and of how many things. */
export interface Count {
  asked: number;
  things: number;
}

/** Something a person could not read, reach or hit. */
export interface Finding {
  check: CheckName;
  /** Where it was seen, such as `dark, 320 px`. */
  where: string;
  /** Which thing it is, and what is wrong with it. */
  what: string;
}

/** What was found on one page. */
export interface Judgement {
  findings: Finding[];
  /** How often each check was asked, and how many things it looked at: rules of axe, controls, elements, stops. */
  counts: Partial<Record<CheckName, Count>>;
  /** Things looked at while the page was in light colours, and in dark ones. */
  inScheme: { light: number; dark: number };
  /** Rules of axe that had something to say here. */
  rules: Set<string>;
}

/** What the page must say of itself. */
export interface Expectation {
  lang: string;
  dir: 'ltr' | 'rtl';
}

/** What one question answers. */
interface Answer {
  checked: number;
  faults: string[];
}

interface AxeAnswer {
  violations: { id: string; nodes: string[] }[];
  /** Selectors of texts whose contrast axe could not decide. */
  contrast: string[];
  /** Other undecided matters. */
  undecided: string[];
  passed: string[];
}

/** Judges pages, one after another, in one window. */
export interface Judge {
  /**
   * Opens a page and judges it at every width, in every colour scheme and setting.
   * @param address the page
   * @param expected what it must say of itself
   */
  judge(address: string, expected: Expectation): Promise<Judgement>;
}

/** Widths of windows in CSS pixels. A window of 1280 by 1024 at 400 % is one of 320 by 256. */
const wide = { width: 1280, height: 1024 };
const phone = { width: 320, height: 640 };
const zoomed = { width: 320, height: 256 };

/** The browser's own default text size, and twice it. */
const textSize = 16;

/**
 * Makes a judge of a window.
 * @param page a window of its own: its size, colours and text size are changed all the time
 */
export async function createJudge(page: Page): Promise<Judge> {
  const devtools = await page.context().newCDPSession(page);
  return {
    async judge(address, expected) {
      const notes = createNotes(page);
      await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none', reducedMotion: 'reduce' });
      await page.setViewportSize(wide);
      await page.goto(address);
      await page.evaluate(axeSource);
      await putJudgeInto(page);
      await askWide(notes, page, devtools, expected);
      await askNarrow(notes, page);
      return notes.judgement;
    },
  };
}

/**
 * Judges the page that stands open, without loading it again: axe in light and dark, and how it fits a small phone.
 * @param page an open page with JavaScript
 * @returns what is wrong with it
 */
export async function judgeAsItStands(page: Page): Promise<Finding[]> {
  const size = page.viewportSize();
  const notes = createNotes(page);
  await page.evaluate(axeSource);
  await putJudgeInto(page);
  await page.setViewportSize(phone);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await notes.axe(colorScheme);
    await notes.ask('edges', colorScheme, 'edges()');
  }
  await notes.ask('reflow', '320 px', 'fit()');
  await notes.ask('targets', '320 px', 'size()');
  await page.emulateMedia({ colorScheme: null });
  if (size) await page.setViewportSize(size);
  return notes.judgement.findings;
}

/**
 * Puts our own questions into a page: `symbolonJudge.size()` and the others of `in-page.js`.
 * @param page an open page
 */
export async function putJudgeInto(page: Page): Promise<void> {
  await page.evaluate(inPageSource);
}

/** On a wide window, in light colours. */
async function askWide(notes: Notes, page: Page, devtools: CDPSession, expected: Expectation): Promise<void> {
  const where = 'light, 1280 px';
  await notes.axe(where);
  await notes.ask('structure', where, `structure(${JSON.stringify(expected)})`);
  await notes.ask('edges', where, 'edges()');
  await notes.ask('targets', where, 'size()');
  await notes.ask('focus', where, 'focus()');
  await notes.walk(where);
  await setTextSize(devtools, textSize * 2);
  await notes.ask('large text', '1280 px, text at 200 %', 'fit()');
  await setTextSize(devtools, textSize);
  await page.emulateMedia({ forcedColors: 'active' });
  await notes.ask('forced colours', 'forced colours', 'forced()');
  await notes.ask('forced colours', 'forced colours', 'focus()');
  await page.emulateMedia({ forcedColors: 'none' });
  await notes.ask('stillness', 'reduced motion', 'stillness()');
}

/** On a phone, in dark colours; and the wide window at 400 %. */
async function askNarrow(notes: Notes, page: Page): Promise<void> {
  const where = 'dark, 320 px';
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize(phone);
  await notes.ask('reflow', where, 'fit()');
  await notes.ask('targets', where, 'size()');
  await notes.ask('edges', where, 'edges()');
  await notes.axe(where);
  const folded = await page.evaluate<number>('symbolonJudge.unfold(true)');
  if (folded > 0) {
    await notes.ask('reflow', `${where}, unfolded`, 'fit()');
    await notes.ask('targets', `${where}, unfolded`, 'size()');
    await notes.axe(`${where}, unfolded`, 'details');
    await page.evaluate('symbolonJudge.unfold(false)');
  }
  await page.evaluate('symbolonJudge.spaceOut(true)');
  await notes.ask('spacing', '320 px, text spaced out', 'fit()');
  await page.evaluate('symbolonJudge.spaceOut(false)');
  await page.setViewportSize(zoomed);
  await notes.ask('zoom', '1280 px at 400 %', 'fit()');
  await notes.ask('focus', 'dark, 1280 px at 400 %', 'focus()');
}

function setTextSize(devtools: CDPSession, standard: number): Promise<unknown> {
  return devtools.send('Page.setFontSizes', {
    fontSizes: { standard, fixed: Math.round(standard * 0.8125) },
  });
}

interface Notes {
  judgement: Judgement;
  ask(check: CheckName, where: string, question: string): Promise<void>;
  axe(where: string, context?: string): Promise<void>;
  walk(where: string): Promise<void>;
}

/** Asks the page and writes down what it answers. */
function createNotes(page: Page): Notes {
  const judgement: Judgement = {
    findings: [],
    counts: {},
    inScheme: { light: 0, dark: 0 },
    rules: new Set(),
  };
  const add = (check: CheckName, where: string, { checked, faults }: Answer) => {
    const { asked, things } = judgement.counts[check] ?? { asked: 0, things: 0 };
    judgement.counts[check] = { asked: asked + 1, things: things + checked };
    if (where.startsWith('light')) judgement.inScheme.light += checked;
    if (where.startsWith('dark')) judgement.inScheme.dark += checked;
    for (const what of faults) judgement.findings.push({ check, where, what });
  };
  const ask: Notes['ask'] = async (check, where, question) =>
    add(check, where, await page.evaluate<Answer>(`symbolonJudge.${question}`));
  return {
    judgement,
    ask,
    async axe(where, context) {
      const found = await page.evaluate<AxeAnswer>(runAxe(context));
      for (const rule of [...found.passed, ...found.violations.map(({ id }) => id)])
        judgement.rules.add(rule);
      const violations = found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node}`));
      const undecided = found.undecided.map((each) => `undecided: ${each}`);
      add('axe', where, {
        checked: found.passed.length + found.violations.length,
        faults: [...violations, ...undecided],
      });
      if (found.contrast.length > 0)
        await ask('undecided contrast', where, `undecided(${JSON.stringify(found.contrast)})`);
    },
    async walk(where) {
      const presses = await page.evaluate<number>('symbolonJudge.beginWalk()');
      for (let press = 0; press < presses; press += 1) await page.keyboard.press('Tab');
      await ask('keyboard', where, 'endWalk()');
    },
  };
}

/** Runs in the page, where axe has been put before. What a frame shows is a page of its own, judged as one. */
const runAxe = (context = 'html') => `(async () => {
  const options = { runOnly: { type: 'tag', values: ${JSON.stringify(axeTags)} }, resultTypes: ['violations', 'incomplete'], rules: { 'frame-tested': { enabled: false } }, iframes: false, preload: false };
  const { violations, incomplete, passes } = await axe.run(${JSON.stringify(context)} === 'html' ? document : ${JSON.stringify(context)}, options);
  return {
    violations: violations.map(({ id, nodes }) => ({ id, nodes: nodes.map((node) => node.html.slice(0, 200)) })),
    contrast: incomplete.filter(({ id }) => id === 'color-contrast').flatMap(({ nodes }) => nodes.map(({ target }) => target[0])),
    undecided: incomplete.filter(({ id }) => id !== 'color-contrast').flatMap(({ id, nodes }) => nodes.map((node) => id + ': ' + node.html.slice(0, 200))),
    passed: passes.map(({ id }) => id),
  };
})()`;
