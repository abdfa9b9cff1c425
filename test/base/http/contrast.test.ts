/** Reads app.css: every colour that stands on another there is a pair that a look is judged by. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Tokens } from '../../../src/base/http/brand-look.ts';
import {
  type ColourName,
  colourOf,
  colourPairs,
  contrastRatio,
  mixes,
} from '../../../src/base/http/contrast.ts';
import { colourProperties } from '../../../src/base/http/theme.ts';
import { viewsFolder } from '../../../src/base/mail/templates.ts';
import { looks } from '../../pages/render-all.ts';

interface Rule {
  selector: string;
  declarations: [string, string][];
}

/** The rules of a style sheet, also those inside of a condition. */
function rulesOf(css: string): Rule[] {
  const rules: Rule[] = [];
  const plain = css.replaceAll(/\/\*[\s\S]*?\*\//g, '');
  for (const [, selector = '', body = ''] of plain.matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
    const declarations = body
      .split(';')
      .filter((declaration) => declaration.includes(':'))
      .map((declaration): [string, string] => {
        const at = declaration.indexOf(':');
        return [declaration.slice(0, at).trim(), declaration.slice(at + 1).trim()];
      });
    rules.push({ selector: selector.trim(), declarations });
  }
  return rules;
}

const rules = rulesOf(readFileSync(join(viewsFolder, 'assets', 'app.css'), 'utf8'));
const names = new Map<string, ColourName>([
  ...Object.entries(colourProperties).map(([token, property]): [string, ColourName] => [
    property,
    token as keyof Tokens,
  ]),
  ...Object.keys(mixes).map((mix): [string, ColourName] => [`--${mix}`, mix as keyof typeof mixes]),
]);
const isPair = (front: ColourName, back: ColourName, needed: number) =>
  colourPairs.some((pair) => pair.front === front && pair.back === back && pair.needed >= needed);

/** Colours that a value names. */
const coloursIn = (value: string) =>
  [...value.matchAll(/var\((--[\w-]+)/g)].flatMap(([, property = '']) => names.get(property) ?? []);
const said = (rule: Rule, ...properties: string[]) =>
  rule.declarations.flatMap(([property, value]) => (properties.includes(property) ? coloursIn(value) : []));

/** Surfaces that nothing is written on. */
const decoration = /^(\.band|\[dir=rtl\] \.band|\.bar|\.bar i|\[data-level|\.logo img|img$)/;

describe('the style sheet', () => {
  it('mixes its colours as the table says', () => {
    const root = rules.find(({ selector }) => selector === ':where(:root)')?.declarations ?? [];
    const mixed = root.filter(([, value]) => value.startsWith('color-mix('));
    const table = Object.entries(mixes).map(([name, [first, share, second]]) => [
      `--${name}`,
      `color-mix(in srgb,var(${colourProperties[first]}) ${share}%,var(${colourProperties[second]}))`,
    ]);
    expect(Object.fromEntries(mixed)).toEqual(Object.fromEntries(table));
    const elsewhere = rules.filter(
      ({ selector, declarations }) =>
        selector !== ':where(:root)' && declarations.some(([, value]) => value.includes('color-mix')),
    );
    expect(elsewhere).toEqual([]);
  });

  it('names no colour but tokens, mixtures and shadows', () => {
    for (const { selector, declarations } of rules)
      for (const [property, value] of declarations) {
        if (property.startsWith('--shadow')) continue;
        expect({ selector, property, value }).toEqual({
          selector,
          property,
          value: expect.not.stringMatching(/#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(|\b(?:white|black|red)\b/i),
        });
      }
  });

  it.each(rules.filter((rule) => said(rule, 'color').length > 0))('can be read: $selector', (rule) => {
    const backs = said(rule, 'background', 'background-color');
    for (const front of said(rule, 'color'))
      for (const back of backs.length > 0 ? backs : (['surface', 'page'] as const))
        expect({ front, back, known: isPair(front, back, 4.5) }).toEqual({ front, back, known: true });
  });

  it.each(
    rules.filter(
      (rule) =>
        said(rule, 'background', 'background-color').length > 0 &&
        said(rule, 'color').length === 0 &&
        !decoration.test(rule.selector),
    ),
  )('bears text: $selector', (rule) => {
    for (const back of said(rule, 'background', 'background-color')) {
      // A button that is pointed at keeps the colour of its letters; the arrow of a list is drawn as a background.
      const front = back === 'press' ? 'onBrand' : back === 'stage' ? 'mutedText' : 'text';
      if (back === 'mutedText') continue;
      expect({ front, back, known: isPair(front, back, 4.5) }).toEqual({ front, back, known: true });
    }
  });

  it('shows borders and rings in colours that are told apart, or in lines that only decorate', () => {
    const outlines = rules.flatMap((rule) =>
      rule.declarations
        .filter(([property]) => /^(?:border|outline|box-shadow)/.test(property))
        .flatMap(([, value]) => coloursIn(value)),
    );
    for (const colour of new Set(outlines)) {
      const decorates = colour === 'line' || colour === 'accent';
      expect({ colour, known: decorates || isPair(colour, 'surface', 3) }).toEqual({ colour, known: true });
    }
    expect(rules.flatMap((rule) => said(rule, 'color'))).not.toContain('accent');
  });
});

describe('mixtures', () => {
  const tokens = { brand: '#ff0000', surface: '#ffffff', text: '#000000' } as Tokens;

  it('are what browsers mix', () => {
    expect(colourOf(tokens, 'tint')).toBe('#ffebeb');
    expect(colourOf(tokens, 'press')).toBe('#db0000');
    expect(colourOf(tokens, 'brand')).toBe('#ff0000');
  });

  it('can fail where their parts do not', () => {
    const [look] = looks;
    if (!look) throw new Error('no look');
    // 4.6 on white, less on anything darker.
    const muted = '#747474';
    expect(contrastRatio(muted, look.theme.light.surface)).toBeGreaterThan(4.5);
    expect(contrastRatio(muted, colourOf(look.theme.light, 'tint'))).toBeLessThan(4.5);
  });
});
