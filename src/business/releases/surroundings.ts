/** What a configuration is judged against in this process. */
import { readCatalogues } from '../../base/i18n/i18n.ts';
import type { Surroundings } from '../layers/check-configuration.ts';

/** What only the process knows. */
export type Limits = Pick<Surroundings, 'methods' | 'sessionAbsolute'> &
  Partial<Pick<Surroundings, 'levelsOf' | 'scopes' | 'siteOf' | 'publishedHash' | 'alsoCheck'>>;

/**
 * Everything a configuration may name: the catalogues' languages and keys, and what the process adds.
 * @param limits ways to sign in, longest session, and what the database knows where it is open
 */
export function createSurroundings(limits: Limits): Surroundings {
  const catalogues = readCatalogues();
  const keys = [...new Set([...catalogues.values()].flatMap((texts) => Object.keys(texts)))];
  return {
    locales: [...catalogues.keys()],
    catalogueText: (locale, key) => {
      const texts = catalogues.get(locale);
      return texts && Object.hasOwn(texts, key) ? texts[key] : undefined;
    },
    catalogueKeys: () => keys,
    levelsOf: () => [],
    scopes: [],
    siteOf: () => undefined,
    publishedHash: () => undefined,
    ...limits,
  };
}
