/**
 * What was judged before and found without fault need not be judged again: judgements by the digest of all that they depend on. Owns the files
 * they are kept in, below node_modules/.cache; a change to a page, a style, the judge or the browser is another digest.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Judgement } from '../../support/accessibility/judge.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const folder = path.join(root, 'node_modules/.cache/accessibility');

/** How a page is judged: another text of these is another judge. */
const judgeSource = ['judge.ts', 'in-page.js'].map((file) =>
  readFileSync(path.join(root, 'test/support/accessibility', file), 'utf8'),
);

/** Judgements of earlier runs. */
export interface Memory {
  /** What a page of these bytes was judged by, if it was found without fault before. */
  recall(html: string): Judgement | undefined;
  /** Keeps how a page without fault was judged; one with faults is to be judged again. */
  keep(html: string, judgement: Judgement): void;
}

/**
 * Opens the memory.
 * @param judgedWith versions of what judges, such as the browser's
 */
export function openMemory(judgedWith: readonly string[]): Memory {
  mkdirSync(folder, { recursive: true });
  // Styles and scripts need no mention: a page names them by the digest of their contents.
  const fileOf = (html: string) => {
    const digest = createHash('sha256').update(JSON.stringify([...judgedWith, ...judgeSource, html]));
    return path.join(folder, `${digest.digest('hex')}.json`);
  };
  return {
    recall(html) {
      try {
        const { rules, ...kept } = JSON.parse(readFileSync(fileOf(html), 'utf8'));
        return { ...kept, rules: new Set(rules) };
      } catch {
        return undefined;
      }
    },
    keep(html, judgement) {
      if (judgement.findings.length > 0) return;
      writeFileSync(fileOf(html), JSON.stringify({ ...judgement, rules: [...judgement.rules] }));
    },
  };
}
