/**
 * Reads an SVG strictly into what may be kept of it. Whatever XML does not allow is refused, and so is every
 * declaration of a document type, with which entities could be told; what is not on the lists is left out.
 */
import { type SaxesAttributeNS, SaxesParser, type SaxesTagNS } from 'saxes';
import type { LogoFault } from './logo.ts';
import {
  type ClassRule,
  classRules,
  elements,
  type Kept,
  keptValue,
  silent,
  silentAttributes,
  styledAttributes,
} from './svg-rules.ts';

const svgNamespace = 'http://www.w3.org/2000/svg';
const xlinkNamespace = 'http://www.w3.org/1999/xlink';
const mostElements = 3_000;
const mostDepth = 60;
/** What style sheets say in all: each element is asked about each of them. */
const mostDeclarations = 2_000;

/** An element that is kept. */
export interface Element {
  name: string;
  id: string | undefined;
  attributes: Map<string, Kept>;
  children: Element[];
}

/** An SVG as it was understood. */
export interface Drawing {
  root: Element;
  byId: ReadonlyMap<string, Element>;
  /** Names of what was left out. */
  dropped: ReadonlySet<string>;
}

/** Leaves the reading at once. */
export class Refused extends Error {
  readonly fault: LogoFault;

  /** @param fault why the file is refused */
  constructor(fault: LogoFault) {
    super(fault);
    this.fault = fault;
  }
}

/** Attributes of the root that say how large it is; written anew. */
export const rootOnly: ReadonlySet<string> = new Set([
  ...['viewBox', 'width', 'height', 'x', 'y', 'preserveAspectRatio', 'zoomAndPan'],
]);

/**
 * Reads an SVG.
 * @param bytes the file, in UTF-8
 * @throws Refused
 */
export function readSvg(bytes: Uint8Array): Drawing {
  const reading = beginReading();
  const parser = new SaxesParser({ xmlns: true, position: false });
  parser.on('error', () => {
    throw new Refused('logo.unreadable');
  });
  parser.on('doctype', () => {
    throw new Refused('logo.unsafe');
  });
  parser.on('xmldecl', ({ encoding = 'utf-8' }) => {
    if (!/^utf-?8$/i.test(encoding)) throw new Refused('logo.unreadable');
  });
  parser.on('processinginstruction', ({ target }) => reading.drop(target));
  parser.on('opentag', reading.enter);
  parser.on('closetag', reading.leave);
  parser.on('text', reading.say);
  parser.on('cdata', reading.say);
  parser.write(decodeText(bytes)).close();
  return reading.end();
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Refused('logo.unreadable');
  }
}

/** Gathers elements as the parser meets them; attributes are judged at the end, when every style sheet is known. */
function beginReading() {
  const dropped = new Set<string>();
  const drop = (name: string) => void dropped.add(printable(name));
  const rules: ClassRule[] = [];
  let declarations = 0;
  const kept: { element: Element; tag: SaxesTagNS }[] = [];
  const open: Element[] = [];
  let count = 0;
  /** How deep we are in something that is left out. */
  let outside = 0;
  let css: string | undefined;
  return {
    drop,
    enter(tag: SaxesTagNS) {
      count += 1;
      if (count > mostElements || open.length > mostDepth) throw new Refused('logo.too_large');
      const isSvg = tag.uri === svgNamespace || tag.uri === '';
      const isRoot = kept.length === 0;
      if (isRoot && !(isSvg && tag.local === 'svg')) throw new Refused('logo.unsupported');
      if (outside === 0 && isSvg && tag.local === 'style') css = '';
      if (outside > 0 || !isSvg || !elements.has(tag.local) || (!isRoot && tag.local === 'svg')) {
        if (outside === 0 && isSvg && !silent.has(tag.local)) drop(tag.local);
        outside += 1;
        return;
      }
      const id = tag.attributes.id?.value;
      const element: Element = { name: tag.local, id, attributes: new Map(), children: [] };
      kept.push({ element, tag });
      open.at(-1)?.children.push(element);
      open.push(element);
    },
    say(text: string) {
      if (css !== undefined) css += text;
    },
    leave() {
      if (outside === 0) {
        open.pop();
        return;
      }
      outside -= 1;
      if (outside > 0 || css === undefined) return;
      const sheet = classRules(css);
      css = undefined;
      for (const rule of sheet.rules) {
        declarations += 1 + rule.attributes.length;
        if (declarations > mostDeclarations) throw new Refused('logo.too_large');
        rules.push(rule);
      }
      sheet.dropped.forEach(drop);
    },
    end(): Drawing {
      const root = kept[0]?.element;
      if (!root) throw new Refused('logo.unreadable');
      for (const { element, tag } of kept) addAttributes(element, tag, { rules, drop });
      const withId = kept.flatMap(({ element }) => (element.id ? [[element.id, element] as const] : []));
      return { root, byId: new Map(withId), dropped };
    },
  };
}

/** What judging attributes needs to know. */
interface Styles {
  rules: readonly ClassRule[];
  drop(name: string): void;
}

/** Attributes first, then the rules of its classes, then its own style: the later one counts, as in CSS. */
function addAttributes(element: Element, tag: SaxesTagNS, { rules, drop }: Styles): void {
  for (const attribute of Object.values(tag.attributes)) addAttribute(element, attribute, drop);
  const classes = new Set((tag.attributes.class?.value ?? '').split(/\s+/));
  const said = rules.flatMap(({ name, attributes }) => (classes.has(name) ? attributes : []));
  const own = styledAttributes(tag.attributes.style?.value ?? '');
  for (const [name, value] of [...said, ...own.kept]) element.attributes.set(name, value);
  own.dropped.forEach(drop);
}

function addAttribute(element: Element, attribute: SaxesAttributeNS, drop: Styles['drop']): void {
  const { local, prefix, uri, value } = attribute;
  if (local === 'href' && (uri === '' || uri === xlinkNamespace)) {
    const [, ref] = /^\s*#(\S{1,100})\s*$/.exec(value) ?? [];
    const leads = element.name === 'use' || element.name.endsWith('Gradient');
    if (ref !== undefined && leads) element.attributes.set('href', { ref, fallback: '' });
    else drop('href');
    return;
  }
  // Attributes of drawing programs, and namespaces themselves, draw nothing.
  if (uri !== '' || prefix !== '' || local === 'xmlns' || isSilent(local)) return;
  if (element.name === 'svg' && rootOnly.has(local)) {
    element.attributes.set(local, { value });
    return;
  }
  const kept = keptValue(local, value);
  if (kept) element.attributes.set(local, kept);
  else drop(local);
}

const isSilent = (name: string) => silentAttributes.has(name) || /^(?:data|aria)-/.test(name);

/** Names come from the file: what does not look like one is not repeated. */
function printable(name: string): string {
  return /^[\w:. -]{1,40}$/.test(name) ? name : 'an unknown part';
}

/**
 * An element and everything in it, in order.
 * @param element where to begin
 */
export function* walk(element: Element): Generator<Element> {
  yield element;
  for (const child of element.children) yield* walk(child);
}
