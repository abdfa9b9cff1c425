/** Previews, colours and logos of the console in a real browser. */
import { beforeAll, expect, it } from '@jest/globals';
import type { Frame, Page } from 'playwright-core';
import { bothWays, describeInBrowser, eventually, type Visitor, visitor } from '../../support/browser.ts';
import { goodPassword } from '../../support/people.ts';
import { type ConsoleWorld, startConsole } from '../../surfaces/console/world.ts';

let world: ConsoleWorld;
let email = '';
beforeAll(async () => {
  world = await startConsole();
  ({ email } = await world.person('Ann Keller', ['*']));
});

/** Somebody of the staff at a browser of their own, at a page of the console. */
async function staffAt(path: string, script = true): Promise<Visitor> {
  const one = await visitor({ script, viewport: { width: 1280, height: 900 } });
  const { page } = one;
  await page.goto(`${world.issuer.url}${path}`);
  await page.fill('#identifier', email);
  await page.click('form[action$="/identifier"] .primary');
  await page.fill('#password', goodPassword);
  await page.click('form[action$="/password"] .primary');
  await page.waitForURL((url) => url.pathname.startsWith('/console'));
  return one;
}

/** The pages in the frames of a preview, once they are there, the narrowest first. */
async function framesOf(page: Page): Promise<{ frame: Frame; width: number }[]> {
  const frames = page.frames().filter((frame) => frame !== page.mainFrame());
  const shown = await Promise.all(
    frames.map(async (frame) => {
      await frame.waitForSelector('h1');
      return { frame, width: await frame.evaluate<number>('innerWidth') };
    }),
  );
  return shown.sort((one, other) => one.width - other.width);
}

const signIn = '/console/preview?brand=volt&market=us&page=interactions%2Fsign-in';

describeInBrowser('the preview', () => {
  it.each(bothWays)('shows a page in three widths, each as wide as its place, $way', async ({ script }) => {
    const { page, problems } = await staffAt(signIn, script);
    const frames = await framesOf(page);
    expect(frames.map(({ width }) => width)).toEqual([360, 768, 1280]);
    for (const { frame, width } of frames) {
      expect(await frame.locator('h1').textContent()).toBe('Sign in');
      const box = await page.locator(`.w${width} iframe`).boundingBox();
      const place = await page.locator(`.w${width}`).boundingBox();
      expect(box?.width).toBeCloseTo(Math.min(width, place?.width ?? 0), 0);
    }
    expect(problems).toEqual([]);
  });

  it('runs no script and sends no form, whatever gets into the page', async () => {
    const { page } = await staffAt(signIn);
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.method() !== 'GET' || request.url().includes('stolen')) sent.push(request.url());
    });
    const [narrow] = await framesOf(page);
    if (!narrow) throw new Error('no frame');
    const { frame } = narrow;
    await frame.evaluate(`
      document.body.insertAdjacentHTML('beforeend', '<img src="/assets/none" onerror="document.title=1"><a id="out" href="javascript:document.title=2">x</a>');
      document.body.append(Object.assign(document.createElement('script'), { textContent: 'document.title=3' }));
      const form = document.forms[0];
      Object.assign(form, { method: 'post', action: '/console/theme?stolen' });
      form.requestSubmit();
      form.submit();
    `);
    await frame.locator('#out').click();
    // A link within the page is followed after all of that.
    await frame.evaluate(`document.querySelector('a.skip').click()`);
    await eventually('the link within the page leads to it', async () => frame.url().endsWith('#main'));
    expect(await frame.title()).toBe('Sign in – Volt Fuel');
    expect(sent).toEqual([]);
  });

  it('shows a colour as soon as it is in the draft, and to nobody else', async () => {
    const { page, problems } = await staffAt('/console/theme?brand=volt');
    await page.fill('[name="light.accent"]', '#00aa55');
    await page.click('button[value=save]');
    await page.waitForURL(/draft=/);
    await page.click('text=Preview of the pages');
    await page.waitForURL(/\/console\/preview/);
    const accentIn = ({ frame }: { frame: Frame }) =>
      frame.evaluate<string>(`getComputedStyle(document.documentElement).getPropertyValue('--accent')`);
    expect(await Promise.all((await framesOf(page)).map(accentIn))).toEqual(Array(3).fill('#00aa55'));
    await page.goto(`${world.issuer.url}${signIn}`);
    expect(await Promise.all((await framesOf(page)).map(accentIn))).toEqual(Array(3).fill('#f2542d'));
    expect(problems).toEqual([]);
  });
});

describeInBrowser('a logo', () => {
  it('that is a whole photograph is refused in words, where a browser could only say that the line is dead', async () => {
    const { page } = await staffAt('/console/logos');
    const buffer = Buffer.alloc(6 * 1024 * 1024, 1);
    await page.setInputFiles('#file', { name: 'photo.jpg', mimeType: 'image/jpeg', buffer });
    await page.click('text=Look at the result');
    await page.waitForSelector('.fault');
    expect(await page.locator('#file-fault').textContent()).toContain('too large');
  });
});
