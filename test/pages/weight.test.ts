import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { viewsFolder } from '../../src/base/mail/templates.ts';
import { assets, attribute, frameOf, pageOf, renderer, shown, tagsOf, views } from './render-all.ts';

const bytesOf = (path: string) => Buffer.byteLength(assets.read(path)?.body ?? '');

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
        expect(Buffer.byteLength(html) + css).toBeLessThan(30_000);
      }
    },
  );

  it('the sheet of the console leaves out only what no page of the console shows', () => {
    const classesIn = (text: string, shape: RegExp) =>
      new Set([...text.matchAll(shape)].flatMap(([, names = '']) => names.split(/\s+/)));
    const sheet = (name: string) =>
      classesIn(String(assets.read(`/assets/${name}`)?.body), /\.([a-z][\w-]*)/g);
    const kept = sheet('app-desk.css');
    const left = new Set([...sheet('app.css')].filter((name) => !kept.has(name)));
    expect(left.size).toBeGreaterThan(10);
    for (const view of views.filter(({ name }) => name.startsWith('console/'))) {
      const html = pageOf(view);
      expect(html).toContain('/assets/app-desk.css');
      const shownHere = [...classesIn(html, /\sclass="([^"]*)"/g)].filter((name) => left.has(name));
      expect([view.name, shownHere]).toEqual([view.name, []]);
    }
  });

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
