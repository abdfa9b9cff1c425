/** The report of a whole matrix as a page for `docs/`: the same text for the same findings, without a date. */
import type { CheckName, Judgement } from '../../support/accessibility/judge.ts';
import { i18n, looks } from '../render-all.ts';
import { type Judged, type MatrixResult, placesOf, productScenes } from './matrix.ts';

/** What each question is, for readers, in the order in which it is asked. */
const questions: readonly [CheckName, string][] = [
  [
    'axe',
    '[axe-core](https://github.com/dequelabs/axe-core): every rule for WCAG 2.2 A and AA, and its best practices',
  ],
  [
    'undecided contrast',
    'texts on a gradient, which axe leaves undecided: 4.5:1 against every colour of it (1.4.3)',
  ],
  ['edges', 'buttons and inputs stand out from what is around them, 3:1 (1.4.11)'],
  [
    'structure',
    'language, direction, title, one first heading, landmarks, skip link first (1.3.1, 2.4.1, 2.4.2, 3.1.1)',
  ],
  [
    'targets',
    'controls are 44 px high and wide, links within a sentence 24 px (2.5.8); inputs have text of 16 px',
  ],
  ['reflow', '320 px: no sideways scrolling, nothing cut off, no control over another (1.4.10)'],
  ['zoom', '1280 px at 400 %: the same (1.4.10)'],
  ['large text', 'text alone at 200 %: the same (1.4.4)'],
  ['spacing', 'lines, words and letters spaced out: the same (1.4.12)'],
  [
    'focus',
    'a ring of 2 px and 3:1 on whatever has focus, within the window and under nothing (2.4.7, 2.4.11)',
  ],
  [
    'keyboard',
    'Tab leads to every control and out again, in the order of document and eye (2.1.1, 2.1.2, 2.4.3)',
  ],
  ['forced colours', 'edges, choices and focus can be seen in forced colours'],
  ['stillness', 'nothing moves for people who asked for that (2.3.3)'],
];

/** How many faults of a kind are told in full. */
const toldInFull = 20;

const plain = new Intl.NumberFormat('en');
const number = (value: number) => plain.format(value);
const total = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0);
const row = (...cells: readonly (string | number)[]) =>
  `| ${cells.map((cell) => (typeof cell === 'number' ? number(cell) : cell)).join(' | ')} |`;
const table = (head: readonly string[], rows: readonly string[]) =>
  [row(...head), `|${head.map((_, at) => (at === 0 ? '---' : '--:')).join('|')}|`, ...rows].join('\n');

const judgements = (judged: readonly Judged[]) => judged.map(({ judgement }) => judgement);
const faultCount = (judged: readonly Judged[]) =>
  total(judgements(judged).map(({ findings }) => findings.length));
const things = ({ counts }: Judgement) => total(Object.values(counts).map((count) => count.things));
const thingCount = (judged: readonly Judged[]) => total(judgements(judged).map(things));
const inCheck = (judged: readonly Judged[], check: CheckName, what: 'asked' | 'things') =>
  total(judgements(judged).map(({ counts }) => counts[check]?.[what] ?? 0));

/**
 * The report.
 * @param result of the whole matrix
 */
