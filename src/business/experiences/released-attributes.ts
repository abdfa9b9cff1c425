/** Which attributes an app gets: with a scope, or by their names. Consent to their purposes is asked elsewhere. Pure. */
import type { EffectiveSettings } from '../layers/settings-shape.ts';
import { mayRead } from '../profiles/attribute-access.ts';
import type { AttributeDefinition } from '../profiles/attribute-shape.ts';

type Said = Pick<EffectiveSettings, 'attributes' | 'claims'>;

/** An app with the scopes it was given, or asks for. */
export interface AskingApp {
  clientId: string;
  scopes: readonly string[];
}

const none: readonly string[] = [];

/**
 * The attributes that a scope gives an app: those the layers name for it, as far as their definitions let the app read
 * them.
 * @param said what the layers of the app's experience say
 * @param app the app and its scopes
 * @param scope one of them
 */
export function attributesOfScope(said: Said, app: AskingApp, scope: string): readonly string[] {
  if (!Object.hasOwn(said.claims, scope)) return none;
  return (said.claims[scope] ?? none).filter((name) => isReadable(said, app, name));
}

/**
 * The attributes that all scopes of an app give it, each once.
 * @param said what the layers of the app's experience say
 * @param app the app and its scopes
 */
export function attributesOfScopes(said: Said, app: AskingApp): readonly string[] {
  if (!app.scopes.some((scope) => Object.hasOwn(said.claims, scope))) return none;
  return [...new Set(app.scopes.flatMap((scope) => attributesOfScope(said, app, scope)))];
}

/**
 * Those of the names that are attributes the app may ask for by name (the `claims` parameter).
 * @param said what the layers of the app's experience say
 * @param app the app and its scopes
 * @param names as the app gave them
 */
export function attributesByName(said: Said, app: AskingApp, names: readonly string[]): readonly string[] {
  return names.filter((name) => isReadable(said, app, name));
}

/**
 * Those of the attributes that the member's home market lets the app read too, where it guards them: what was promised
 * there goes with the member.
 * @param home what the layers say in the member's home market
 * @param app the app and its scopes
 * @param names of attributes that the app's own layers let it read
 */
export function readableAtHome(home: Said, app: AskingApp, names: readonly string[]): readonly string[] {
  return names.filter((name) => !guardOf(home, name) || isReadable(home, app, name));
}

/**
 * The definition by which a member's home market guards an attribute, from apps that stand elsewhere too; undefined
 * where it does not.
 * @param home what the layers say in the member's home market
 * @param name of the attribute
 */
export function guardOf(home: Pick<Said, 'attributes'>, name: string): AttributeDefinition | undefined {
  const definition = definitionOf(home, name);
  return definition?.class === 'sensitive' ? definition : undefined;
}

function definitionOf(
  { attributes }: Pick<Said, 'attributes'>,
  name: string,
): AttributeDefinition | undefined {
  return Object.hasOwn(attributes, name) ? attributes[name] : undefined;
}

function isReadable(said: Said, { clientId, scopes }: AskingApp, name: string): boolean {
  const definition = definitionOf(said, name);
  return definition !== undefined && mayRead(definition, { kind: 'client', id: clientId, scopes });
}
