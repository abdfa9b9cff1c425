import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { viewsFolder } from '../../src/base/mail/templates.ts';
import { frameOf, i18n, looks, renderer } from './render-all.ts';
import { type VariantPage, variants } from './variants.ts';

/** The page in every language of the first look. */
function inEveryLanguage({ view, data }: VariantPage): string {
  const look = looks[0];
  if (!look) throw new Error('no look');
  return i18n.locales
    .map(({ code }) => renderer.page(view, frameOf(look, code, { clientName: undefined }), data))
    .join('\n');
}

/** The variant of a name, in every language. */
function variant(name: string): string {
  const found = variants.find(([each]) => each === name);
  if (!found) throw new Error(`no variant ${name}`);
  return inEveryLanguage(found[1]);
}

describe('pages say something for every choice in their data', () => {
  it.each(variants)('%s', (_, page) => {
    const html = inEveryLanguage(page);
    expect(html).not.toMatch(/undefined|\[object|NaN/);
    expect(html.match(/<h1\b/g)).toHaveLength(i18n.locales.length);
  });

  it('a refused purpose shows two equal buttons and which one holds', () => {
    const html = variant('a refused purpose');
    expect(html).toMatch(/class="button equal" name="decision" value="give" aria-pressed="false"/);
    expect(html).toMatch(/class="button equal" name="decision" value="withdraw" aria-pressed="true"/);
  });

  it('a single device can be signed out by the sign-out link only', () => {
    const html = variant('one device only');
    expect(html).not.toContain('revoke');
  });

  it('allowing and refusing look the same', () => {
    const html = variant('a first consent');
    const buttons = html.match(/<button class="[^"]*" name="decision"/g) ?? [];
    expect(new Set(buttons)).toEqual(new Set(['<button class="button equal" name="decision"']));
  });
});

describe('texts named in code and templates', () => {
  const source = fileURLToPath(new URL('../../src/', import.meta.url));
  const read = (folder: string, ending: string) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith(ending))
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('\n');

  it('are in every catalogue', () => {
    const named = [
      ...read(viewsFolder, '.ejs').matchAll(/\b(?:t|rich)\('([\w.-]+)'/g),
      ...read(source, '.ts').matchAll(/\btext: \{ key: '([\w.-]+)'/g),
    ].map(([, key = '']) => key);
    expect(named.length).toBeGreaterThan(100);
    expect([...new Set(named)].filter((key) => !i18n.has(key))).toEqual([]);
  });
});
