/**
 * Whether the colours of a look can be told apart wherever components show one on another. Pure. The table names
 * every pair that the style sheet makes; a test reads the style sheet and the pages and finds any that is missing.
 */
import type { BrandLook, Tokens } from './brand-look.ts';

/** A colour that the style sheet mixes of two: so much of the first, in hundredths, and the rest of the second. */
type Mix = readonly [keyof Tokens, number, keyof Tokens];

/** Every mixture, by its custom property in app.css. */
export const mixes = {
  /** Behind what is chosen, pointed at or said. */
  tint: ['brand', 8, 'surface'],
  /** Behind a summary of errors. */
  'danger-tint': ['danger', 8, 'surface'],
  /** A button that is pointed at. */
  press: ['brand', 86, 'text'],
  /** The page around a sign-in, where it is strongest. */
  stage: ['brand', 13, 'page'],
  /** The place in the account pages where one is. */
  here: ['brand', 12, 'page'],
  /** Lines that part things; decoration only. */
  line: ['border', 38, 'surface'],
} as const satisfies Record<string, Mix>;

/** A token, or a mixture of two. */
export type ColourName = keyof Tokens | keyof typeof mixes;

/** What stands on what, and by how much it must stand out. */
export interface ColourPair {
  front: keyof Tokens;
  back: ColourName;
  /** Least ratio (WCAG 2.2: 1.4.3 text, 1.4.11 controls and icons, 2.4.13 focus). */
  needed: 4.5 | 3;
}

/** Where a text of each colour stands. */
const texts: Partial<Record<keyof Tokens, readonly ColourName[]>> = {
  text: ['surface', 'page', 'tint', 'danger-tint'],
  mutedText: ['surface', 'page', 'tint', 'stage'],
  brand: ['surface', 'page', 'tint', 'here'],
  onBrand: ['brand', 'press'],
  danger: ['surface', 'page', 'danger-tint'],
  success: ['surface', 'page'],
};

/** What a control or the ring of the focus stands out from. */
const controls: Partial<Record<keyof Tokens, readonly ColourName[]>> = {
  border: ['surface', 'page'],
  focus: ['surface', 'page', 'tint', 'danger-tint', 'stage'],
};

const pairsOf = (table: typeof texts, needed: ColourPair['needed']): ColourPair[] =>
  Object.entries(table).flatMap(([front, backs]) =>
    backs.map((back) => ({ front: front as keyof Tokens, back, needed })),
  );

/** Every pair that components show. `accent` is decoration: nothing is ever read in it or by it. */
export const colourPairs: readonly ColourPair[] = [...pairsOf(texts, 4.5), ...pairsOf(controls, 3)];

/** A pair of colours that is too close. */
export interface ContrastFault {
  /** The colour in front, as a look names it, such as `theme.dark.mutedText`. */
  path: string;
  /** Such as `mutedText on tint`. */
  pair: string;
  ratio: number;
  needed: number;
}

/**
 * Every pair of a look's colours that cannot be told apart well enough; empty when the look may be published.
 * @param look a look whose tokens are `#rrggbb`
 */
export function contrastFaults(look: Pick<BrandLook, 'theme'>): ContrastFault[] {
  return (['light', 'dark'] as const).flatMap((scheme) => {
    const tokens = look.theme[scheme];
    return colourPairs.flatMap(({ front, back, needed }) => {
      const ratio = contrastRatio(tokens[front], colourOf(tokens, back));
      const path = `theme.${scheme}.${front}`;
      return ratio < needed ? [{ path, pair: `${front} on ${back}`, ratio, needed }] : [];
    });
  });
}

/**
 * A colour as it is shown.
 * @param tokens the colours of one scheme
 * @param name a token or a mixture
 * @returns `#rrggbb`
 */
export function colourOf(tokens: Tokens, name: ColourName): string {
  if (!(name in mixes)) return tokens[name as keyof Tokens];
  const [first, share, second] = mixes[name as keyof typeof mixes];
  const [one, other] = [channelsOf(tokens[first]), channelsOf(tokens[second])];
  const mixed = one.map((channel, at) =>
    Math.round((channel * share + (other[at] ?? 0) * (100 - share)) / 100),
  );
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

/**
 * Contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio").
 * @param one `#rrggbb`
 * @param other `#rrggbb`
 */
export function contrastRatio(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((left, right) => right - left);
  return (light + 0.05) / (dark + 0.05);
}

function channelsOf(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = channelsOf(colour).map((value) => {
    const channel = value / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
