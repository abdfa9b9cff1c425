/** What is wrong with one item by itself, whatever stands beside it. Pure. */
import { legalItemSchema } from './document-shape.ts';
import type { ConfigurationFault } from './fault.ts';
import { glimpse } from './fault.ts';
import { itemKinds, parseItemPath } from './item-path.ts';
import { isObject, type Json } from './json.ts';
import { layerShapes } from './layer-shapes.ts';
import { parsed } from './shape-faults.ts';
import { unsafeFaults } from './unsafe-json.ts';

/**
 * Every fault of one item that can be seen without the others.
 * @param path the item's path
 * @param document what is to stand there
 */
export function itemFaults(path: string, document: Json): ConfigurationFault[] {
  const fault = (code: ConfigurationFault['code'], expected: string, got: string) => [
    { item: path, key: '', code, expected, got },
  ];
  const name = parseItemPath(path);
  if (!name) return fault('unknown_item', `an item of one of the kinds ${itemKinds.join(', ')}`, 'this path');
  if (!isObject(document)) return fault('shape', 'an object', glimpse(document));
  const unsafe = unsafeFaults(path, document);
  if (unsafe.length > 0) return unsafe;
  return parsed<unknown>(name.kind === 'legal' ? legalItemSchema : layerShapes[name.kind], document, path)
    .faults;
}
