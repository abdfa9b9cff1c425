/**
 * The markup of legal texts: headings, paragraphs, lists, nothing else, so that a text reads the same on a page, in a
 * mail and in evidence years later. Never yields HTML.
 */

/** One block of a text; every string is plain text. */
export type LegalBlock =
  | { kind: 'heading'; text: string }
  | { kind: 'paragraph'; text: string }
  | { kind: 'list'; items: string[] };

/** A text taken apart. */
export interface ParsedLegalText {
  title: string;
  /** One sentence: the label beside the choice. */
  summary: string;
  blocks: LegalBlock[];
  /** The blocks as plain text: blank lines part paragraphs, `# ` begins a heading, `- ` a list item. */
  plain: string;
}

/**
 * Takes a text apart: `# Title`, then `> One sentence.`, then `## Heading`, paragraphs and `- ` items parted by blank
 * lines. Anything that looks like other markup stays as the characters it is.
 * @param source the file's text
 * @returns the parts, or what is wrong with it
 */
export function parseLegalText(source: string): ParsedLegalText | { fault: string } {
  const chunks = source
    .split(/\n[ \t]*\n+/)
    .map((chunk) => chunk.trim())
    .filter((chunk) => chunk !== '');
  const title = /^# (.+)$/.exec(chunks[0] ?? '')?.[1];
  if (!title) return { fault: 'begins with "# " and its title' };
  const quote = chunks[1] ?? '';
  if (!quote.startsWith('> ')) return { fault: 'has "> " and one sentence of summary after the title' };
  const blocks = chunks.slice(2).map(toBlock);
  if (blocks.length === 0) return { fault: 'has a body' };
  return {
    title: title.trim(),
    summary: joinLines(quote.replaceAll(/^> ?/gm, '')),
    blocks,
    plain: blocks.map(toPlain).join('\n\n'),
  };
}

function toBlock(chunk: string): LegalBlock {
  const heading = /^##? (.+)$/.exec(chunk)?.[1];
  if (heading) return { kind: 'heading', text: heading.trim() };
  if (!chunk.startsWith('- ')) return { kind: 'paragraph', text: joinLines(chunk) };
  const items = chunk.slice(2).split(/\n- /);
  return { kind: 'list', items: items.map(joinLines) };
}

function toPlain(block: LegalBlock): string {
  if (block.kind === 'heading') return `# ${block.text}`;
  if (block.kind === 'paragraph') return block.text;
  return block.items.map((item) => `- ${item}`).join('\n');
}

/** Lines of one paragraph become one; beside a wide character (Japanese) no space belongs. */
function joinLines(text: string): string {
  return text
    .trim()
    .replaceAll(/(?<=[\u3000-\u9fff\uff00-\uffef])\s*\n\s*|\s*\n\s*(?=[\u3000-\u9fff\uff00-\uffef])/g, '')
    .replaceAll(/\s*\n\s*/g, ' ');
}
