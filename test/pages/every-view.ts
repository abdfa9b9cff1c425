/**
 * Finds every view of the product by itself: whatever a module named `views.ts` or `…-views.ts` exports is one that
 * tests render, so that a new page cannot be forgotten.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { View } from '../../src/base/http/views.ts';
import { viewsFolder } from '../../src/base/mail/templates.ts';

const source = path.resolve(import.meta.dirname, '../../src');

/** Folders of templates that are parts of pages, or of mails. */
const notPages = new Set(['layouts', 'partials', 'assets', 'mail']);

/** Every view that any module exports, alone or in a list, each once. */
export async function findViews(): Promise<readonly View<unknown>[]> {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /(?:^|[/\\-])views\.ts$/.test(file),
  );
  const found = new Map<string, View<unknown>>();
  for (const file of files.sort()) {
    const exported: Record<string, unknown> = await import(pathToFileURL(path.join(source, file)).href);
    for (const value of Object.values(exported).flat()) if (isView(value)) found.set(value.name, value);
  }
  return [...found.values()];
}

/** The name of every page template under `views/`. */
export function templateNames(): string[] {
  return readdirSync(viewsFolder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll(path.sep, '/'))
    .filter((file) => file.endsWith('.ejs') && !notPages.has(file.slice(0, file.indexOf('/'))))
    .map((file) => file.slice(0, -'.ejs'.length))
    .sort();
}

function isView(value: unknown): value is View<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'heading' in value &&
    'sample' in value &&
    typeof value.sample === 'function'
  );
}
