/** What a page of ours says, read from its markup as a browser would find it. Pure. */

/** What a page says. */
export interface PageFacts {
  language: string;
  title: string;
  /** Addresses of style sheets. */
  styles: readonly string[];
  /** Names of inputs, each once. */
  inputs: readonly string[];
  /** Where its forms post to. */
  actions: readonly string[];
  links: readonly string[];
  /** Fewest characters of a new password; undefined where none is asked. */
  passwordLength: number | undefined;
}

/**
 * Reads a page.
 * @param html its markup
 */
export function pageFacts(html: string): PageFacts {
  const all = (pattern: RegExp) => [
    ...new Set([...html.matchAll(pattern)].map(([, found = '']) => decoded(found))),
  ];
  const length = /\sdata-min="([0-9]+)"/.exec(html)?.[1];
  return {
    language: all(/<html[^>]*\slang="([^"]*)"/g)[0] ?? '',
    title: all(/<title>([^<]*)<\/title>/g)[0] ?? '',
    styles: all(/<link rel="stylesheet" href="([^"]*)"/g),
    inputs: all(/<(?:input|select|textarea)\b[^>]*?\sname="([^"]*)"/g),
    actions: all(/<form\b[^>]*?\saction="([^"]*)"/g),
    links: all(/<a\b[^>]*?\shref="([^"]*)"/g),
    passwordLength: length === undefined ? undefined : Number(length),
  };
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#34': '"',
  '#39': "'",
};

function decoded(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#34|#39);/g, (whole, name: string) => entities[name] ?? whole);
}
