/** Samples of the console's pages about what members see. Invented brands only. */
import type * as Page from './look-views.ts';
import { nav } from './samples.ts';

const brands: readonly Page.Choice[] = [
  { value: 'aurora-air', label: 'Aurora Air' },
  { value: 'volt', label: 'Volt Fuel' },
];
const drafts: readonly Page.Choice[] = [{ value: 'drf_sample', label: 'Warmer colours for the winter' }];
const document = '/console/preview/document?page=interactions%2Fsign-in';

const enough = (ratio: string) => ({ ratio, isEnough: true });

/** The smallest logo there is. */
const picture =
  'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCAxIDEiLz4=';

/** One sample per page, by the view's own name. */
export const lookSamples = {
  preview: (): Page.PreviewData => ({
    nav: nav('preview'),
    url: '/console/preview',
    draft: 'drf_sample',
    drafts,
    faults: [],
    hidden: 0,
    isUnreached: true,
    at: {
      brand: 'volt',
      brands,
      market: 'us',
      markets: [{ value: 'us', label: 'United States' }],
      locale: 'en',
      locales: [
        { value: 'en', label: 'English' },
        { value: 'ja', label: '日本語' },
      ],
      scheme: 'light',
      state: '',
      page: 'interactions/sign-in',
      pages: [
        { value: 'interactions/sign-in', label: 'Sign in' },
        { value: 'interactions/register/1', label: 'Create your account (1)' },
      ],
    },
    screens: {
      title: 'Sign in',
      frames: [360, 768, 1280].map((width) => ({ url: document, width })),
      previousUrl: '/console/preview?page=account%2Fhome',
      nextUrl: '/console/preview?page=interactions%2Fregister%2F1',
      aloneUrl: document,
      allUrl: '/console/preview?page=all',
    },
  }),
  theme: (): Page.ThemeData => ({
    nav: nav('theme'),
    url: '/console/theme',
    draft: 'drf_sample',
    drafts,
    brand: 'volt',
    brands,
    version: 3,
    action: '/console/theme',
    tokens: [
      { name: 'brand', light: '#3a2a8c', dark: '#b8abff' },
      { name: 'onBrand', light: '#ffffff', dark: '#1a1145' },
      { name: 'mutedText', light: '#9d99b2', dark: '#b0abc4' },
    ],
    shapes: [{ name: 'radius', value: 'soft', words: ['sharp', 'soft', 'round'] }],
    pairs: [
      {
        front: 'mutedText',
        back: 'surface',
        needed: 4.5,
        light: { ratio: '2.7', isEnough: false },
        dark: enough('7.6'),
      },
      { front: 'onBrand', back: 'brand', needed: 4.5, light: enough('11.4'), dark: enough('8.3') },
    ],
    previewUrl: '/console/preview?draft=drf_sample&brand=volt',
  }),
  logos: (): Page.LogosData => ({
    nav: nav('logos'),
    action: '/console/logos',
    brand: 'volt',
    brands,
    types: ['image/svg+xml', 'image/png', 'image/jpeg', 'image/webp'],
    pictures: [
      { scheme: 'light', url: picture },
      { scheme: 'dark', url: picture },
    ],
    made: {
      action: '/console/logos/use',
      logo: '<svg viewBox="0 0 10 10" width="32" height="32"><path d="M0 0h10v10z"/></svg>',
      dropped: ['script', 'onload'],
      draft: '',
      drafts,
    },
  }),
};
