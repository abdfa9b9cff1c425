import { beforeAll, expect, it } from '@jest/globals';
import { bothWays, describeInBrowser, visitor } from '../../support/browser.ts';
import { startDemo, type TestDemo } from '../../support/demo.ts';
import { arriveAt, enterCode, follow, goToSignIn, greetings, press } from './steps.ts';

describeInBrowser('a member who would rather not type a password', () => {
  let demo: TestDemo;

  beforeAll(async () => {
    demo = await startDemo();
  });

  it.each(bothWays)('signs in by a mailed code, and this browser remembers it, $way', async ({ script }) => {
    const member = await demo.member(`no-password-${script}@example.com`, 'Nora Pass');
    const { page, problems } = await visitor({ script });
    await goToSignIn(page, demo, 'grocery');
    await page.getByLabel('E-mail address').fill(member.email);
    await press(page, 'Continue');
    await arriveAt(page, 'Enter your password');
    await press(page, 'E-mail me a code instead');
    await arriveAt(page, 'Check your e-mail');

    await page.getByLabel('Code from the e-mail').fill('0000 0000');
    await press(page, 'Sign in');
    await page.getByRole('heading', { name: 'There is a problem' }).waitFor();
    await press(page, 'Send a new code');
    await arriveAt(page, 'Check your e-mail');
    await page.getByRole('heading', { name: 'There is a problem' }).waitFor({ state: 'detached' });

    // There and back: the code is still good.
    await follow(page, 'Enter your password instead');
    await arriveAt(page, 'Enter your password');
    await page.goBack();
    await arriveAt(page, 'Check your e-mail');
    await enterNewest(page, demo, member.email);
    await press(page, 'Sign in');
    await arriveAt(page, greetings.grocery);

    await page.goto(`${demo.issuer.url}/sign-out`);
    await press(page, 'Sign out everywhere');
    await arriveAt(page, 'You are signed out');
    await goToSignIn(page, demo, 'airline');
    await page.getByText('Last time you signed in here with a code by e-mail.').waitFor();
    expect(problems).toEqual([]);
  });
});

/** Types the newest code once both mails have come. */
async function enterNewest(...[page, demo, email]: Parameters<typeof enterCode>): Promise<void> {
  await demo.issuer.issuer.outbox.run();
  await demo.issuer.issuer.outbox.idle();
  await enterCode(page, demo, email);
}
