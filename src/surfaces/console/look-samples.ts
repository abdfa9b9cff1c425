/** Samples of the console's pages about what members see. Invented brands only. */
import { programLook } from '../../base/http/brand-look.ts';
import type * as Page from './look-views.ts';
import { neededOf, tokenNames, tokenShown } from './palette.ts';
import { nav } from './samples.ts';

const brands: readonly Page.Choice[] = [
  { value: 'aurora-air', label: 'Aurora Air' },
  { value: 'volt', label: 'Volt Fuel' },
];
const drafts: readonly Page.Choice[] = [{ value: 'drf_sample', label: 'Warmer colours for the winter' }];
const document = '/console/preview/document?page=interactions%2Fsign-in';

/** Whole, and with a text that cannot be read well enough. */
const { theme: neutral } = programLook({
  name: 'Volt Fuel',
  siblings: [],
  links: { home: '', help: '', privacy: '', terms: '' },
  supportEmail: '',
});
const theme = { ...neutral, light: { ...neutral.light, mutedText: '#9d99b2' } };

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
      clientId: 'volt-web',
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
    mail: { subject: '48201937 is your code', text: 'Your code: 48201937', locale: 'en' },
  }),
  theme: (): Page.ThemeData => ({
    nav: nav('theme'),
    url: '/console/theme',
    draft: 'drf_sample',
    drafts,
    brand: 'volt',
    brands,
    market: 'us',
    markets: [{ value: 'us', label: 'United States' }],
    everywhere: true,
    version: 3,
    action: '/console/theme',
    tokens: tokenNames.map((name) => ({
      token: name,
      needed: neededOf(name),
      light: tokenShown(theme.light, name),
      dark: tokenShown(theme.dark, name),
    })),
    shapes: [
      { part: 'radius', value: 'soft', words: ['sharp', 'soft', 'round'] },
      { part: 'density', value: 'regular', words: ['compact', 'regular', 'roomy'] },
      { part: 'heading', value: 'sans', words: ['sans', 'serif'] },
    ].map((shape) => ({ ...shape, words: shape.words.map((word) => ({ word })) })),
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
