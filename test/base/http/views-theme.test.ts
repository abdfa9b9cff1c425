import { describe, expect, it } from '@jest/globals';
import type { BrandLook, Shape } from '../../../src/base/http/brand-look.ts';
import { contrastFaults, contrastRatio } from '../../../src/base/http/contrast.ts';
import { themeCss } from '../../../src/base/http/theme.ts';
import { assets, looks } from '../../pages/render-all.ts';

describe('the looks', () => {
  it.each(looks)('of $id can be read in light and dark', (look) => {
    expect(contrastFaults(look)).toEqual([]);
  });

  it('are measured as WCAG does', () => {
    expect(contrastRatio('#000000', '#ffffff')).toBeCloseTo(21);
    expect(contrastRatio('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  });

  it('are told off with the pair and its ratio', () => {
    const look = looks[0];
    if (!look) throw new Error('no look');
    const faint = { theme: { ...look.theme, light: { ...look.theme.light, mutedText: '#cccccc' } } };
    expect(contrastFaults(faint)).toEqual([
      ...['surface', 'page', 'tint', 'stage'].map((back) => ({
        path: 'theme.light.mutedText',
        pair: `mutedText on ${back}`,
        ratio: expect.any(Number),
        needed: 4.5,
      })),
    ]);
  });

  it('become a style sheet for both schemes', () => {
    const look = looks[0];
    if (!look) throw new Error('no look');
    const css = themeCss(look);
    expect(css).toContain(`--brand:${look.theme.light.brand}`);
    expect(css).toContain('@media (prefers-color-scheme:dark)');
    expect(css).toContain('color-scheme:light dark');
  });

  it.each<[string, Shape | undefined, RegExp, RegExp]>([
    ['none', undefined, /--plate:/, /--radius|--control|--heading/],
    [
      'the usual one',
      { radius: 'soft', density: 'regular', heading: 'sans' },
      /--plate:/,
      /--radius|--control|--heading/,
    ],
    [
      'a sharp and compact one',
      { radius: 'sharp', density: 'compact' },
      /--radius:\.125rem.*--s5:1\.125rem/,
      /--control|--heading/,
    ],
    [
      'a round, roomy one with serifs',
      { radius: 'round', density: 'roomy', heading: 'serif' },
      /--radius:1\.75rem.*--control:3\.375rem.*--heading:ui-serif/,
      /undefined/,
    ],
  ])('have a shape of their own: %s', (_, shape, has, hasNot) => {
    const look = { ...(looks[0] as BrandLook), shape };
    const [light = ''] = themeCss(look).split('@media');
    expect(light).toMatch(has);
    expect(light).not.toMatch(hasNot);
  });

  it('know no other words for a shape', () => {
    for (const shape of [
      { radius: 'constructor' },
      { radius: '0}body{display:none' },
      { toString: 'soft' },
    ]) {
      const look = { ...(looks[0] as BrandLook), shape: shape as Shape };
      expect(() => themeCss(look)).toThrow(/there is no \w+ /);
    }
  });

  it('cannot smuggle in rules of their own', () => {
    const look = looks[0];
    if (!look) throw new Error('no look');
    const evil = {
      ...look,
      theme: { ...look.theme, light: { ...look.theme.light, brand: 'red}body{display:none' } },
    };
    expect(() => themeCss(evil)).toThrow('brand is not #rrggbb');
  });
});

describe('assets', () => {
  it('are addressed by their content and may be kept when asked so', () => {
    const [path = '', version] = assets.url('app.css').split('?v=');
    expect(assets.read(path, version)).toMatchObject({ type: 'text/css; charset=utf-8', immutable: true });
    expect(assets.read(path, 'old')).toMatchObject({ immutable: false });
  });

  it('serve the style sheet of each look, known by its id alone', () => {
    for (const look of looks) {
      const [path = '', version] = assets.themeUrl(look).split('?v=');
      expect(assets.read(path, version)).toMatchObject({ body: themeCss(look), immutable: true });
    }
  });

  it('are nothing outside their folder', () => {
    for (const path of [
      '/assets/../layouts/dev.ejs',
      '/assets/theme/nobody.css',
      '/assets/',
      '/app.css/..',
    ]) {
      expect(assets.read(path)).toBeUndefined();
    }
    expect(() => assets.url('missing.css')).toThrow('no asset missing.css');
  });
});
