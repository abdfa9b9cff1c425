import { beforeAll, expect, it } from '@jest/globals';
import { bothWays, describeInBrowser, visitor } from '../../support/browser.ts';
import { startDemo, type TestDemo } from '../../support/demo.ts';
import { arriveAt, goToSignIn, greetings, press, signIn } from './steps.ts';

describeInBrowser('a payment with points', () => {
  let demo: TestDemo;

  beforeAll(async () => {
    demo = await startDemo();
  });

  it.each(bothWays)('is asked each time, and done or not as the member says, $way', async ({ script }) => {
    const member = await demo.member(`shopper-${script}@example.com`, 'Sal Shopper');
    const { page, problems } = await visitor({ script });
    await goToSignIn(page, demo, 'grocery');
    await signIn(page, member);
    await arriveAt(page, greetings.grocery);
    await press(page, 'Pay 500 points for a market box');
    await arriveAt(page, 'Pay with your points?');
    await page.getByText('Pay 500 Xenia points to Greenleaf Markets – once').waitFor();
    expect(await page.getByText(member.email).isVisible()).toBe(true);
    await press(page, 'Pay');
    await page.getByText('The program let you pay 500 points.').waitFor();

    await press(page, 'Pay 500 points for a market box');
    await arriveAt(page, 'Pay with your points?');
    await press(page, 'Do not pay');
    await page.getByText('You did not pay. Nothing was booked.').waitFor();

    await press(page, 'Call userinfo');
    await page.getByText('The program answered.').waitFor();
    expect(problems).toEqual([]);
  });
});
