/** The views of the console about what members see: previews, colours, logos. As in `views.ts`. */
import { defineView, type View } from '../../base/http/views.ts';
import { lookSamples } from './look-samples.ts';
import type { TokenShown } from './palette.ts';
import type { ConsolePage } from './views.ts';

/** Something to choose. */
export interface Choice {
  value: string;
  label: string;
}

/** Where a preview stands. */
export interface PreviewChoices {
  /** Empty: every site of the brand in the market. */
  clientId: string;
  brand: string;
  brands: readonly Choice[];
  market: string;
  markets: readonly Choice[];
  locale: string;
  locales: readonly Choice[];
  scheme: 'light' | 'dark';
  /** `refused`: as the form stands when everything was entered wrongly. */
  state: '' | 'refused';
  /** Id of a page or mail, or `all`. */
  page: string;
  pages: readonly Choice[];
}

/**
 * Pages and mails as members see them. Form (GET): `draft`, `brand`, `market`, `client_id`, `locale`, `scheme`, `state`,
 * `page`, `width`.
 */
export interface PreviewData extends ConsolePage {
  url: string;
  /** Empty: what is live. */
  draft: string;
  drafts: readonly Choice[];
  /** Why the draft cannot be shown yet. */
  faults: readonly { item: string; path: string; expected: string; got: string }[];
  /** Further faults, in items that whoever looks may not read. */
  hidden: number;
  /** The draft does not go live in this market. */
  isUnreached?: boolean;
  /** Absent where there is nothing to show. */
  at?: PreviewChoices;
  /** One page in every width. */
  screens?: {
    title: string;
    frames: readonly { url: string; width: number }[];
    previousUrl?: string | undefined;
    nextUrl?: string | undefined;
    /** The document by itself: who cannot point into a frame reads and scrolls it there. */
    aloneUrl: string;
    allUrl: string;
  };
  /** What a mail says beside its markup. */
  mail?: { subject: string; text: string; locale: string } | undefined;
  /** Every page in one width. */
  sheet?: { width: number; pages: readonly { title: string; url: string; pageUrl: string }[] };
}

/** A colour role with its colour in each scheme; inputs `light.<token>` and `dark.<token>`. */
export interface TokenRow {
  /** Also the key of its words. */
  token: string;
  /** Least contrast with what it is shown on; absent for what is only ever behind or beside others. */
  needed?: number | undefined;
  light: TokenShown;
  dark: TokenShown;
}

/** A word of a brand's shape; input `shape.<part>`. */
export interface ShapeRow {
  /** Also the key of its words. */
  part: string;
  value: string;
  words: readonly { word: string }[];
}

/**
 * Colours of a brand. Form (GET): `draft`, `brand`, `market`; form: the inputs of the rows, `draft`, `brand`, `market`,
 * `version` and `go` = `check` | `save`.
 */
export interface ThemeData extends ConsolePage {
  url: string;
  /** Empty: a new one. */
  draft: string;
  drafts: readonly Choice[];
  brand: string;
  brands: readonly Choice[];
  /** Empty: wherever the brand is. */
  market: string;
  markets: readonly Choice[];
  /** Whether the brand's own layer can be chosen. */
  everywhere: boolean;
  /** Of the draft, as it is shown. */
  version: number;
  /** Absent for whoever may only read. */
  action?: string | undefined;
  tokens: readonly TokenRow[];
  shapes: readonly ShapeRow[];
  previewUrl: string;
}

/** A logo as it stands on a page in one scheme. */
export interface LogoPicture {
  scheme: 'light' | 'dark';
  /** An image that holds everything it shows. */
  url: string;
}

/** A file to become a logo. Form (multipart): `brand`, `file`; then `brand`, `draft`, `logo`. */
export interface LogosData extends ConsolePage {
  action: string;
  brand: string;
  brands: readonly Choice[];
  /** Media types that are taken. */
  types: readonly string[];
  /** The logo that the brand has, or the one that was made. */
  pictures: readonly LogoPicture[];
  made?:
    | {
        action: string;
        /** As it will be kept: markup, or an image as JSON. */
        logo: string;
        /** Parts of the file that were left out. */
        dropped: readonly string[];
        draft: string;
        drafts: readonly Choice[];
      }
    | undefined;
}

/** Pages as members see them. */
export const previewView: View<PreviewData> = defineView({
  name: 'console/preview',
  sample: lookSamples.preview,
});
/** Colours of a brand. */
export const themeView: View<ThemeData> = defineView({ name: 'console/theme', sample: lookSamples.theme });
/** A file to become a logo. */
export const logosView: View<LogosData> = defineView({ name: 'console/logos', sample: lookSamples.logos });
/** Every view of this file. */
export const lookViews: readonly View<unknown>[] = [previewView, themeView, logosView];
