import { beforeAll, expect, it } from '@jest/globals';
import { deviceClientId } from '../../../examples/demo-world.ts';
import { reasonOf, runDevice } from '../../../examples/device/app.ts';
import { bothWays, describeInBrowser, visitor } from '../../support/browser.ts';
import { startDemo, type TestDemo } from '../../support/demo.ts';
import { arriveAt, press, signIn } from './steps.ts';

describeInBrowser('a screen without a keyboard', () => {
  let demo: TestDemo;

  beforeAll(async () => {
    demo = await startDemo();
  });

  /** A device that is waiting, with what stands on its screen. */
  async function waiting() {
    const lines: string[] = [];
    let begun: (asked: { user_code: string; verification_uri_complete?: string }) => void = () => undefined;
    const shown = new Promise<{ user_code: string; verification_uri_complete?: string }>((resolve) => {
      begun = resolve;
    });
    const done = runDevice({
      issuer: demo.issuer.url,
      clientId: deviceClientId,
      say: (line) => lines.push(line),
      shown: (asked) => begun(asked),
    });
    done.catch(() => undefined);
    return { lines, asked: await shown, done };
  }

  it.each(bothWays)('is let in by somebody who types its code and signs in, $way', async ({ script }) => {
    const member = await demo.member(`screen-${script}@example.com`, 'Sky Reader');
    const { page, problems } = await visitor({ script });
    const { lines, asked, done } = await waiting();
    expect(lines.join('\n')).toContain(asked.user_code);
    await page.goto(`${demo.issuer.url}/device`);
    await arriveAt(page, 'Connect a device');
    await page.getByLabel('Code on your device').fill(asked.user_code.toLowerCase().replace('-', ' '));
    await press(page, 'Continue');
    await arriveAt(page, 'Sign in to Aurora Air seat screen on this device?');
    expect(await page.getByText(asked.user_code).isVisible()).toBe(true);
    await press(page, 'Allow');
    await arriveAt(page, 'Sign in');
    await signIn(page, member);
    await arriveAt(page, 'You can go back to your device');
    const { claims } = await done;
    expect(claims.email).toBe(member.email);
    expect(lines.at(-1)).toContain('Welcome, Sky Reader');
    expect(problems).toEqual([]);
  });

  it.each(bothWays)(
    'hears that it was refused by somebody who scanned its code, $way',
    async ({ script }) => {
      const { page, problems } = await visitor({ script });
      const { asked, done } = await waiting();
      await page.goto(asked.verification_uri_complete ?? '');
      await arriveAt(page, 'Connect a device');
      expect(await page.getByLabel('Code on your device').inputValue()).toBe(asked.user_code);
      await press(page, 'Continue');
      await arriveAt(page, /on this device\?$/);
      await press(page, 'Refuse');
      await arriveAt(page, 'The device was not signed in');
      expect(reasonOf(await done.catch((error: unknown) => error))).toBe(
        'the sign-in was refused on the other device',
      );
      expect(problems).toEqual([]);
    },
  );
});
