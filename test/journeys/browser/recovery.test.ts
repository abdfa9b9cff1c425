import { beforeAll, expect, it } from '@jest/globals';
import { bothWays, describeInBrowser, visitor } from '../../support/browser.ts';
import { startDemo, type TestDemo } from '../../support/demo.ts';
import {
  arriveAt,
  enterCode,
  follow,
  goToSignIn,
  greetings,
  openAccount,
  press,
  signIn,
  untilSignedOut,
} from './steps.ts';

const newPassword = 'harvest window saddle 88';

describeInBrowser('a forgotten password', () => {
  let demo: TestDemo;

  beforeAll(async () => {
    demo = await startDemo();
  });

  it.each(bothWays)(
    'is replaced by the mailed link in another browser, and every session ends, $way',
    async ({ script }) => {
      const member = await demo.member(`forgot-${script}@example.com`, 'Fia Berg');
      const old = await visitor({ script });
      await goToSignIn(old.page, demo, 'airline');
      await signIn(old.page, member);
      await arriveAt(old.page, greetings.airline);

      const asking = await visitor({ script });
      await goToSignIn(asking.page, demo, 'grocery');
      await asking.page.getByLabel('E-mail address').fill(member.email);
      await press(asking.page, 'Continue');
      await follow(asking.page, 'Forgotten your password?');
      await arriveAt(asking.page, 'Forgotten password');
      await asking.page.getByLabel('E-mail address').fill(member.email);
      await press(asking.page, 'Send code');
      await arriveAt(asking.page, 'Check your e-mail');

      const mail = await demo.issuer.mailbox.waitFor(
        ({ to, subject }) => to.includes(member.email) && subject.endsWith('is your code for a new password'),
      );
      const link = /http:\/\/localhost\S+/.exec(mail.text)?.[0] ?? '';
      const elsewhere = await visitor({ script });
      await elsewhere.page.goto(link);
      await arriveAt(elsewhere.page, 'Choose a new password');
      await elsewhere.page.getByLabel('New password').fill(newPassword);
      await press(elsewhere.page, 'Save new password');
      await arriveAt(elsewhere.page, 'Sign in');
      await signIn(elsewhere.page, { ...member, password: newPassword });
      await arriveAt(elsewhere.page, 'Your account');

      await openAccount(old.page, demo);
      await arriveAt(old.page, 'Sign in');
      await untilSignedOut(old.page, demo, 'airline');
      const problems = [...old.problems, ...asking.problems, ...elsewhere.problems];
      expect(problems).toEqual([]);
    },
  );

  it.each(bothWays)(
    'is replaced by the code in the same browser, and the flow goes on to the app, $way',
    async ({ script }) => {
      const member = await demo.member(`code-${script}@example.com`, 'Gil Marsh');
      const { page, problems } = await visitor({ script });
      await goToSignIn(page, demo, 'fuel');
      await page.getByLabel('E-mail address').fill(member.email);
      await press(page, 'Continue');
      await follow(page, 'Forgotten your password?');
      await page.getByLabel('E-mail address').fill(member.email);
      await press(page, 'Send code');
      await arriveAt(page, 'Check your e-mail');
      await page.getByLabel('Code from the e-mail').fill('0000 0000');
      await press(page, 'Continue');
      await page.getByRole('heading', { name: 'There is a problem' }).waitFor();
      await enterCode(page, demo, member.email);
      await press(page, 'Continue');
      await arriveAt(page, 'Choose a new password');
      await page.getByLabel('New password').fill(newPassword);
      await press(page, 'Save new password');
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await page.title()).toMatch(/^(Sign in|Enter your password|Volt Fuel|Your account)/);
      expect(problems).toEqual([]);
    },
  );
});
