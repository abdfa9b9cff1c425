/** The whole table, theme by theme. */
import { assertions } from './rows/assertions.ts';
import { codes } from './rows/codes.ts';
import { forged } from './rows/forged.ts';
import { issuers } from './rows/issuers.ts';
import { limits } from './rows/limits.ts';
import { people } from './rows/people.ts';
import { proofs } from './rows/proofs.ts';
import { redirects } from './rows/redirects.ts';
import { requestObjects } from './rows/request-objects.ts';
import { scopes } from './rows/scopes.ts';
import { time } from './rows/time.ts';
import { tokens } from './rows/tokens.ts';
import type { Theme } from './table.ts';

/** Every theme, in the order of the documentation. */
export const themes: readonly Theme[] = [
  ...[codes, tokens, scopes, assertions, proofs, requestObjects],
  ...[forged, redirects, people, issuers, time, limits],
];
