/**
 * The look of a brand: what a page or mail needs to be unmistakably the brand's. Owns the type, the neutral look of
 * the program itself, the style sheet made of a look and the contrast rules it must meet. Never reads a file and
 * never knows which client belongs to which brand.
 */
import type { RasterLogo } from '../mail/render.ts';

/** Colour roles of one scheme, each `#rrggbb`. Components read roles, never colours. */
export interface Tokens {
  /** The brand's main colour: buttons, links, the band at the top. */
  brand: string;
  /** Text and icons on `brand`. */
  onBrand: string;
  /** The brand's second colour; decoration only, never text. */
  accent: string;
  /** Cards and inputs. */
  surface: string;
  /** The page behind the cards. */
  page: string;
  text: string;
  mutedText: string;
  /** Borders of inputs and buttons: at least 3:1 on `surface`. */
  border: string;
  danger: string;
  success: string;
  /** The focus ring: at least 3:1 on `surface` and `page`. */
  focus: string;
}

/** How a brand's parts are cut. What is left out is `soft`, `regular` and `sans`. */
export interface Shape {
  /** Corners of controls and cards. */
  radius?: 'sharp' | 'soft' | 'round' | undefined;
  /** Height of controls, and the space around things. */
  density?: 'compact' | 'regular' | 'roomy' | undefined;
  /** Letters of headings and of the brand's name. */
  heading?: 'sans' | 'serif' | undefined;
}

/** A logo: inline SVG markup, which may take the brand's colour by `currentColor`, or an image. */
export type BrandLogo = string | RasterLogo;

/** Everything a page or mail needs to look like a brand. Its JSON form is `config/brands/<id>/look.json`. */
export interface BrandLook {
  /** Lower-case id, such as `aurora-air`; part of the style sheet's address. */
  id: string;
  /** The brand's name, such as `Aurora Air`. */
  name: string;
  /** The program's name, such as `Xenia`, shared by all of its brands. */
  programName: string;
  /** Names of all the program's brands, this one included: "One account for …". */
  siblings: string[];
  theme: { light: Tokens; dark: Tokens };
  shape?: Shape | undefined;
  /** Decorative: the brand's name always stands beside it. */
  logo: BrandLogo;
  /** Absolute https addresses (http on loopback in development). */
  links: { home: string; help: string; privacy: string; terms: string };
  supportEmail: string;
}

/**
 * The neutral look of the program itself: for pages that belong to no brand, and as a starting point for one.
 * @param program the program's name, its brands' names, its addresses and mail address for questions
 */
export function programLook(program: {
  name: string;
  siblings: readonly string[];
  links: BrandLook['links'];
  supportEmail: string;
}): BrandLook {
  return {
    id: 'program',
    name: program.name,
    programName: program.name,
    siblings: [...program.siblings],
    theme: {
      light: {
        brand: '#2f4858',
        onBrand: '#ffffff',
        accent: '#c9a227',
        surface: '#ffffff',
        page: '#f4f5f6',
        text: '#171c20',
        mutedText: '#55606a',
        border: '#7d8791',
        danger: '#b3261e',
        success: '#1b6b3a',
        focus: '#2f6fd0',
      },
      dark: {
        brand: '#a9c7da',
        onBrand: '#0d1a22',
        accent: '#d9b84a',
        surface: '#1a2025',
        page: '#101417',
        text: '#edf1f4',
        mutedText: '#a9b4bd',
        border: '#76828c',
        danger: '#ff8a80',
        success: '#7fd39b',
        focus: '#8ab8ff',
      },
    },
    logo: '<svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false"><path fill="currentColor" d="M15 3a13 13 0 0 0 0 26v-6.1l-2.6-2.3 2.6-3.2-2.6-3.2L15 11.1z"/><path fill="currentColor" opacity=".6" d="M18 3.2v7.9l-2.4 3.1 2.4 3.2-2.4 3.1 2.4 2.2v6.1A13 13 0 0 0 18 3.2z"/></svg>',
    links: { ...program.links },
    supportEmail: program.supportEmail,
  };
}
