import { beforeAll, expect, it } from '@jest/globals';
import { describeInBrowser, visitor } from '../../support/browser.ts';
import { startDemo, type TestDemo } from '../../support/demo.ts';
import {
  agree,
  arriveAt,
  enterCode,
  follow,
  goToSignIn,
  greetings,
  openAccount,
  press,
  shown,
} from './steps.ts';

describeInBrowser('signing in through an upstream', () => {
  let demo: TestDemo;

  beforeAll(async () => {
    demo = await startDemo();
  });

  it.each([
    { way: 'with JavaScript', script: true, person: 'Mina Park', email: 'mina_park@gmail.com' },
    { way: 'without JavaScript', script: false, person: '佐藤 葵', email: 'aoi@hosted.example' },
  ])('joins with Google and is asked only what is missing, $way', async ({ script, person, email }) => {
    const { page, problems } = await visitor({ script });
    await goToSignIn(page, demo, 'airline');
    await press(page, 'Continue with Google');
    await press(page, new RegExp(`^${person}`));
    await arriveAt(page, 'Almost there');
    expect(await page.getByText(email).isVisible()).toBe(true);
    expect(await page.locator('[type=password], [type=email]').count()).toBe(0);
    await agree(page);
    await press(page, 'Create account');
    await arriveAt(page, greetings.airline);
    await follow(page, 'Go to Greenleaf Markets');
    await arriveAt(page, greetings.grocery);
    await press(page, 'Call userinfo');
    await page.getByText('The program answered.').waitFor();
    expect(await shown(page, '[data-claim=email]')).toBe(email);
    expect(await shown(page, '[data-claim=email_verified]')).toBe('true');
    expect(problems).toEqual([]);
    const mails = demo.issuer.mailbox.messages().filter(({ to }) => to.includes(email));
    expect(mails.filter(({ subject }) => subject.includes('code'))).toEqual([]);
  });

  it.each([
    { way: 'with JavaScript', script: true, person: 'Jonas Lind', email: 'jonas.lind@elsewhere.example' },
    { way: 'without JavaScript', script: false, person: 'Priya Nair', email: 'priya@elsewhere.example' },
  ])('links Facebook to an existing account once it is proven, $way', async ({ script, person, email }) => {
    const member = await demo.member(email, person);
    const { page, problems } = await visitor({ script });
    await goToSignIn(page, demo, 'airline');
    await press(page, 'Continue with Facebook');
    await press(page, new RegExp(`^${person}`));
    if (person === 'Priya Nair') {
      await arriveAt(page, 'Almost there');
      await page.getByLabel('E-mail address').fill(email);
      await page.locator('main .primary').click();
    }
    await arriveAt(page, 'Check your e-mail');
    await enterCode(page, demo, email);
    await page.locator('main .primary').click();
    await arriveAt(page, 'You are already a member');
    await page.getByLabel(/password$/).fill(member.password);
    await press(page, 'Sign in and join');
    await arriveAt(page, greetings.airline);
    const subject = await shown(page, '[data-claim=sub]');
    await demo.issuer.mailbox.waitFor(
      ({ to, subject: line }) => to.includes(email) && line.startsWith('Facebook was linked'),
    );

    const later = await visitor({ script });
    await goToSignIn(later.page, demo, 'drinks');
    await press(later.page, 'Continue with Facebook');
    await press(later.page, new RegExp(`^${person}`));
    await arriveAt(later.page, greetings.drinks);
    expect(await shown(later.page, '[data-claim=sub]')).toBe(subject);
    expect([...problems, ...later.problems]).toEqual([]);
  });

  it('links and unlinks Google in the account pages', async () => {
    const member = await demo.member('lena@example.com', 'Lena Vogt');
    const { page, problems } = await visitor();
    await openAccount(page, demo, { path: '/security', as: member });
    await arriveAt(page, 'Password and sign-in');
    await press(page, 'Link Google');
    await press(page, /^Tomás Rivera/);
    await page.getByText('Google is linked to your account.').waitFor();
    await press(page, 'Unlink Google');
    await page.getByText('Google is no longer linked to your account.').waitFor();
    expect(problems).toEqual([]);
  });

  it('says in words what did not work, and leads back to the choices', async () => {
    const { page } = await visitor();
    await goToSignIn(page, demo, 'grocery');
    await press(page, 'Continue with Facebook');
    await press(page, 'Cancel and go back');
    await arriveAt(page, 'Signing in with Facebook did not work');
    await follow(page, 'Choose another way');
    await arriveAt(page, 'Sign in');
    demo.world.upstream?.behave('unavailable');
    await press(page, 'Continue with Google');
    await press(page, /^Ilse Brandt/);
    await arriveAt(page, 'Signing in with Google did not work');
    demo.world.upstream?.behave('normal');
    await press(page, 'Try Google again');
    await press(page, /^Ilse Brandt/);
    await arriveAt(page, 'Check your e-mail');
  });
});
