import { beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { bothWays, describeInBrowser, visitor } from '../../support/browser.ts';
import { startDemo, type TestDemo } from '../../support/demo.ts';
import {
  agree,
  arriveAt,
  follow,
  goToSignIn,
  greetings,
  join,
  press,
  shown,
  untilSignedOut,
} from './steps.ts';

describeInBrowser('a new member', () => {
  let demo: TestDemo;

  beforeAll(async () => {
    demo = await startDemo();
  });

  /** Walks to the other sites, refreshes, and signs out everywhere. */
  async function walkRefreshSignOut(page: Page): Promise<void> {
    await follow(page, 'Go to Greenleaf Markets');
    await arriveAt(page, greetings.grocery);
    const grocerySub = await shown(page, '[data-claim=sub]');
    await follow(page, 'Go to Volt Fuel');
    await arriveAt(page, greetings.fuel);
    expect(await shown(page, '[data-claim=sub]')).toBe(grocerySub);
    const before = await shown(page, '[data-token=refresh]');
    await press(page, 'Refresh tokens');
    await page.getByText('The tokens are fresh.').waitFor();
    expect(await shown(page, '[data-refreshed]')).toBe('1');
    expect(await shown(page, '[data-token=refresh]')).not.toBe(before);
    await press(page, 'Sign out everywhere');
    await arriveAt(page, 'Sign out everywhere?');
    await press(page, 'Sign out everywhere');
    await page.getByText('You are signed out.').waitFor();
    expect(new URL(page.url()).host).toBe(new URL(demo.site('fuel')).host);
    await untilSignedOut(page, demo, 'airline');
    await untilSignedOut(page, demo, 'grocery');
    await follow(page, 'Am I signed in at another brand already?');
    await page.getByText('You are not signed in at the program in this browser.').waitFor();
  }

  it.each(bothWays)(
    'joins at the airline by mail and password, walks on and signs out everywhere, $way',
    async ({ script }) => {
      const { page, problems } = await visitor({ script });
      await goToSignIn(page, demo, 'airline');
      await join(page, demo, { email: `maria-${script}@example.com`, site: 'airline' });
      await press(page, 'Call userinfo');
      await page.getByText('The program answered.').waitFor();
      expect(await shown(page, '[data-claim=email_verified]')).toBe('true');
      await walkRefreshSignOut(page);
      expect(problems).toEqual([]);
    },
  );

  it('tells a known address nothing on the page, and everything by mail', async () => {
    const { page } = await visitor();
    const { email } = await demo.member('known@example.com', 'Kay Known');
    await goToSignIn(page, demo, 'airline');
    await follow(page, 'Join in a minute');
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Choose a password').fill('plum tractor violin seventy');
    await agree(page);
    await press(page, 'Create account');
    await arriveAt(page, 'Check your e-mail');
    const mail = await demo.issuer.mailbox.waitFor(({ to }) => to.includes(email));
    expect(mail.subject).toBe('You already have an account with Aurora Air');
  });

  it('is asked again for what was wrong, with the summary in focus and the values kept', async () => {
    const { page } = await visitor();
    await goToSignIn(page, demo, 'airline');
    await follow(page, 'Join in a minute');
    await page.getByLabel('E-mail address').fill('nobody@');
    await page.getByLabel('Choose a password').fill('short');
    await press(page, 'Create account');
    await page.getByRole('heading', { name: 'There is a problem' }).waitFor();
    expect(await page.title()).toMatch(/^Error: Join – Aurora Air$/);
    expect(await page.evaluate('document.activeElement.className')).toBe('summary');
    expect(await page.getByLabel('E-mail address').inputValue()).toBe('nobody@');
    expect(await page.getByLabel('Choose a password').inputValue()).toBe('');
    await page.locator('.summary a').first().click();
    expect(await page.evaluate('document.activeElement.id')).toBe('email');
  });
});
