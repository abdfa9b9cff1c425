/** From a look to a style sheet. Pure. Components read the custom properties made here and nothing else of a brand. */
import type { BrandLook, Shape, Tokens } from './brand-look.ts';

/** Token → custom property. */
export const colourProperties: Readonly<Record<keyof Tokens, string>> = {
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

/** What each word of a shape says; where a look says none, app.css does. No control gets lower. */
const shapes: { readonly [Part in keyof Shape]-?: Readonly<Record<NonNullable<Shape[Part]>, string>> } = {
  radius: {
    sharp: '--radius:.125rem;--radius-m:.125rem;--radius-l:.1875rem;--radius-xl:.25rem;--pill:.1875rem',
    soft: '',
    round: '--radius:1.75rem;--radius-m:1rem;--radius-l:1.375rem;--radius-xl:1.75rem',
  },
  density: {
    compact: '--s4:.875rem;--s5:1.125rem;--s6:1.5rem',
    regular: '',
    roomy: '--control:3.375rem;--s4:1.125rem;--s5:1.75rem;--s6:2.5rem',
  },
  heading: {
    sans: '',
    serif:
      '--heading:ui-serif,"Iowan Old Style","Palatino Linotype",Palatino,Georgia,"Hiragino Mincho ProN","Yu Mincho","Songti SC","Noto Serif CJK JP",serif',
  },
};

function shapeCss({ id, shape = {} }: BrandLook): string[] {
  return Object.entries(shape).flatMap(([part, word]) => {
    if (word === undefined) return [];
    const words: Readonly<Record<string, string>> = shapes[part as keyof Shape] ?? {};
    const css = Object.hasOwn(words, word) ? words[word] : undefined;
    if (css === undefined) throw new Error(`${id}: there is no ${part} ${word}`);
    return css === '' ? [] : [css];
  });
}

/** Names a scheme of colours. */
export type Scheme = keyof BrandLook['theme'];

/**
 * The style sheet of a look: light tokens, and dark ones where the person's system asks for them.
 * @param look a look whose tokens are `#rrggbb` (anything else is refused: it would be markup of its own)
 * @param only the one scheme to show, whatever a system asks for
 * @throws Error when a token is not a colour, or a word of the shape is unknown
 */
export function themeCss(look: BrandLook, only?: Scheme): string {
  const block = (tokens: Tokens) =>
    tokenNames
      .map((name) => {
        if (!/^#[0-9a-f]{6}$/i.test(tokens[name])) throw new Error(`${look.id}: ${name} is not #rrggbb`);
        return `${colourProperties[name]}:${tokens[name]}`;
      })
      .join(';');
  // An image as logo was made for the light surface, and keeps it when the rest goes dark.
  const once = [`--plate:${look.theme.light.surface}`, ...shapeCss(look)].join(';');
  if (only) return `:root{color-scheme:${only};${block(look.theme[only])};${once}}\n`;
  return `:root{color-scheme:light dark;${block(look.theme.light)};${once}}
@media (prefers-color-scheme:dark){:root{${block(look.theme.dark)}}}
`;
}

const tokenNames = Object.keys(colourProperties) as (keyof Tokens)[];
