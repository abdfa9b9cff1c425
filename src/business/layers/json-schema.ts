/**
 * The shapes of configuration files as JSON Schema (2020-12), for editors and for whoever writes files by program.
 * What a schema cannot say (references, locks, contrast) is said by `symbolon config check`. Pure.
 */
import { z } from 'zod';
import { documentSchema } from './document-shape.ts';
import { type ItemKind, itemKinds, parseItemPath } from './item-path.ts';
import type { JsonObject } from './json.ts';
import { layerShapes } from './layer-shapes.ts';

/** Folder of the schemas inside a configuration folder. */
const schemaFolder = '.schema';

const titles: Readonly<Record<ItemKind, string>> = {
  program: 'The program: one deployment, one issuer',
  brand: 'A brand of the program',
  region: 'A region: a group of markets',
  market: 'A market: a country or legal region',
  'brand-market': 'A brand in one market',
  site: 'A site: one client',
  legal: 'A legal document',
};

/** The JSON Schema of each kind of item's file. */
export function configurationSchemas(): Record<ItemKind, JsonObject> {
  return Object.fromEntries(
    itemKinds.map((kind) => {
      const shape = kind === 'legal' ? documentSchema : layerShapes[kind];
      const schema = JSON.parse(
        JSON.stringify(z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' })),
      );
      // A file may say where its schema is.
      const properties = { $schema: { type: 'string' }, ...schema.properties };
      return [kind, { ...schema, title: titles[kind], properties }];
    }),
  ) as Record<ItemKind, JsonObject>;
}

/**
 * The address of an item's schema as its file names it.
 * @param path the item's path
 */
export function schemaReference(path: string): string | undefined {
  const kind = parseItemPath(path)?.kind;
  if (!kind) return undefined;
  // A legal document's file lies one folder deeper than its item.
  const depth = path.split('/').length - 1 + (kind === 'legal' ? 1 : 0);
  return `${'../'.repeat(depth) || './'}${schemaFolder}/${kind}.json`;
}

/** The schemas as files of a configuration folder, by path. */
export function schemaFiles(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(configurationSchemas()).map(([kind, schema]) => [
      `${schemaFolder}/${kind}.json`,
      `${JSON.stringify(schema, null, 2)}\n`,
    ]),
  );
}

/**
 * A kind's schema as the repository's own configuration folder holds it.
 * @param kind the kind of item
 */
export const schemaText = (kind: ItemKind): string => schemaFiles()[`${schemaFolder}/${kind}.json`] ?? '';
