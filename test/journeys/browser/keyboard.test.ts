import { beforeAll, expect, it } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { bothWays, describeInBrowser, visitor } from '../../support/browser.ts';
import { startDemo, type TestDemo } from '../../support/demo.ts';
import { arriveAt, goToSignIn, greetings } from './steps.ts';

/** What has focus, and whether it can be seen: an outline, and within the window. */
const focused = `(() => {
  const element = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(element.closest('.choice, .reveal:has(input:focus)') ?? element);
  const box = element.getBoundingClientRect();
  return {
    name: element.tagName + '#' + element.id,
    ring: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
    inView: box.bottom > 0 && box.top < innerHeight,
  };
})()`;

interface Focus {
  name: string;
  ring: boolean;
  inView: boolean;
}

/** Presses Tab until something has focus; every stop on the way can be seen. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let stop = 0; stop < 30; stop += 1) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate<Focus>(focused);
    if (!focus.ring || !focus.inView)
      throw new Error(`focus cannot be seen on ${JSON.stringify(focus)} of ${page.url()}`);
    if ((await target.and(page.locator(':focus')).count()) > 0) return;
  }
  throw new Error('not reached by the keyboard');
}

describeInBrowser('without a mouse', () => {
  let demo: TestDemo;

  beforeAll(async () => {
    demo = await startDemo();
  });

  it.each(bothWays)('one signs in by Tab, typing and Enter alone, $way', async ({ script }) => {
    const member = await demo.member(`keys-${script}@example.com`, 'Kim Keys');
    const { page } = await visitor({ script });
    await page.goto(demo.site('airline'));
    await tabTo(page, page.getByRole('link', { name: 'Sign in' }));
    await page.keyboard.press('Enter');
    await arriveAt(page, 'Sign in');
    await tabTo(page, page.getByLabel('E-mail address'));
    await page.keyboard.type(member.email);
    await page.keyboard.press('Enter');
    await arriveAt(page, 'Enter your password');
    await tabTo(page, page.getByLabel('Password', { exact: true }));
    await page.keyboard.type('wrong by one letter');
    await tabTo(page, page.getByRole('button', { name: 'Sign in', exact: true }));
    await page.keyboard.press('Space');
    await page.getByRole('heading', { name: 'There is a problem' }).waitFor();
    const focus = await page.evaluate<Focus>(focused);
    expect(focus).toMatchObject({ name: 'DIV#', ring: true, inView: true });
    await tabTo(page, page.locator('.summary a'));
    await page.keyboard.press('Enter');
    await page.keyboard.type(member.password);
    await page.keyboard.press('Enter');
    await arriveAt(page, greetings.airline);
  });

  it('the first stop of a page leads past its head', async () => {
    const { page } = await visitor();
    await page.goto(`${demo.issuer.url}/recover/sent`);
    await page.evaluate('document.activeElement.blur()');
    await page.locator('.skip').focus();
    expect(await page.evaluate<Focus>(focused)).toMatchObject({ inView: true });
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
  });

  it('the heading has focus on a new step, and a language menu closes by Escape', async () => {
    const { page } = await visitor();
    await goToSignIn(page, demo, 'fuel');
    expect(await page.evaluate<Focus>(focused)).toMatchObject({ name: expect.stringMatching(/^H1/) });
    const menu = page.locator('.languages summary');
    await menu.focus();
    await page.keyboard.press('Enter');
    expect(await page.getByRole('button', { name: '日本語' }).isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await page.getByRole('button', { name: '日本語' }).isVisible()).toBe(false);
    expect(await menu.and(page.locator(':focus')).count()).toBe(1);
  });
});
