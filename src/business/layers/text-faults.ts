/** Whether the texts of a brand's own fit the catalogues: each fills in what the catalogue's fills in, and nothing else. Pure. */
import type { ChainFault, Surroundings } from './check-configuration.ts';
import { didYouMean, glimpse } from './fault.ts';
import type { EffectiveSettings } from './settings-shape.ts';

/** The catalogues. */
type TextSurroundings = Pick<Surroundings, 'catalogueText' | 'catalogueKeys'>;

/**
 * Texts that fill in other values than the catalogue's, or stand under a key that no catalogue has.
 * @param settings joined settings of a chain
 * @param around the catalogues
 */
export function textFaults(
  { texts }: Pick<EffectiveSettings, 'texts'>,
  around: TextSurroundings,
): ChainFault[] {
  return Object.entries(texts).flatMap(([locale, own]) =>
    Object.entries(own).flatMap(([key, text]): ChainFault[] => {
      const keys = ['texts', locale, key];
      const usual = around.catalogueText(locale, key);
      if (usual === undefined)
        return [
          {
            keys,
            code: 'unknown_key' as const,
            expected: didYouMean(key, around.catalogueKeys()),
            got: 'an unknown key',
          },
        ];
      const allowed = placeholders(usual);
      const extra = placeholders(text).filter((name) => !allowed.includes(name));
      if (extra.length === 0) return [];
      const expected =
        allowed.length > 0
          ? `no values but ${allowed.map((name) => `{{${name}}}`).join(', ')}`
          : 'no {{values}}';
      return [{ keys, code: 'shape' as const, expected, got: glimpse(text) }];
    }),
  );
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{\{\s*([^},\s]+)[^}]*\}\}/g)].map(([, name = '']) => name);
}
