/** Looks at every page in Chromium: whatever is written there is written in a pair of colours that looks are judged by. */
import { expect, it } from '@jest/globals';
import { createAssets } from '../../src/base/http/assets.ts';
import type { BrandLook, Tokens } from '../../src/base/http/brand-look.ts';
import { type ColourName, colourOf, colourPairs, mixes } from '../../src/base/http/contrast.ts';
import { componentsFaults } from '../../src/base/http/dev-views.ts';
import { createRenderer } from '../../src/base/http/views.ts';
import { describeInBrowser, visitor } from '../support/browser.ts';
import { frameOf, i18n, looks, views } from './render-all.ts';

/** Colours that no two roles share, so that a colour on the page tells its role. */
const told: Tokens = {
  brand: '#900010',
  onBrand: '#00f020',
  accent: '#0030f0',
  surface: '#f0f0a0',
  page: '#a0f0f0',
  text: '#101000',
  mutedText: '#505080',
  border: '#708000',
  danger: '#c05000',
  success: '#007050',
  focus: '#d000d0',
};
const look: BrandLook = { ...(looks[0] as BrandLook), theme: { light: told, dark: told } };
const assets = createAssets({ lookOf: () => look });
const renderer = createRenderer({ i18n, assets, clock: { now: () => 0 } });

const names = [...Object.keys(told), ...Object.keys(mixes)] as ColourName[];
const byColour = new Map(names.map((name) => [colourOf(told, name), name]));
const known = new Set(colourPairs.map(({ front, back }) => `${front} on ${back}`));

/** Text and ground of every element that holds words of its own, as `#rrggbb`. Runs in the page. */
const gather = `(() => {
  const hex = (value) => {
    const [r, g, b, a] = value.startsWith('color(')
      ? value.slice(11, -1).split(/[ /]+/).map((part, at) => (at < 3 ? Number(part) * 255 : Number(part)))
      : value.slice(value.indexOf('(') + 1, -1).split(/[, /]+/).map(Number);
    return a === 0 ? '' : '#' + [r, g, b].map((part) => Math.round(part).toString(16).padStart(2, '0')).join('');
  };
  const found = new Set();
  for (const element of document.body.querySelectorAll('*')) {
    const isControl = ['INPUT', 'SELECT'].includes(element.tagName) && !['hidden', 'checkbox', 'radio'].includes(element.type);
    const hasWords = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
    if (!hasWords && !isControl) continue;
    if (!element.checkVisibility() || element.closest('.sr,.skip,svg')) continue;
    let ground = element;
    while (ground && hex(getComputedStyle(ground).backgroundColor) === '') ground = ground.parentElement;
    const style = ground && getComputedStyle(ground);
    const back = style ? hex(style.backgroundColor) : hex(getComputedStyle(document.documentElement).backgroundColor);
    const stage = style && ground.matches('.stage') && style.backgroundImage !== 'none' ? 'stage' : '';
    const where = element.tagName.toLowerCase() + (element.className ? '.' + element.className : '');
    found.add([hex(getComputedStyle(element).color), back, stage, where].join('|'));
  }
  return [...found];
})()`;

describeInBrowser('every page', () => {
  it.each([
    ['wide', 1280],
    ['narrow', 360],
  ])('shows no pair of colours that looks are not judged by, %s', async (_, width) => {
    const { page } = await visitor({ viewport: { width, height: 900 } });
    await page.route('**/*', (route) => {
      const { pathname } = new URL(route.request().url());
      const asset = assets.read(pathname);
      if (asset) return route.fulfill({ contentType: asset.type, body: asset.body });
      const view = views.find(({ name }) => pathname === `/${name}`);
      if (!view) return route.fulfill({ status: 404, body: '' });
      const faults = view.name === 'dev/components' ? { faults: componentsFaults } : {};
      const body = renderer.page(view, frameOf(look, 'en', faults), view.sample());
      return route.fulfill({ contentType: 'text/html; charset=utf-8', body });
    });
    const seen = new Set<string>();
    const strange: string[] = [];
    for (const { name } of views) {
      await page.goto(`http://pages.example/${name}`);
      for (const line of (await page.evaluate(gather)) as string[]) {
        const [front = '', back = '', stage = '', where = ''] = line.split('|');
        const pair = `${byColour.get(front) ?? front} on ${stage || (byColour.get(back) ?? back)}`;
        seen.add(pair);
        if (!known.has(pair)) strange.push(`${name}: ${pair} (${where})`);
      }
    }
    expect(strange).toEqual([]);
    for (const pair of ['text on surface', 'mutedText on surface', 'onBrand on brand', 'brand on tint'])
      expect(seen).toContain(pair);
  });
});
