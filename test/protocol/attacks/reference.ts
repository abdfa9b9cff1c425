/** The page docs/attacks.md, from the attack table. */
import { themes } from './all.ts';
import { type Attack, seenInWords, type Written } from './table.ts';

const writtenInWords: Record<Written, string> = {
  nothing: '',
  'family ends': 'everything issued from it ends',
  'proof id': 'the id of the proof, so that it cannot come again',
  'session marks': 'marks of the session; nothing is allowed by them',
  'as usual': 'what belongs to the answer',
};

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const row = ({ attempt, sent, seen, section, written = 'nothing' }: Attack) =>
  `| ${[attempt, sent, seenInWords(seen), writtenInWords[written], section].map(cell).join(' | ')} |`;

/** Every attack with what is answered. */
export function attackDocs(): string {
  const count = themes.reduce((sum, { rows }) => sum + rows.length, 0);
  return [
    '# Attacks',
    '',
    '<!-- Generated from test/protocol/attacks by scripts/generate.mjs; edit there. -->',
    '',
    `What the protocol endpoints withstand: ${count} requests, each sent by a test to a running issuer. Every row names`,
    'what is attempted, what is sent, what is answered and where that is specified. After each, the whole database is',
    'compared with what it was before: nothing is written but what the row says. A few rows are no attacks and show',
    'where the line is. Races of two processes stand in `test/protocol/oidc/races.test.ts`, forged forms of the pages',
    'in `test/pages`.',
    ...themes.flatMap(({ title, rows }) => [
      '',
      `## ${title}`,
      '',
      '| attempt | sent | answered | written | specified in |',
      '|---|---|---|---|---|',
      ...rows.map(row),
    ]),
    '',
  ].join('\n');
}
