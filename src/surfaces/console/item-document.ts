/** An item as a document that somebody has written: read, and what is wrong with it found again in their text. Pure. */
import { DomainError } from '../../base/kernel/errors.ts';
import { placesIn } from '../../business/layers/document-places.ts';
import { ConfigurationRefused } from '../../business/layers/fault.ts';
import { parseDocument, unreadable } from '../../business/layers/folder.ts';
import { isObject, type Json, type JsonObject } from '../../business/layers/json.ts';
import { largestDocument } from '../admin/access.ts';
import type { ConsoleRefused } from './refusals.ts';

/**
 * Longest YAML, in characters: reading it takes longer than it is long, and holds up everybody while it does. What is
 * longer comes as JSON.
 */
const longestYaml = 32 * 1024;

/**
 * A document as somebody wrote it: JSON, or YAML.
 * @param item its path
 * @param text as it was written
 * @throws ConfigurationRefused when it is neither; DomainError `input.too_large`
 */
export function readDocument(item: string, text: string): Json {
  if (text.length > largestDocument) throw new DomainError('input.too_large');
  const isJson = isJsonText(text);
  if (!isJson && text.length > longestYaml) {
    const expected = `at most ${longestYaml} characters of YAML, or JSON`;
    const got = `${text.length} characters`;
    throw new ConfigurationRefused([{ item, key: '', code: 'limit', expected, got }]);
  }
  try {
    const document = parseDocument(withPlainEnds(text), isJson ? 'x.json' : 'x.yaml') as Json;
    if (!isObject(document)) return document;
    // Files of a configuration folder say where their schema is.
    const { $schema: _schema, ...rest } = document as JsonObject;
    return rest;
  } catch (error) {
    const got = unreadable(error);
    throw new ConfigurationRefused([
      { item, key: '', code: 'syntax', expected: isJson ? 'valid JSON' : 'valid JSON or YAML', got },
    ]);
  }
}

/**
 * A refusal that says of each fault in which line of the text it is.
 * @param refused what was refused
 * @param written the item, and its document as it was written
 */
export function faultPlaces(
  refused: ConsoleRefused,
  { item, document }: { item: string; document: string },
): ConsoleRefused {
  const isRead = document.length <= (isJsonText(document) ? largestDocument : longestYaml);
  if (!refused.documentFaults || !isRead) return refused;
  const placeOf = placesIn(withPlainEnds(document), isJsonText(document));
  const documentFaults = refused.documentFaults.map((fault) =>
    fault.item === item ? { ...fault, at: placeOf(fault.path) } : fault,
  );
  return { ...refused, documentFaults };
}

const isJsonText = (text: string) => /^\s*[[{]/.test(text);

/** Forms send `\r\n`. */
const withPlainEnds = (text: string) => text.replaceAll('\r\n', '\n');
