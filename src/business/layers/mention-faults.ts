/**
 * Whether what layers name is there: a scope, role or purpose that nobody knows would open nothing to anybody and ask
 * nothing of anybody, without a word. Clients are registered beside the configuration, maybe later: see
 * {@link unknownClients}. Pure.
 */
import { staffRoles } from '../profiles/attribute-access.ts';
import type { DocumentIds } from './asking-faults.ts';
import { type ConfigurationFault, didYouMean, glimpse } from './fault.ts';
import type { Items } from './folder.ts';
import { isObject } from './json.ts';
import { type Mention, mentionsIn } from './mentions.ts';

/** What a configuration's layers may name. */
export interface Known {
  /** Scopes that exist whatever layers say: of the protocol, of the issuer's APIs and of the program's. */
  scopes: readonly string[];
  documents: DocumentIds;
}

/**
 * Every scope, role and purpose that layers name and nobody knows.
 * @param items every item
 * @param known what is there; scopes that give attributes are found in the items
 */
export function mentionFaults(items: Items, { scopes, documents }: Known): ConfigurationFault[] {
  const names = {
    scope: new Set([...scopes, ...givingScopes(items)]),
    role: new Set<string>(staffRoles),
    purpose: new Set(documents.purposes),
  };
  const faults: ConfigurationFault[] = [];
  for (const mention of mentionsIn(items)) {
    const { item, key, kind, name, said } = mention;
    if (kind === 'client' || names[kind].has(name)) continue;
    const isOther = kind === 'purpose' && documents.others.includes(name);
    const expected = isOther
      ? 'a purpose, which is always optional'
      : didYouMean(said, alike(mention, names[kind]));
    faults.push({ item, key, code: isOther ? 'shape' : 'unknown_item', expected, got: glimpse(said) });
  }
  return faults;
}

/** Scopes that any layer makes under `claims`: what is read or asked everywhere may belong to one brand's scope. */
function givingScopes(items: Items): string[] {
  return [...items.values()].flatMap(({ claims }) =>
    claims !== undefined && isObject(claims)
      ? Object.entries(claims).flatMap(([scope, names]) => (Array.isArray(names) ? [scope] : []))
      : [],
  );
}

/** Known names as they would stand in the same place. */
function alike({ said, name }: Mention, known: Iterable<string>): string[] {
  const prefix = said.slice(0, said.length - name.length);
  return [...known].map((each) => `${prefix}${each}`);
}

/**
 * The clients that layers name, each once.
 * @param items every item
 */
export function clientsNamed(items: Items): string[] {
  const ids = [...mentionsIn(items)].flatMap(({ kind, name }) => (kind === 'client' ? [name] : []));
  return [...new Set(ids)];
}

/**
 * Every place that names a client nobody has registered. It is right as soon as somebody has: a warning, no fault.
 * @param items every item
 * @param registered those of {@link clientsNamed} that are registered
 * @param others further registered clients, to say which one may have been meant
 */
export function unknownClients(
  items: Items,
  registered: ReadonlySet<string>,
  others: readonly string[],
): ConfigurationFault[] {
  const known = [...new Set([...registered, ...others])];
  return [...mentionsIn(items)].flatMap((mention): ConfigurationFault[] => {
    const { item, key, kind, name, said } = mention;
    if (kind !== 'client' || registered.has(name)) return [];
    const near = didYouMean(said, alike(mention, known));
    const expected = near.includes('did you mean') ? near.replace('known key', 'registered client') : aClient;
    return [{ item, key, code: 'unknown_item', expected, got: glimpse(said) }];
  });
}

const aClient = 'a registered client';
