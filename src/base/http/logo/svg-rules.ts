/**
 * What an SVG may hold to be shown inside a page: shapes and how they are painted, and values that cannot lead
 * anywhere. Pure. Everything that is not named here is left out.
 */

/** Elements that draw, group, or describe paint. */
export const elements: ReadonlySet<string> = new Set([
  ...['svg', 'g', 'defs', 'use', 'clipPath', 'mask', 'linearGradient', 'radialGradient', 'stop'],
  ...['path', 'rect', 'circle', 'ellipse', 'line', 'polyline', 'polygon'],
]);

/** Elements that can be seen. */
export const shapes: ReadonlySet<string> = new Set([
  ...['path', 'rect', 'circle', 'ellipse', 'line', 'polyline', 'polygon', 'use'],
]);

/** Elements that say something of the file and draw nothing: left out without a word. */
export const silent: ReadonlySet<string> = new Set(['title', 'desc', 'metadata', 'style']);

/** Attributes that change nothing in what is drawn, or are written anew: left out without a word. */
export const silentAttributes: ReadonlySet<string> = new Set([
  ...['id', 'class', 'style', 'version', 'baseProfile', 'enable-background', 'role', 'focusable', 'lang'],
]);

// Every pattern reads a value once, from left to right: none has two ways to read the same letters.
const number = String.raw`[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?`;
const numbers = /^[\d\s,.+\-eE]*$/;
const length = new RegExp(String.raw`^\s*${number}(?:px|pt|pc|mm|cm|in|em|ex|rem|%)?\s*$`);
const lengths = /^[\d\s,.+\-eE%a-z]{1,200}$/;
const word = /^[a-zA-Z-]{1,30}$/;
const words = /^[a-zA-Z\s-]{1,60}$/;
const path = /^[MmZzLlHhVvCcSsQqTtAa\d\s,.+\-eE]*$/;
const transform =
  /^\s*(?:(?:matrix|translate|scale|rotate|skewX|skewY)\s*\([\d\s,.+\-eE]{0,200}\)[\s,]*){1,20}$/;
const colour =
  /^\s*(?:#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})|[a-z]{3,30}|(?:rgb|hsl)a?\([\d\s,.%/deg+-]{1,60}\))\s*$/i;

/** Attributes and what their value must look like. A map: the file names what is looked up, and a record has a prototype. */
const values: ReadonlyMap<string, RegExp> = new Map([
  ...each(path, 'd'),
  ...each(numbers, 'points'),
  ...each(transform, 'transform gradientTransform'),
  ...each(length, 'pathLength offset'),
  ...each(colour, 'stop-color color'),
  ...each(
    length,
    'x y width height rx ry cx cy r fx fy fr x1 y1 x2 y2 opacity fill-opacity stroke-opacity stop-opacity',
  ),
  ...each(length, 'stroke-width stroke-miterlimit stroke-dashoffset'),
  ...each(lengths, 'stroke-dasharray'),
  ...each(word, 'fill-rule clip-rule stroke-linecap stroke-linejoin vector-effect shape-rendering'),
  ...each(word, 'gradientUnits spreadMethod clipPathUnits maskUnits maskContentUnits mask-type'),
  ...each(word, 'display visibility overflow color-interpolation'),
  ...each(words, 'paint-order'),
]);

function each(shape: RegExp, names: string): [string, RegExp][] {
  return names.split(' ').map((name) => [name, shape]);
}

/** Attributes that may be said in a style as well. */
const geometry = new Set(
  'd points transform gradientTransform pathLength offset x y width height rx ry cx cy r fx fy fr x1 y1 x2 y2 gradientUnits spreadMethod clipPathUnits maskUnits maskContentUnits'.split(
    ' ',
  ),
);

/** A value that may be kept: as it stands, or one that leads to an element of the same file. */
export type Kept = { value: string } | { ref: string; fallback: string };

const localUrl = /^\s*url\(\s*["']?#([^\s"'()<>]{1,100})["']?\s*\)\s*(.*)$/s;
const references = new Set(['fill', 'stroke', 'clip-path', 'mask']);

/**
 * What is kept of an attribute; undefined when nothing is.
 * @param name its name
 * @param value its value, as parsed
 */
export function keptValue(name: string, value: string): Kept | undefined {
  const said = value.trim();
  if (references.has(name)) return keptPaint(name, said);
  return values.get(name)?.test(said) ? { value: said } : undefined;
}

function keptPaint(name: string, value: string): Kept | undefined {
  const paints = name === 'fill' || name === 'stroke';
  const [, ref, fallback = ''] = localUrl.exec(value) ?? [];
  if (ref !== undefined) {
    const rest = fallback.trim();
    return rest === '' || (paints && colour.test(rest)) ? { ref, fallback: rest } : undefined;
  }
  return (paints ? colour : /^none$/).test(value) ? { value } : undefined;
}

/**
 * The declarations of a style as attributes; what is left out is named.
 * @param css such as `fill:#fff; stroke:none`
 */
export function styledAttributes(css: string): { kept: [string, Kept][]; dropped: string[] } {
  const kept: [string, Kept][] = [];
  const dropped: string[] = [];
  for (const declaration of css.split(';')) {
    const [property = '', ...rest] = declaration.split(':');
    const name = property.trim().toLowerCase();
    if (name === '') continue;
    const value = geometry.has(name)
      ? undefined
      : keptValue(name, rest.join(':').replace(/!important\s*$/, ''));
    if (value) kept.push([name, value]);
    else if (!harmless.test(name)) dropped.push(`style ${name}`);
  }
  return { kept, dropped };
}

/** Properties of text and of programs, which no shape shows. */
const harmless =
  /^(?:-[a-z-]+|font(?:-[a-z-]+)?|line-height|text-[a-z-]+|letter-spacing|isolation|enable-background|mix-blend-mode|white-space|word-spacing|writing-mode|direction|image-rendering|color-rendering|solid-(?:color|opacity)|marker(?:-[a-z]+)?|filter)$/;

/** One rule: which class, and what it says. */
export interface ClassRule {
  name: string;
  attributes: [string, Kept][];
}

/**
 * The rules of a style sheet by class, as drawing programs write them, in their order; any other rule is named as
 * left out.
 * @param css the text of a `style` element
 */
export function classRules(css: string): { rules: ClassRule[]; dropped: string[] } {
  const rules: ClassRule[] = [];
  const dropped: string[] = [];
  for (const block of withoutComments(css).split('}')) {
    if (block.trim() === '') continue;
    const [selectors = '', body, ...more] = block.split('{');
    const names = selectors.split(',').map((selector) => /^\s*\.([\w-]{1,60})\s*$/.exec(selector)?.[1]);
    if (body === undefined || more.length > 0 || names.includes(undefined)) {
      dropped.push('style');
      continue;
    }
    const styled = styledAttributes(body);
    dropped.push(...styled.dropped);
    for (const name of names) if (name) rules.push({ name, attributes: styled.kept });
  }
  return { rules, dropped };
}

function withoutComments(css: string): string {
  const [first = '', ...rest] = css.split('/*');
  const after = rest.map((part) => {
    const end = part.indexOf('*/');
    return end === -1 ? '' : part.slice(end + 2);
  });
  return [first, ...after].join(' ');
}
