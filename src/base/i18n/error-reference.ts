/** The page docs/errors.md, from the error codes and the English catalogue. */
import { errorCodes } from '../kernel/errors.ts';
import { readCatalogues } from './i18n.ts';

/** Where the issuer serves the page that explains every error code. */
export const errorDocsPath = '/docs/errors.md';

/** Every error code with its status and what people are told; each code is an anchor. */
export function errorDocs(): string {
  const texts = readCatalogues().get('en') ?? {};
  return [
    '# Errors',
    '',
    '<!-- Generated from src/base/kernel/errors.ts and the English catalogue by scripts/generate.mjs; edit there. -->',
    '',
    'A code is stable: it is the same in the answer, the log line, the metric and the event. The text is what people',
    'read, in their own language; `{{…}}` stands for a value. JSON answers follow RFC 9457, with `type` pointing here.',
    '',
    ...Object.entries(errorCodes).flatMap(([code, status]) => [
      `## ${code}`,
      '',
      `<a id="${code}"></a>Status ${status}. ${textOf(texts, code)}`,
      '',
    ]),
  ].join('\n');
}

/**
 * What English-speaking people are told of an error; values are left out.
 * @param code its code
 */
export function englishErrorText(code: string): string {
  return textOf(readCatalogues().get('en') ?? {}, code);
}

function textOf(texts: Readonly<Record<string, string>>, code: string): string {
  return texts[`error.${code}`] ?? texts[`error.${code}_other`] ?? '';
}
