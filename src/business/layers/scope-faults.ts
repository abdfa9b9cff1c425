/** What is wrong with what layers say of scopes, judged with everything that a chain says together. Pure. */
import type { ChainFault } from './check-configuration.ts';
import { didYouMean, glimpse } from './fault.ts';
import type { EffectiveSettings } from './settings-shape.ts';

/**
 * The faults of `acr`: a rule for a scope that nobody can ask for protects nothing, and one that nobody can meet locks
 * everybody out.
 * @param settings what a chain says together
 * @param known levels that its ways to sign in reach, and scopes that exist
 */
export function levelFaults(
  { acr, claims }: EffectiveSettings,
  known: { levels: readonly string[]; scopes: readonly string[] },
): ChainFault[] {
  const scopes = [...known.scopes, ...Object.keys(claims)];
  return Object.entries(acr).flatMap(([scope, level]): ChainFault[] => {
    if (!scopes.includes(scope))
      return [
        {
          keys: ['acr', scope],
          code: 'unknown_item',
          expected: didYouMean(scope, scopes),
          got: glimpse(scope),
        },
      ];
    if (known.levels.includes(level.acr)) return [];
    const expected = `a level that the ways to sign in reach (${known.levels.join(', ')})`;
    return [{ keys: ['acr', scope, 'acr'], code: 'unknown_item', expected, got: glimpse(level.acr) }];
  });
}

/** Scopes of the standard that are no API's. */
const standard = ['openid', 'offline_access', 'profile', 'email'];

/** Scopes that say how an app is connected, and nothing of the member. */
const bare = ['openid', 'offline_access'];

/**
 * The faults of `claims`.
 * @param settings what a chain says together
 * @param scopes those that exist without it
 */
export function claimFaults(
  { claims, attributes }: EffectiveSettings,
  scopes: readonly string[],
): ChainFault[] {
  const ofApis = scopes.filter((scope) => !standard.includes(scope));
  return Object.entries(claims).flatMap(([scope, names]) => {
    const why = whyNoScope(scope, names, { ofApis, attributes: Object.keys(attributes) });
    if (why) return [{ keys: ['claims', scope], code: 'shape' as const, expected: why, got: glimpse(scope) }];
    return names.flatMap((name, at): ChainFault[] => {
      const keys = ['claims', scope, String(at)];
      const definition = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
      if (!definition) {
        const expected = didYouMean(name, Object.keys(attributes));
        return [{ keys, code: 'unknown_item', expected, got: glimpse(name) }];
      }
      const read = definition.read ?? [];
      if (read.includes(`scope:${scope}`) || read.some((who) => who.startsWith('client:'))) return [];
      const expected = `an attribute that apps may read (its read names "scope:${scope}" or a client)`;
      return [{ keys, code: 'shape', expected, got: glimpse(name) }];
    });
  });
}

function whyNoScope(
  scope: string,
  names: readonly string[],
  { ofApis, attributes }: { ofApis: readonly string[]; attributes: readonly string[] },
): string | undefined {
  if (bare.includes(scope)) return 'a scope that gives something of the member';
  if (ofApis.includes(scope)) return 'a scope of its own: this one belongs to an API';
  // Protocols tell scopes and claims apart by where they stand; one word for both would mean one thing in some places.
  return attributes.includes(scope) && !names.includes(scope)
    ? 'a scope whose name is no attribute, or that gives the attribute of its name'
    : undefined;
}
