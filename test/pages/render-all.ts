/** Renders every page for the tests of this folder: all views, languages and looks, with samples. */
import { type Assets, createAssets } from '../../src/base/http/assets.ts';
import { type BrandLook, programLook } from '../../src/base/http/brand-look.ts';
import { createRenderer, type PageFrame, type View } from '../../src/base/http/views.ts';
import { createI18n } from '../../src/base/i18n/i18n.ts';
import { experiencesOf } from '../support/configuration.ts';
import { findViews } from './every-view.ts';

/** The looks in config, and the program's own. */
export const looks: readonly BrandLook[] = [
  ...experiencesOf()
    .brands()
    .map(({ look }) => look),
  programLook({
    name: 'Xenia',
    siblings: ['Aurora Air', 'Volt Fuel'],
    links: {
      home: 'https://id.example/',
      help: 'https://id.example/help',
      privacy: 'https://id.example/privacy',
      terms: 'https://id.example/terms',
    },
    supportEmail: 'help@id.example',
  }),
];

export const i18n = createI18n();

/** Whether a language is shown in every look: one of each script and direction is; the others share a look. */
const inEveryLook = (code: string, dir: string) => code === 'en' || code === 'ja' || dir === 'rtl';

/** Every language in the first look, and every look in English, Japanese and what is written from the right. */
export const shown: readonly { look: BrandLook; locale: string; tag: string; dir: 'ltr' | 'rtl' }[] =
  i18n.locales.flatMap(({ code, tag, dir }) =>
    (inEveryLook(code, dir) ? looks : looks.slice(0, 1)).map((look) => ({ look, locale: code, tag, dir })),
  );
export const assets: Assets = createAssets({ lookOf: (id) => looks.find((look) => look.id === id) });
export const renderer = createRenderer({
  i18n,
  assets,
  clock: { now: () => Date.parse('2026-06-02T10:00:00Z') },
});
export const views: readonly View<unknown>[] = await findViews();

/** A frame as the surfaces make it. */
export function frameOf(look: BrandLook, locale: string, more: Partial<PageFrame> = {}): PageFrame {
  return {
    locale,
    look,
    clientName: look.name,
    csrf: 'csrf-value',
    language: { action: '/language', returnTo: '/here' },
    trace: 'trc_sample',
    ...more,
  };
}

/** One page of the first look in English. */
export function pageOf(view: View<unknown>, more: Partial<PageFrame> = {}): string {
  const look = looks[0];
  if (!look) throw new Error('no look in config/brands');
  return renderer.page(view, frameOf(look, 'en', more), view.sample());
}

/** Opening tags of a name, as they stand. */
export function tagsOf(html: string, name: string): string[] {
  return html.match(new RegExp(`<${name}\\b[^>]*>`, 'g')) ?? [];
}

/** The value of an attribute in an opening tag. */
export function attribute(tag: string, name: string): string | undefined {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
}
