import { beforeAll, expect, it } from '@jest/globals';
import { nativeClientId } from '../../../examples/demo-world.ts';
import { runNativeApp } from '../../../examples/native-app/app.ts';
import { bothWays, describeInBrowser, visitor } from '../../support/browser.ts';
import { startDemo, type TestDemo } from '../../support/demo.ts';
import { arriveAt, press, signIn } from './steps.ts';

describeInBrowser('a native app', () => {
  let demo: TestDemo;

  beforeAll(async () => {
    demo = await startDemo();
  });

  it.each(bothWays)(
    'signs in through the system browser, refreshes and signs out, $way',
    async ({ script }) => {
      const member = await demo.member(`native-${script}@example.com`, 'Nat Ivers');
      const { page, problems } = await visitor({ script });
      const lines: string[] = [];
      let open: (url: string) => void = () => undefined;
      const opened = new Promise<string>((resolve) => {
        open = resolve;
      });
      const running = runNativeApp({
        issuer: demo.issuer.url,
        clientId: nativeClientId,
        open,
        say: (line) => lines.push(line),
      });
      await page.goto(await opened);
      await arriveAt(page, 'Sign in');
      await signIn(page, member);
      await page.getByRole('heading', { level: 1, name: /already signed in|Back to the app/ }).waitFor();
      if ((await page.locator('h1').textContent()) !== 'Back to the app') await press(page, 'Continue');
      await arriveAt(page, 'Back to the app');
      const result = await running;
      expect(result).toMatchObject({ refreshed: true, revoked: true });
      expect(result.claims.sub).toMatch(/^mbr_/);
      expect(lines.at(-1)).toBe('The refresh token is revoked: the app has signed out.');
      expect(problems).toEqual([]);
    },
  );
});
