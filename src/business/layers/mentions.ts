/** Where the layers of a configuration name a thing that stands elsewhere: scopes, roles, purposes, clients. Pure. */
import type { Items } from './folder.ts';
import { type ItemName, parseItemPath } from './item-path.ts';
import { isObject, type Json, type JsonObject, keyPath } from './json.ts';

/** What is named. */
export type MentionKind = 'scope' | 'role' | 'client' | 'purpose';

/** A place that names something. */
export interface Mention {
  item: string;
  key: string;
  kind: MentionKind;
  name: string;
  /** As it stands there, such as `scope:travel`. */
  said: string;
}

/**
 * Everything that the layers name, each where it stands. What has not the shape it should have names nothing.
 * @param items every item
 */
export function* mentionsIn(items: Items): Generator<Mention> {
  for (const [item, document] of items) {
    const name = parseItemPath(item);
    if (!name || name.kind === 'legal') continue;
    yield* ofSite(item, name);
    for (const [attribute, definition] of partsOf(document, 'attributes'))
      yield* ofAttribute(item, attribute, definition);
    for (const [rule, { when }] of partsOf(document, 'profiling')) {
      if (!isObject(when)) continue;
      yield* listed(item, ['profiling', rule, 'when', 'clients'], when.clients, 'client');
      yield* listed(item, ['profiling', rule, 'when', 'scopes'], when.scopes, 'scope');
    }
    const asked = isObject(document.purposes) ? document.purposes.askAtRegistration : undefined;
    yield* listed(item, ['purposes', 'askAtRegistration'], asked, 'purpose');
  }
}

/**
 * The items that open attributes to a client by its id, registered or not.
 * @param items every item
 * @param client id of the client
 */
export function opensTo(items: Items, client: string): string[] {
  const access = [...mentionsIn(items)].filter(({ said }) => said === `client:${client}`);
  return [...new Set(access.map(({ item }) => item))];
}

function* ofSite(item: string, name: ItemName): Generator<Mention> {
  if (name.kind === 'site') yield { item, key: '', kind: 'client', name: name.site, said: name.site };
}

function* ofAttribute(item: string, attribute: string, definition: JsonObject): Generator<Mention> {
  const { purpose } = definition;
  if (typeof purpose === 'string') {
    const key = keyPath(['attributes', attribute, 'purpose']);
    yield { item, key, kind: 'purpose', name: purpose, said: purpose };
  }
  for (const access of ['read', 'write']) {
    for (const [at, said] of textsIn(definition[access])) {
      const [, kind, name = ''] = /^(scope|role|client):(.+)$/.exec(said) ?? [];
      const key = keyPath(['attributes', attribute, access, at]);
      if (kind) yield { item, key, kind: kind as 'scope' | 'role' | 'client', name, said };
    }
  }
}

function* listed(
  item: string,
  keys: readonly string[],
  list: Json | undefined,
  kind: MentionKind,
): Generator<Mention> {
  for (const [at, name] of textsIn(list)) yield { item, key: keyPath([...keys, at]), kind, name, said: name };
}

function textsIn(list: Json | undefined): [at: string, text: string][] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((text: Json, at) => (typeof text === 'string' ? [[String(at), text]] : []));
}

function partsOf(document: JsonObject, part: string): [string, JsonObject][] {
  const parts = document[part];
  if (parts === undefined || !isObject(parts)) return [];
  return Object.entries(parts).filter((entry): entry is [string, JsonObject] => isObject(entry[1]));
}
