/**
 * Writes an SVG anew from what its reader has kept: allowed elements and attributes only, ids of its own, nothing
 * that leads out of it. It is made to stand inside a page, where markup has other rules than XML: therefore nothing
 * of the file's own text is ever kept as it stood.
 */
import { digest } from '../../kernel/sealing.ts';
import type { LogoFault } from './logo.ts';
import { type Drawing, type Element, Refused, readSvg, rootOnly, walk } from './svg-reader.ts';
import { type Kept, shapes } from './svg-rules.ts';

/** Elements that are drawn in the end, when everything that is referred to is counted each time. */
const mostDrawn = 20_000;
/** Height of a logo's box on pages, in CSS pixels. */
const shownHeight = 32;

/**
 * Writes an SVG anew.
 * @param bytes the file, in UTF-8
 * @returns markup for a page and what was left out, or why the file is refused
 */
export function cleanSvg(bytes: Uint8Array): { markup: string; dropped: string[] } | { fault: LogoFault } {
  try {
    const drawing = readSvg(bytes);
    const { root } = drawing;
    if (![...walk(root)].some(({ name }) => shapes.has(name))) throw new Refused('logo.unreadable');
    fitRoot(root);
    countDrawn(drawing);
    // The ids come from the drawing itself, so that the same logo is always the same markup.
    const name = digest(write(drawing, ''))
      .replaceAll(/[^a-z0-9]/gi, '')
      .slice(0, 8);
    return { markup: write(drawing, `l${name}-`), dropped: [...drawing.dropped].sort().slice(0, 20) };
  } catch (error) {
    if (error instanceof Refused) return { fault: error.fault };
    throw error;
  }
}

/** What would let a drawing leave its box, and lie over the page it stands in. */
const beyondBox = ['overflow', 'transform', 'display', 'visibility'];

/** The box that is drawn, and the size it has where no style sheet says another. */
function fitRoot(root: Element): void {
  const textOf = (name: string) => {
    const kept = root.attributes.get(name);
    return kept && 'value' in kept ? kept.value : '';
  };
  const sizes = ['width', 'height'].map((name) => /^\s*([\d.]+)(?:px)?\s*$/.exec(textOf(name))?.[1] ?? '');
  const given = textOf('viewBox').trim();
  const box = (given === '' ? ['0', '0', ...sizes] : given.split(/[\s,]+/)).map((part) =>
    part === '' ? Number.NaN : Number(part),
  );
  const [, , width = 0, height = 0] = box;
  if (box.length !== 4 || !box.every(Number.isFinite) || width <= 0 || height <= 0)
    throw new Refused('logo.unreadable');
  for (const name of [...rootOnly, ...beyondBox]) root.attributes.delete(name);
  const shownWidth = Math.min(Math.max((shownHeight * width) / height, 1), shownHeight * 10);
  const others = [...root.attributes];
  root.attributes = new Map<string, Kept>([
    ['viewBox', { value: box.join(' ') }],
    ['width', { value: String(Math.round(shownWidth * 100) / 100) }],
    ['height', { value: String(shownHeight) }],
    ['aria-hidden', { value: 'true' }],
    ['focusable', { value: 'false' }],
    ...others,
  ]);
}

/**
 * Counts what a browser would draw. Elements that refer to each other could stand for millions, or for ever.
 * @throws Refused `logo.unsafe`
 */
function countDrawn({ root, byId }: Drawing): void {
  const known = new Map<Element, number>();
  const count = (element: Element): number => {
    const before = known.get(element);
    if (before !== undefined) return before;
    // Whoever comes back here while it is being counted has found a circle.
    known.set(element, Number.POSITIVE_INFINITY);
    let drawn = 1;
    for (const child of element.children) drawn += count(child);
    for (const kept of element.attributes.values()) {
      const target = 'ref' in kept ? byId.get(kept.ref) : undefined;
      if (target) drawn += count(target);
    }
    known.set(element, drawn);
    return drawn;
  };
  if (count(root) > mostDrawn) throw new Refused('logo.unsafe');
}

/** The drawing as markup; only what is referred to has an id, counted from one. */
function write({ root, byId }: Drawing, prefix: string): string {
  const names = new Map<Element, string>();
  for (const element of walk(root)) {
    for (const kept of element.attributes.values()) {
      const target = 'ref' in kept ? byId.get(kept.ref) : undefined;
      if (target && !names.has(target)) names.set(target, `${prefix}${names.size + 1}`);
    }
  }
  const attribute = (name: string, kept: Kept): string => {
    if ('value' in kept) return ` ${name}="${escaped(kept.value)}"`;
    const target = byId.get(kept.ref);
    const id = target && names.get(target);
    if (name === 'href') return id ? ` href="#${id}"` : '';
    // What leads to nothing paints, clips and hides nothing.
    return ` ${name}="${escaped(id ? `url(#${id}) ${kept.fallback}`.trim() : kept.fallback || 'none')}"`;
  };
  const markup = (element: Element): string => {
    const id = names.get(element);
    const attributes = [...element.attributes].map(([name, kept]) => attribute(name, kept)).join('');
    const start = `<${element.name}${id ? ` id="${id}"` : ''}${attributes}`;
    const inside = element.children.map(markup).join('');
    return inside ? `${start}>${inside}</${element.name}>` : `${start}/>`;
  };
  return markup(root);
}

function escaped(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
