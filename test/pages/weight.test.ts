import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { viewsFolder } from '../../src/base/mail/templates.ts';
import { assets, attribute, frameOf, renderer, shown, tagsOf, views } from './render-all.ts';

const bytesOf = (path: string) => Buffer.byteLength(assets.read(path)?.body ?? '');

/** What shows every colour on everything that it is shown on cannot be shorter. */
const tables = new Set(['console/theme']);

describe('pages are light', () => {
  it.each(views.filter((view) => !view.name.startsWith('dev/')))(
    '$name is under 30 KB with its style sheets',
    (view) => {
      for (const { look, locale } of shown) {
        const html = renderer.page(view, frameOf(look, locale), view.sample());
        const sheets = tagsOf(html, 'link').filter((tag) => attribute(tag, 'rel') === 'stylesheet');
        const css = sheets.reduce(
          (sum, tag) => sum + bytesOf(attribute(tag, 'href')?.split('?')[0] ?? ''),
          0,
        );
        expect(css).toBeGreaterThan(0);
        expect(Buffer.byteLength(html) + css).toBeLessThan(tables.has(view.name) ? 33_000 : 30_000);
      }
    },
  );

  it('script is under 20 KB', () => {
    expect(bytesOf('/assets/app.js')).toBeLessThan(20_000);
    expect(bytesOf('/assets/app.js')).toBeGreaterThan(0);
  });
});

describe('templates', () => {
  const files = readdirSync(viewsFolder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ejs'),
  );

  it.each(files)('%s prints raw only what was escaped before', (file) => {
    const source = readFileSync(join(viewsFolder, file), 'utf8');
    const raw = [...source.matchAll(/<%-\s*([\s\S]*?)\s*%>/g)].map(([, expression = '']) => expression);
    for (const expression of raw) {
      expect(expression).toMatch(/^(?:partial\([\s\S]*\)|rich\([\s\S]*\)|frame\.look\.logo|body)$/);
    }
  });

  it('style sheets and script load nothing from elsewhere', () => {
    for (const file of readdirSync(join(viewsFolder, 'assets'))) {
      const source = readFileSync(join(viewsFolder, 'assets', file), 'utf8');
      expect(source).not.toMatch(
        /@import|url\(|(?:https?:)?\/\/(?!www\.w3\.org\/2000\/svg)[a-z0-9-]+\.[a-z]/i,
      );
    }
  });
});
