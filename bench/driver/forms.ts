/** Reads the forms of a hosted page, so that the driver goes through a peer's own pages as a browser would. Pure. */

/** A form of a page. */
export interface Form {
  method: 'GET' | 'POST';
  /** Where it is sent, absolute. */
  action: string;
  /** Named inputs with their present values; unticked boxes left out. */
  values: Record<string, string>;
  /** Its first named button, as what a click on it sends. */
  button: { name: string; value: string } | undefined;
}

/**
 * Every form of a page in order.
 * @param html the page
 * @param url its address, against which actions are resolved
 */
export function readForms(html: string, url: string): Form[] {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, head = '', inner = '']) => ({
    method: attribute(head, 'method')?.toUpperCase() === 'POST' ? 'POST' : 'GET',
    action: new URL(attribute(head, 'action') ?? '', url).href,
    values: valuesOf(inner),
    button: buttonOf(inner),
  }));
}

function valuesOf(inner: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [, head = ''] of inner.matchAll(/<input\b([^>]*)>/gi)) {
    const name = attribute(head, 'name');
    const type = attribute(head, 'type')?.toLowerCase() ?? 'text';
    const unticked = (type === 'checkbox' || type === 'radio') && !/\bchecked\b/i.test(head);
    if (name === undefined || unticked || type === 'submit') continue;
    values[name] = attribute(head, 'value') ?? '';
  }
  return values;
}

function buttonOf(inner: string): Form['button'] {
  for (const [, head = ''] of inner.matchAll(/<button\b([^>]*)>/gi)) {
    const name = attribute(head, 'name');
    if (name !== undefined) return { name, value: attribute(head, 'value') ?? '' };
  }
  return undefined;
}

function attribute(head: string, name: string): string | undefined {
  const found = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'i').exec(head);
  if (found === null) return undefined;
  return unescapeHtml(found[1] ?? found[2] ?? '');
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeHtml(text: string): string {
  return text.replace(/&(?:#x([\da-f]+)|#(\d+)|([a-z]+));/gi, (whole, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return entities[name] ?? whole;
  });
}
