/** How values of attributes are to be kept in a market, whichever brand or site asked for them. Pure. */
import type { Configuration } from '../layers/configuration.ts';
import { parseItemPath } from '../layers/item-path.ts';
import { isObject, type Json } from '../layers/json.ts';

/** How values of one attribute are to be kept. */
export interface Keeping {
  /** Days after which a value that nobody renewed is removed. */
  retentionDays: number | undefined;
  /** Sealed with the member's key. */
  sealed: boolean;
}

/**
 * The strictest that any brand in the market, or any site, says of each attribute: values do not tell which brand's
 * definition they were given under, and the strictest promise was made to somebody.
 * @param configuration what is live in the market
 * @param market id of the market
 */
export function keepingIn(configuration: Configuration, market: string): ReadonlyMap<string, Keeping> {
  const rules = new Map<string, Keeping>();
  const say = (name: string, said: { retentionDays?: unknown; class?: unknown }) => {
    const { retentionDays, sealed } = rules.get(name) ?? { retentionDays: undefined, sealed: false };
    const days = typeof said.retentionDays === 'number' ? said.retentionDays : undefined;
    rules.set(name, {
      retentionDays: days === undefined ? retentionDays : Math.min(days, retentionDays ?? days),
      sealed: sealed || (said.class !== undefined && said.class !== null && said.class !== 'trait'),
    });
  };
  for (const brand of configuration.brands.keys()) {
    const { attributes } = configuration.settingsOf({ brand, market });
    for (const [name, definition] of Object.entries(attributes)) say(name, definition);
  }
  for (const [path, document] of configuration.items) {
    if (parseItemPath(path)?.kind !== 'site') continue;
    for (const [name, part] of Object.entries(objectOf(document.attributes))) say(name, objectOf(part));
  }
  return rules;
}

function objectOf(value: Json | undefined): Readonly<Record<string, Json>> {
  return value !== undefined && isObject(value) ? value : {};
}
