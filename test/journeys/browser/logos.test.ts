import { beforeAll, expect, it } from '@jest/globals';
import { png } from '../../base/http/logo/png.ts';
import { describeInBrowser, visitor } from '../../support/browser.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { copyOfProgram } from '../../support/program-folder.ts';
import { arriveAt } from './steps.ts';

/** A wordmark four times as wide as high, painted by a gradient. */
const wordmark =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 100"><defs><linearGradient id="g"><stop offset="0" stop-color="#06c"/><stop offset="1" stop-color="#603"/></linearGradient></defs><rect width="400" height="100" rx="20" style="fill:url(#g)"/></svg>';

describeInBrowser('a brand whose logo', () => {
  let issuer: TestIssuer;
  const begin = async (logo: unknown) => {
    const program = copyOfProgram();
    program.edit('brands/aurora-air/brand.json', (brand) => {
      Object.assign(brand.look as object, { logo });
    });
    issuer = await startIssuer({ env: { SYMBOLON_PROGRAM_DIR: program.path } });
    program.remove();
  };

  describeInBrowser('is an image', () => {
    beforeAll(() => begin({ png: png(96, 48).toString('base64'), width: 96, height: 48 }));

    it.each(['light', 'dark'] as const)('shows it in its proportions, %s', async (colorScheme) => {
      const { page, problems } = await visitor({ colorScheme });
      await page.goto(`${issuer.url}/account`);
      await arriveAt(page, 'Sign in');
      const image = page.locator('.brandline img');
      const { complete, naturalWidth } = await image.evaluate((each) => {
        const { complete, naturalWidth } = each as unknown as { complete: boolean; naturalWidth: number };
        return { complete, naturalWidth };
      });
      expect([complete, naturalWidth]).toEqual([true, 96]);
      expect(await image.boundingBox()).toMatchObject({ width: 64, height: 32 });
      expect(problems).toEqual([]);
    });
  });

  describeInBrowser('is a wordmark in SVG', () => {
    beforeAll(() => begin(wordmark));

    it('shows it as wide as it is, with its paint', async () => {
      const { page, problems } = await visitor();
      await page.goto(`${issuer.url}/account`);
      await arriveAt(page, 'Sign in');
      const drawing = page.locator('.brandline svg');
      expect(await drawing.boundingBox()).toMatchObject({ width: 128, height: 32 });
      expect(await page.locator('.brandline svg rect').getAttribute('fill')).toMatch(/^url\(#l\w{8}-1\)$/);
      expect(problems).toEqual([]);
    });
  });
});
