/** A palette as a page shows it: colours by their roles, and how well they can be told apart. Pure. */
import type { Tokens } from '../../base/http/brand-look.ts';
import { colourOf, colourPairs, contrastRatio } from '../../base/http/contrast.ts';
import { tokensShape } from '../../business/layers/look-shape.ts';

/** The roles of colours, in the order in which pages name them. */
export const tokenNames = Object.keys(tokensShape) as (keyof Tokens)[];

/** One colour on another. */
export interface PairShown {
  back: string;
  ratio: string;
  isEnough: boolean;
}

/** A colour in one scheme, on everything that pages show it on. */
export interface TokenShown {
  colour: string;
  on: readonly PairShown[];
}

/**
 * A ratio in hundredths, cut off: what is too little must never look like enough.
 * @param ratio 1 to 21
 */
export function shownRatio(ratio: number): string {
  return (Math.floor(ratio * 100) / 100).toFixed(2);
}

/**
 * A colour with its contrast to everything that pages show it on.
 * @param tokens colours of the scheme, as `#rrggbb`
 * @param name its role
 */
export function tokenShown(tokens: Tokens, name: keyof Tokens): TokenShown {
  const on = colourPairs
    .filter(({ front }) => front === name)
    .map(({ back, needed }) => {
      const ratio = contrastRatio(tokens[name], colourOf(tokens, back));
      return { back, ratio: shownRatio(ratio), isEnough: ratio >= needed };
    });
  return { colour: tokens[name], on };
}

/**
 * The least contrast of a colour with what it is shown on; undefined where it is never in front.
 * @param name its role
 */
export function neededOf(name: keyof Tokens): number | undefined {
  return colourPairs.find(({ front }) => front === name)?.needed;
}
