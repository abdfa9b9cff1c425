import { beforeAll, expect, it } from '@jest/globals';
import { bothWays, describeInBrowser, visitor } from '../../support/browser.ts';
import { startDemo, type TestDemo } from '../../support/demo.ts';
import { arriveAt, follow, openAccount, press, signIn } from './steps.ts';

describeInBrowser('the account pages', () => {
  let demo: TestDemo;

  beforeAll(async () => {
    demo = await startDemo();
  });

  it.each(bothWays)(
    'give and take back a consent, and keep both in the history, $way',
    async ({ script }) => {
      const member = await demo.member(`consent-${script}@example.com`, 'Ada Holm');
      const { page, problems } = await visitor({ script });
      await openAccount(page, demo, { as: member });
      await arriveAt(page, 'Your account');
      await follow(page, 'What you agreed to');
      await arriveAt(page, 'What you agreed to');
      const purpose = page.getByRole('article').first();
      const title = (await purpose.getByRole('heading').textContent()) ?? '';
      await purpose.getByRole('button', { name: 'Yes' }).click();
      await page.getByText('Your choice is saved.').waitFor();
      expect(await purpose.getByText('You said yes').isVisible()).toBe(true);
      await purpose.getByRole('button', { name: 'No' }).click();
      await purpose.getByText('You took it back').waitFor();
      const rows = page.getByRole('row').filter({ hasText: title });
      expect(await rows.getByRole('cell').last().textContent()).toBe('said yes');
      expect(await rows.first().getByRole('cell').last().textContent()).toBe('taken back');
      expect(problems).toEqual([]);
    },
  );

  it.each(bothWays)(
    'list where the member is signed in and end every other place, $way',
    async ({ script }) => {
      const member = await demo.member(`devices-${script}@example.com`, 'Bo Lund');
      const other = await visitor({ script });
      await openAccount(other.page, demo, { as: member });
      await arriveAt(other.page, 'Your account');
      const { page, problems } = await visitor({ script });
      await openAccount(page, demo, { path: '/sessions', as: member });
      await arriveAt(page, 'Devices');
      expect(await page.getByText('This device').count()).toBe(1);
      expect(await page.locator('.rows > li').count()).toBe(2);
      await press(page, 'Sign out all other devices');
      await page.getByText('All other devices are signed out.').waitFor();
      expect(await page.locator('.rows > li').count()).toBe(1);
      await other.page.reload();
      await arriveAt(other.page, 'Sign in');
      expect(problems).toEqual([]);
    },
  );

  it.each(bothWays)(
    'change the password, which ends the other places and keeps this one, $way',
    async ({ script }) => {
      const member = await demo.member(`password-${script}@example.com`, 'Cai Reed');
      const other = await visitor({ script });
      await openAccount(other.page, demo, { as: member });
      await arriveAt(other.page, 'Your account');
      const { page, problems } = await visitor({ script });
      await openAccount(page, demo, { path: '/security', as: member });
      await arriveAt(page, 'Password and sign-in');
      await page.getByLabel('Current password').fill('not this one at all');
      await page.getByLabel('New password').fill('copper meadow lantern 41');
      await press(page, 'Change password');
      await page.getByRole('heading', { name: 'There is a problem' }).waitFor();
      await page.getByLabel('Current password').fill(member.password);
      await page.getByLabel('New password').fill('copper meadow lantern 41');
      await press(page, 'Change password');
      await page.getByText('Your password was changed.').waitFor();
      await other.page.reload();
      await arriveAt(other.page, 'Sign in');
      await signIn(other.page, { ...member, password: 'copper meadow lantern 41' });
      await arriveAt(other.page, 'Your account');
      expect(problems).toEqual([]);
    },
  );

  it.each(bothWays)(
    'speak Japanese from the moment it is chosen, in the mails too, $way',
    async ({ script }) => {
      const member = await demo.member(`language-${script}@example.com`, 'Dee Okada');
      const { page, problems } = await visitor({ script });
      await openAccount(page, demo, { path: '/profile', as: member });
      await arriveAt(page, 'Profile');
      await page.locator('#locale').selectOption('ja');
      await press(page, 'Save');
      await page.locator('html[lang=ja]').waitFor();
      await page.goto(`${demo.issuer.url}/account`);
      expect(await page.locator('html').getAttribute('lang')).toBe('ja');
      expect(await page.locator('main').textContent()).toMatch(/[ぁ-ん]/);
      const other = await visitor({ script });
      await openAccount(other.page, demo, { as: member });
      await other.page.getByRole('heading', { level: 1 }).waitFor();
      await demo.issuer.mailbox.waitFor(
        ({ to, subject }) => to.includes(member.email) && /[ぁ-ん]/.test(subject),
      );
      expect(problems).toEqual([]);
    },
  );

  it('open for password managers at the well-known address', async () => {
    const member = await demo.member('manager@example.com', 'Eli Voss');
    const { page } = await visitor();
    await page.goto(`${demo.issuer.url}/.well-known/change-password`);
    await signIn(page, member);
    await arriveAt(page, 'Password and sign-in');
    expect(await page.getByLabel('Current password').isVisible()).toBe(true);
  });
});
