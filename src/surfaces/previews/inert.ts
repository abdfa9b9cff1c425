/**
 * Takes out of a page of ours what could lead anywhere: targets of links and forms, scripts, the claim to the focus.
 * The browser is told the same by the headers (`makeInert`); here it is done, so that nobody runs into a refusal. Pure.
 *
 * Every value in our pages is escaped, so a tag ends at the first `>` and a value at the first `"`.
 */

const dropped = new Set(['action', 'formaction', 'method', 'autofocus', 'target']);

/**
 * A page that can be looked at and does nothing.
 * @param html a page as the renderer made it
 */
export function inert(html: string): string {
  return html
    .replaceAll(/<script\b[^>]*><\/script>\n?/g, '')
    .replaceAll(
      /<([a-z][a-z0-9]*)((?:\s[^>]*)?)>/g,
      (_, element: string, rest: string) =>
        `<${element}${rest.replaceAll(/\s([a-z-]+)(="([^"]*)")?/g, (said, name: string, _value, value = '') => kept(element, { said, name, value }))}${element === 'button' ? ' type="button"' : ''}>`,
    );
}

interface Attribute {
  /** As it stands. */
  said: string;
  name: string;
  value: string;
}

function kept(element: string, { said, name, value }: Attribute): string {
  if (dropped.has(name) || (element === 'button' && name === 'type')) return '';
  // Links within the page stay what they are; without a target a link would not look like one.
  return element === 'a' && name === 'href' && !value.startsWith('#') ? ' href="#"' : said;
}
