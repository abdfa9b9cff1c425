import { beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type Finding, judgeAsItStands } from '../../support/accessibility/judge.ts';
import { describeInBrowser, visitor } from '../../support/browser.ts';
import { startDemo, type TestDemo } from '../../support/demo.ts';
import { walks } from './walks.ts';

/** A walk looks closely at many pages. */
const patienceMs = 180_000;

describeInBrowser('every live page', () => {
  let demo: TestDemo;

  beforeAll(async () => {
    demo = await startDemo();
  });

  it.each(walks)(
    'on $walk is accessible in light and dark, and fits a small phone',
    async ({ name, go }) => {
      const judged: Record<string, Finding[]> = {};
      const { page, problems } = await visitor();
      await go(page, demo, `${name}-judged@example.com`, async (stop, at = page) => {
        judged[stop] = await judgeAsItStands(at);
      });
      expect(judged).toEqual(Object.fromEntries(Object.keys(judged).map((stop) => [stop, []])));
      expect(Object.keys(judged).length).toBeGreaterThan(2);
      expect(problems).toEqual([]);
    },
    patienceMs,
  );

  it.each(walks)(
    'on $walk shows the same forms whether JavaScript is on or off',
    async ({ name, go }) => {
      const [on, off] = [true, false].map((script) => async () => {
        const seen: Record<string, string[]> = {};
        const { page } = await visitor({ script });
        await go(page, demo, `${name}-${script}@example.com`, async (stop, at = page) => {
          seen[stop] = await formsOn(at);
        });
        return seen;
      });
      const withScript = await on?.();
      expect(await off?.()).toEqual(withScript);
      expect(withScript).not.toEqual({});
    },
    patienceMs,
  );
});

/**
 * Every form that can be sent, with what it sends; ids of interactions and sessions differ from visit to visit, and
 * with script some fields come and go with the answer they hang on.
 */
function formsOn(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.forms].map((form) => [
    form.method,
    new URL(form.action).pathname.replace(/[\\w-]{20,}/g, '*'),
    ...[...form.elements]
      .filter((each) => !each.closest('[data-when]'))
      .filter((each) => each.name && (each.type === 'hidden' || each.checkVisibility()))
      .map((each) => each.type + ' ' + each.name),
    ...[...form.querySelectorAll('button:not([type=button])')].map((each) => 'button ' + each.textContent.trim()),
  ].join(', '))`);
}
