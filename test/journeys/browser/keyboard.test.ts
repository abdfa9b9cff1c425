import { beforeAll, expect, it } from '@jest/globals';
import { bothWays, describeInBrowser, visitor } from '../../support/browser.ts';
import { startDemo, type TestDemo } from '../../support/demo.ts';
import { focusOf, tabTo } from './keys.ts';
import { arriveAt, goToSignIn, greetings } from './steps.ts';

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
    const focus = await focusOf(page);
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
    expect(await focusOf(page)).toMatchObject({ inView: true });
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
  });

  it('the heading has focus on a new step, and a language menu closes by Escape', async () => {
    const { page } = await visitor();
    await goToSignIn(page, demo, 'fuel');
    expect(await focusOf(page)).toMatchObject({ name: expect.stringMatching(/^H1/) });
    const menu = page.locator('.languages summary');
    await menu.focus();
    await page.keyboard.press('Enter');
    expect(await page.getByRole('button', { name: '日本語' }).isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await page.getByRole('button', { name: '日本語' }).isVisible()).toBe(false);
    expect(await menu.and(page.locator(':focus')).count()).toBe(1);
  });
});
