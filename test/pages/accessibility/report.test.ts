import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { axeVersion } from '../../support/accessibility/judge.ts';
import { i18n, looks } from '../render-all.ts';
import { productScenes } from './matrix.ts';

const report = readFileSync(path.resolve(import.meta.dirname, '../../../docs/accessibility.md'), 'utf8');

/** What stands in backquotes in the rows of a section's table. */
function namedIn(section: string): string[] {
  const [, text = ''] = report.split(`## ${section}\n`);
  const [table = ''] = text.split('\n## ');
  return table
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .flatMap((line) => /`([^`]+)`/.exec(line)?.[1] ?? []);
}

// What is missing here is not judged yet: `npm run accessibility` does it.
describe('the report on accessibility', () => {
  it('tells of every page, language and theme there is', () => {
    const pages = [...new Set(productScenes.map(({ view }) => view.name))];
    expect(namedIn('By page').sort()).toEqual(pages.sort());
    expect(namedIn('By language').sort()).toEqual(i18n.locales.map(({ code }) => code).sort());
    expect(namedIn('By theme').sort()).toEqual(looks.map(({ id }) => id).sort());
  });

  it('tells of no fault, by the axe-core that is in use', () => {
    expect(report).toMatch(/\*\*0 faults\*\* found/);
    expect(report).toContain(`axe-core ${axeVersion} in Chromium`);
  });
});
