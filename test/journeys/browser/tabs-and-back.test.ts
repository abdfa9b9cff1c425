import { beforeAll, expect, it } from '@jest/globals';
import { bothWays, describeInBrowser, visitor } from '../../support/browser.ts';
import { startDemo, type TestDemo } from '../../support/demo.ts';
import { goodPassword } from '../../support/people.ts';
import { agree, arriveAt, follow, goToSignIn, greetings, heading, press, signIn } from './steps.ts';

describeInBrowser('people who do not go straight on', () => {
  let demo: TestDemo;

  beforeAll(async () => {
    demo = await startDemo();
  });

  it.each(bothWays)('go back after the end and find a way on, $way', async ({ script }) => {
    const member = await demo.member(`back-${script}@example.com`, 'Una Back');
    const { page } = await visitor({ script });
    await goToSignIn(page, demo, 'airline');
    await signIn(page, member);
    await arriveAt(page, greetings.airline);
    await page.goBack();
    await arriveAt(page, /^(All done|You are already signed in|This page is too old)$/);
    await page.locator('main .primary').click();
    await arriveAt(page, /^(Welcome aboard|See the north light up)/);
    await page.goto(demo.site('airline'));
    await arriveAt(page, greetings.airline);
  });

  it.each(bothWays)('sign in to two apps in two tabs, the older one last, $way', async ({ script }) => {
    const member = await demo.member(`tabs-${script}@example.com`, 'Tom Tabs');
    const { page: first, context } = await visitor({ script });
    await goToSignIn(first, demo, 'drinks');
    const second = await context.newPage();
    await goToSignIn(second, demo, 'grocery');
    await signIn(second, member);
    await arriveAt(second, greetings.grocery);
    await signIn(first, member);
    await arriveAt(first, greetings.drinks);
    await second.reload();
    expect(await heading(second)).toMatch(greetings.grocery);
  });

  it.each(bothWays)('click twice and are signed in once, $way', async ({ script }) => {
    const member = await demo.member(`twice-${script}@example.com`, 'Dot Twice');
    const { page, problems } = await visitor({ script });
    await goToSignIn(page, demo, 'fuel');
    await page.getByLabel('E-mail address').fill(member.email);
    await page.getByRole('button', { name: 'Continue', exact: true }).dblclick();
    await arriveAt(page, 'Enter your password');
    await page.getByLabel('Password', { exact: true }).fill(member.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).dblclick();
    await page.getByRole('heading', { level: 1, name: /Ready to roll|All done/ }).waitFor();
    await page.goto(demo.site('fuel'));
    await arriveAt(page, /^(Ready to roll|Charge, fill up)/);
    await page.goto(`${demo.issuer.url}/account/sessions`);
    await arriveAt(page, 'Devices');
    expect(await page.locator('.rows > li').count()).toBe(1);
    expect(problems).toEqual([]);
  });

  it.each(bothWays)('click twice on joining and get one mail, $way', async ({ script }) => {
    const { page } = await visitor({ script });
    const email = `hasty-${script}@example.com`;
    await goToSignIn(page, demo, 'airline');
    await follow(page, 'Join in a minute');
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Choose a password').fill(goodPassword);
    await agree(page);
    await page.getByRole('button', { name: 'Create account', exact: true }).dblclick();
    await arriveAt(page, 'Check your e-mail');
    await demo.issuer.mailbox.waitFor(({ to }) => to.includes(email));
    expect(demo.issuer.mailbox.messages().filter(({ to }) => to.includes(email)).length).toBe(1);
  });

  it('cancel and are back at the app, not signed in', async () => {
    const { page } = await visitor();
    await goToSignIn(page, demo, 'grocery');
    await press(page, 'Cancel and go back to Greenleaf Markets');
    await arriveAt(page, 'You are not signed in');
    await follow(page, 'Back to Greenleaf Markets');
    await arriveAt(page, 'From the field to your table by six');
  });

  it('come to an interaction that nobody knows, and are led home', async () => {
    const { page } = await visitor();
    await goToSignIn(page, demo, 'airline');
    await page.goto(`${demo.issuer.url}/interaction/nobody-knows-this-one`);
    await arriveAt(page, 'This page is too old');
    await page.locator('main .primary').click();
    await arriveAt(page, /./);
    expect(await page.locator('h1').count()).toBe(1);
  });
});
