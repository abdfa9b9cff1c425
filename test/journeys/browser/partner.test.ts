import { beforeAll, expect, it } from '@jest/globals';
import { bothWays, describeInBrowser, visitor } from '../../support/browser.ts';
import { startDemo, type TestDemo } from '../../support/demo.ts';
import { arriveAt, goToSignIn, greetings, openAccount, press, shown, signIn } from './steps.ts';

describeInBrowser('a partner outside the program', () => {
  let demo: TestDemo;

  beforeAll(async () => {
    demo = await startDemo();
  });

  it.each(bothWays)(
    'asks, is told what was allowed and no more, and loses it when taken back, $way',
    async ({ script }) => {
      const member = await demo.member(`guest-${script}@example.com`, 'Greta Nils');
      const { page, problems } = await visitor({ script });
      await goToSignIn(page, demo, 'partner');
      await signIn(page, member);
      await arriveAt(page, 'Let Harbour Hotels use your account?');
      expect(await page.getByText(member.email).isVisible()).toBe(true);
      await page.getByLabel('See your e-mail address').check();
      await press(page, 'Allow');
      await arriveAt(page, greetings.partner);
      await press(page, 'Call userinfo');
      await page.getByText('The program answered.').waitFor();
      expect(await shown(page, '[data-claim=email]')).toBe(member.email);
      expect(await page.locator('[data-claim=name]').count()).toBe(0);

      const account = await page.context().newPage();
      await openAccount(account, demo, { path: '/applications' });
      await arriveAt(account, 'Connected applications');
      await press(account, 'Disconnect Harbour Hotels');
      await account.getByText('Harbour Hotels is no longer connected to your account.').waitFor();

      await press(page, 'Call userinfo');
      await page.getByText('The program no longer accepts these tokens').waitFor();
      expect(problems).toEqual([]);
    },
  );

  it.each(bothWays)('hears a refusal and says so kindly, $way', async ({ script }) => {
    const member = await demo.member(`shy-${script}@example.com`, 'Shy Person');
    const { page } = await visitor({ script });
    await goToSignIn(page, demo, 'partner');
    await signIn(page, member);
    await arriveAt(page, 'Let Harbour Hotels use your account?');
    await press(page, 'Refuse');
    await arriveAt(page, 'You are not signed in');
  });
});
