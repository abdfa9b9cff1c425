/**
 * From a look to a style sheet, and whether its colours can be read. Pure. Components read the custom properties
 * made here and nothing else of a brand.
 */
import type { BrandLook, Tokens } from './brand-look.ts';

/** Token → custom property. */
const properties: Readonly<Record<keyof Tokens, string>> = {
  brand: '--brand',
  onBrand: '--on-brand',
  accent: '--accent',
  surface: '--surface',
  page: '--page',
  text: '--text',
  mutedText: '--muted',
  border: '--border',
  danger: '--danger',
  success: '--success',
  focus: '--focus',
};

/**
 * The style sheet of a look: light tokens, and dark ones where the person's system asks for them.
 * @param look a look whose tokens are `#rrggbb` (anything else is refused: it would be markup of its own)
 * @throws Error when a token is not a colour
 */
export function themeCss(look: BrandLook): string {
  const block = (tokens: Tokens) =>
    tokenNames
      .map((name) => {
        if (!/^#[0-9a-f]{6}$/i.test(tokens[name])) throw new Error(`${look.id}: ${name} is not #rrggbb`);
        return `${properties[name]}:${tokens[name]}`;
      })
      .join(';');
  // An image as logo was made for the light surface, and keeps it when the rest goes dark.
  const plate = `--plate:${look.theme.light.surface}`;
  return `:root{color-scheme:light dark;${block(look.theme.light)};${plate}}
@media (prefers-color-scheme:dark){:root{${block(look.theme.dark)}}}
`;
}

const tokenNames = Object.keys(properties) as (keyof Tokens)[];

/** A pair of colours that is too close. */
export interface ContrastFault {
  /** Such as `dark: mutedText on page`. */
  pair: string;
  ratio: number;
  needed: number;
}

/** What must stand out from what, and by how much (WCAG 2.2: 1.4.3 text, 1.4.11 controls, 2.4.13 focus). */
const pairs: readonly (readonly [keyof Tokens, keyof Tokens, number])[] = [
  ['text', 'surface', 4.5],
  ['text', 'page', 4.5],
  ['mutedText', 'surface', 4.5],
  ['mutedText', 'page', 4.5],
  ['onBrand', 'brand', 4.5],
  ['brand', 'surface', 4.5],
  ['brand', 'page', 4.5],
  ['danger', 'surface', 4.5],
  ['surface', 'danger', 4.5],
  ['success', 'surface', 4.5],
  ['border', 'surface', 3],
  ['focus', 'surface', 3],
  ['focus', 'page', 3],
];

/**
 * Every pair of a look's colours that cannot be told apart well enough; empty when the look may be published.
 * @param look a look whose tokens are `#rrggbb`
 */
export function contrastFaults(look: Pick<BrandLook, 'theme'>): ContrastFault[] {
  return (['light', 'dark'] as const).flatMap((scheme) =>
    pairs.flatMap(([front, back, needed]) => {
      const tokens = look.theme[scheme];
      const ratio = contrastRatio(tokens[front], tokens[back]);
      return ratio < needed ? [{ pair: `${scheme}: ${front} on ${back}`, ratio, needed }] : [];
    }),
  );
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

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