export function accessibilityReport(result: MatrixResult): string {
  const { judged } = result;
  return `${[
    '# Accessibility',
    introduction(result),
    '## What was asked',
    askedTable(judged),
    ...faultSection(judged),
    '## By page',
    'A page is looked at as its sample, as a refused form with a fault at each input, and in its variants.',
    pageTable(judged),
    '## By language',
    languageTable(judged),
    '## By theme',
    themeTable(judged),
    '## Rules of axe that had something to judge',
    [...new Set(judgements(judged).flatMap(({ rules }) => [...rules]))]
      .sort()
      .map((rule) => `\`${rule}\``)
      .join(' '),
    '## What this does not show',
    limits,
  ].join('\n\n')}\n`;
}

function introduction({ judged, chromium, axe }: MatrixResult): string {
  const pages = new Set(judged.map(({ scene }) => scene.view.name)).size;
  const states = new Set(judged.map(({ scene }) => scene.id)).size;
  const whole = placesOf().length;
  const part =
    judged.length === whole
      ? 'the whole matrix'
      : `a part of the whole matrix of ${number(whole)}, in which every page, language and theme comes by in turn`;
  return `Written by \`npm run accessibility\`, which opens every page in every theme and language in a real browser. Not to be
edited: run the command again when a page, a text or a theme has changed.

Judged with axe-core ${axe} in Chromium ${chromium}: **${number(judged.length)} documents**, ${part} – ${pages} pages in ${states}
states, ${i18n.locales.length} languages, ${looks.length} themes, each document in light and in dark. ${number(thingCount(judged))} things were
looked at, **${number(faultCount(judged))} faults** found.`;
}

function askedTable(judged: readonly Judged[]): string {
  const found = judgements(judged).flatMap(({ findings }) => findings);
  return table(
    ['question', 'asked', 'things looked at', 'faults'],
    questions.map(([check, words]) =>
      row(
        words,
        inCheck(judged, check, 'asked'),
        inCheck(judged, check, 'things'),
        found.filter((finding) => finding.check === check).length,
      ),
    ),
  );
}

function faultSection(judged: readonly Judged[]): string[] {
  const all = judged.flatMap(({ scene, look, locale, judgement }) =>
    judgement.findings.map(
      ({ check, where, what }) => `- ${scene.id}, ${look}, ${locale}; ${where}; ${check}: \`${what}\``,
    ),
  );
  if (all.length === 0) return [];
  const more = all.length > toldInFull ? [`- and ${number(all.length - toldInFull)} more`] : [];
  return ['## Faults', [...all.slice(0, toldInFull), ...more].join('\n')];
}

function pageTable(judged: readonly Judged[]): string {
  const names = [...new Set(productScenes.map(({ view }) => view.name))];
  return table(
    ['page', 'states', 'documents', 'axe rules', 'controls', 'stops of Tab', 'things', 'faults'],
    names.map((name) => {
      const here = judged.filter(({ scene }) => scene.view.name === name);
      return row(
        `\`${name}\``,
        new Set(here.map(({ scene }) => scene.id)).size,
        here.length,
        inCheck(here, 'axe', 'things'),
        inCheck(here, 'targets', 'things'),
        inCheck(here, 'keyboard', 'things'),
        thingCount(here),
        faultCount(here),
      );
    }),
  );
}

function languageTable(judged: readonly Judged[]): string {
  return table(
    ['language', 'code', 'direction', 'documents', 'axe rules', 'things', 'faults'],
    i18n.locales.map(({ code, name, dir }) => {
      const here = judged.filter(({ locale }) => locale === code);
      return row(
        name,
        `\`${code}\``,
        dir,
        here.length,
        inCheck(here, 'axe', 'things'),
        thingCount(here),
        faultCount(here),
      );
    }),
  );
}

function themeTable(judged: readonly Judged[]): string {
  return table(
    ['theme', 'id', 'documents', 'things in light', 'things in dark', 'faults'],
    looks.map(({ id, name }) => {
      const here = judged.filter(({ look }) => look === id);
      const inScheme = (scheme: 'light' | 'dark') =>
        total(judgements(here).map((each) => each.inScheme[scheme]));
      return row(name, `\`${id}\``, here.length, inScheme('light'), inScheme('dark'), faultCount(here));
    }),
  );
}

const limits = `- Light colours are judged in a window of 1280 px, dark ones at 320 px and at 400 %.
- A variant, which is made of parts that its page shows in every theme, is judged in every language in one theme, another each time.
- Names and hints that come from a program's configuration are in English in the samples.
- A program gives these answers, not people with a screen reader, a switch or a magnifier. The ways to join, to sign in, to consent and
  through the account are also walked by keyboard alone, at 320 px, in Arabic and German: \`test/journeys/browser\`.`;
