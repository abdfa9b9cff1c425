/**
 * Every scope and attribute that any layer of any live release releases to apps: what the protocol must know to take a
 * request apart. What a particular app gets is decided by its own experience (released-attributes.ts). Pure.
 */
import type { Configuration } from '../layers/configuration.ts';
import { isObject, type Json } from '../layers/json.ts';
import type { LiveConfiguration } from '../releases/live.ts';

/** Scopes and attributes that exist for apps somewhere. */
export interface ClaimVocabulary {
  /** Attributes by the scope that gives them. */
  readonly scopes: Readonly<Record<string, readonly string[]>>;
  /** Attributes that some app may ask for by name. */
  readonly names: readonly string[];
}

const known = new WeakMap<Configuration, { scopes: Map<string, Set<string>>; names: Set<string> }>();

/**
 * The vocabulary of what is live, in one order whatever the releases are.
 * @param live every release that is live somewhere
 */
export function claimVocabulary(live: Pick<LiveConfiguration, 'releases'>): ClaimVocabulary {
  const scopes = new Map<string, Set<string>>();
  const names = new Set<string>();
  for (const { configuration } of live.releases()) {
    const own = known.get(configuration) ?? vocabularyOf(configuration);
    known.set(configuration, own);
    for (const name of own.names) names.add(name);
    for (const [scope, given] of own.scopes)
      scopes.set(scope, new Set([...(scopes.get(scope) ?? []), ...given]));
  }
  return {
    scopes: Object.fromEntries([...scopes].sort(byKey).map(([scope, given]) => [scope, [...given].sort()])),
    names: [...names].sort(),
  };
}

const byKey = ([one]: [string, unknown], [other]: [string, unknown]) => (one < other ? -1 : 1);

/** What layers say for themselves adds up to more than any chain of them says together, never to less. */
function vocabularyOf({ items }: Configuration) {
  const scopes = new Map<string, Set<string>>();
  const names = new Set<string>();
  for (const { claims, attributes } of items.values()) {
    for (const [scope, given] of entriesOf(claims)) {
      if (Array.isArray(given))
        scopes.set(scope, new Set([...(scopes.get(scope) ?? []), ...given.map(String)]));
    }
    for (const [name, definition] of entriesOf(attributes)) {
      const read = isObject(definition) ? definition.read : undefined;
      if (Array.isArray(read) && read.some((who) => /^(?:scope|client):/.test(String(who)))) names.add(name);
    }
  }
  return { scopes, names };
}

function entriesOf(part: Json | undefined): [string, Json][] {
  return isObject(part) ? Object.entries(part) : [];
}
