/**
 * Where in a text the parts of its document stand, and where a text stops being one: for people who wrote it and are
 * told what is wrong with it. Never says what a document means. Pure.
 */
import { isMap, isScalar, isSeq, parseDocument as parseYaml } from 'yaml';
import { jsonPointer } from '../../base/http/document-faults.ts';

/** A place in a text, as people count. */
export interface TextPlace {
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 code units, as editors count. */
  column: number;
  /** The line, cut short around the place. */
  excerpt: string;
}

/** Where parts of a document stand, by their JSON pointers, and where its text cannot be read any further. */
interface Offsets {
  parts: ReadonlyMap<string, number>;
  broken: number | undefined;
}

/** Characters of a line that are shown, and how many of them stand before the place. */
const shownLength = 120;
const shownBefore = 40;

/**
 * Finds parts of a document in its text.
 * @param text as it was written, line ends as `\n`
 * @param isJson whether it is JSON; else it is YAML
 * @returns tells the place of a JSON pointer: of its key, or of what is nearest around it where it is not there; of
 * the first mistake where the text cannot be read
 */
export function placesIn(text: string, isJson: boolean): (pointer: string) => TextPlace {
  const { parts, broken } = isJson ? jsonOffsets(text) : yamlOffsets(text);
  return (pointer) => {
    let around = pointer;
    while (around !== '' && !parts.has(around)) around = around.slice(0, around.lastIndexOf('/'));
    return placeAt(text, broken ?? parts.get(around) ?? 0);
  };
}

function placeAt(text: string, offset: number): TextPlace {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf('\n') + 1;
  const [line = ''] = text.slice(start).split('\n', 1);
  const from = line.length > shownLength ? Math.max(0, offset - start - shownBefore) : 0;
  const cut = line.slice(from, from + shownLength).trim();
  return {
    line: before.split('\n').length,
    column: offset - start + 1,
    excerpt: `${from > 0 ? '…' : ''}${cut}${from + shownLength < line.length ? '…' : ''}`,
  };
}

const jsonText = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*"/uy;
const jsonWord = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.])/uy;

/** Reads JSON (RFC 8259) as far as it is such. */
function jsonOffsets(text: string): Offsets {
  const parts = new Map<string, number>();
  let at = 0;
  const skip = () => {
    while (' \t\n\r'.includes(text[at] ?? '-')) at += 1;
  };
  const take = (shape: RegExp): string => {
    skip();
    shape.lastIndex = at;
    const [found] = shape.exec(text) ?? [];
    if (found === undefined) throw new SyntaxError();
    at += found.length;
    return found;
  };
  const value = (pointer: string): void => {
    skip();
    if (text[at] === '{')
      within(/\}/y, () => {
        skip();
        const start = at;
        const own = pointer + jsonPointer([JSON.parse(take(jsonText))]);
        parts.set(own, start);
        take(/:/y);
        value(own);
      });
    else if (text[at] === '[')
      within(/\]/y, (index) => {
        skip();
        const own = `${pointer}/${index}`;
        parts.set(own, at);
        value(own);
      });
    else take(text[at] === '"' ? jsonText : jsonWord);
  };
  const within = (end: RegExp, one: (index: number) => void): void => {
    at += 1;
    skip();
    for (let index = 0; index > 0 || !end.test(text.charAt(at)); index += 1) {
      one(index);
      skip();
      if (text[at] !== ',') break;
      at += 1;
    }
    take(end);
  };
  try {
    value('');
    take(/$/y);
  } catch (error) {
    if (error instanceof SyntaxError) return { parts, broken: at };
    // Deeper than anything that is taken: whatever is wrong with it is told without a place.
    if (!(error instanceof RangeError)) throw error;
  }
  return { parts, broken: undefined };
}

function yamlOffsets(text: string): Offsets {
  const parts = new Map<string, number>();
  const { contents, errors } = parseYaml(text, { logLevel: 'silent' });
  const visit = (node: unknown, pointer: string): void => {
    if (isMap(node))
      for (const { key, value } of node.items) {
        if (!isScalar(key)) continue;
        const own = pointer + jsonPointer([String(key.value)]);
        if (key.range) parts.set(own, key.range[0]);
        visit(value, own);
      }
    if (isSeq(node))
      for (const [index, item] of node.items.entries()) {
        const own = `${pointer}/${index}`;
        if ((isMap(item) || isSeq(item) || isScalar(item)) && item.range) parts.set(own, item.range[0]);
        visit(item, own);
      }
  };
  visit(contents, '');
  return { parts, broken: errors[0]?.pos[0] };
}
