import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { viewsFolder } from '../../src/base/mail/templates.ts';
import { attribute, frameOf, renderer, shown, tagsOf, views } from './render-all.ts';

const sheets = readdirSync(join(viewsFolder, 'assets')).filter((file) => file.endsWith('.css'));

/** Declarations of a style sheet, each `property: value`, without comments. */
function declarationsOf(css: string): [property: string, value: string][] {
  return [...css.replaceAll(/\/\*[\s\S]*?\*\//g, '').matchAll(/([\w-]+)\s*:\s*([^;{}]+)(?=[;}])/g)].map(
    ([, property = '', value = '']) => [property, value.trim()],
  );
}

/** Parts of a value, parentheses kept whole. */
function partsOf(value: string): string[] {
  return value.match(/(?:[^\s(]|\((?:[^()]|\([^()]*\))*\))+/g) ?? [];
}

const sided = /^(?:margin|padding|inset|border-(?:width|style|color)|scroll-(?:margin|padding))$/;

/** What of a declaration is tied to the left or right of the screen. */
function physical([property, value]: [string, string]): boolean {
  if (/(?:^|-)(?:left|right)(?:-|$)/.test(property)) return true;
  if (/(?:^|[\s,(])(?:left|right)(?:$|[\s,)])/.test(value)) return true;
  const parts = partsOf(value);
  if (sided.test(property)) return parts.length === 4 && parts[1] !== parts[3];
  if (property === 'border-radius') return new Set(parts).size > 1;
  return false;
}

describe('style sheets', () => {
  it.each(sheets)('%s knows start and end, never left and right', (file) => {
    const declarations = declarationsOf(readFileSync(join(viewsFolder, 'assets', file), 'utf8'));
    expect(declarations.length).toBeGreaterThan(10);
    expect(declarations.filter(physical)).toEqual([]);
  });

  it('would be caught naming a side', () => {
    const css =
      'a{margin-left:1px;left:0;text-align:right;padding:1px 2px 3px 0;border-top-right-radius:1px;float:left;background:linear-gradient(to right,red,blue)}b{padding:1px 2px;margin:0 auto;text-align:start;border-radius:1px}';
    expect(declarationsOf(css).filter(physical)).toHaveLength(7);
  });
});

const fromTheRight = shown
  .filter(({ dir }) => dir === 'rtl')
  .flatMap(({ look, locale }) =>
    views.map((view) => ({
      name: `${view.name} for ${look.id} in ${locale}`,
      view,
      html: renderer.page(view, frameOf(look, locale), view.sample()),
    })),
  );

/** What must never be turned around: addresses, host names, codes. */
const latin =
  /[\w.+-]+@[\w-]+\.\w+|https?:\/\/\S+|\b[\w-]+\.example\b|\b\d{4} \d{4}\b|\b[A-Z]{4}-[A-Z]{4}\b/g;

/** Texts between the tags with the tag before each, without scripts and hidden parts. */
function textsOf(html: string): [tag: string, text: string][] {
  const body = html.slice(html.indexOf('<body'));
  return [...body.matchAll(/(<[^>]*>)([^<]+)/g)].map(([, tag = '', text = '']) => [tag, text]);
}

describe('every page that is read from the right', () => {
  it.each(fromTheRight)('$name keeps addresses and codes in their own order', ({ html, view }) => {
    for (const [tag, text] of textsOf(html)) {
      for (const found of text.matchAll(latin)) {
        const before = text.slice(0, found.index);
        const apart =
          attribute(tag, 'dir') !== undefined ||
          tag.startsWith('<bdi') ||
          before.lastIndexOf('\u2068') > before.lastIndexOf('\u2069');
        expect({ view: view.name, text, apart }).toEqual({ view: view.name, text, apart: true });
      }
    }
  });

  it.each(fromTheRight)('$name takes addresses, passwords and codes from the left', ({ html }) => {
    for (const tag of tagsOf(html, 'input')) {
      const type = attribute(tag, 'type') ?? '';
      const mode = attribute(tag, 'inputmode') ?? '';
      const hidden = type === 'hidden' || attribute(tag, 'class') === 'sr';
      if (
        hidden ||
        !(['email', 'password', 'tel', 'url'].includes(type) || ['numeric', 'tel'].includes(mode))
      )
        continue;
      expect({ tag, dir: attribute(tag, 'dir') }).toEqual({ tag, dir: 'ltr' });
    }
  });
});
