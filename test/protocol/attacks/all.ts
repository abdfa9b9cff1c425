/** The whole table, theme by theme. */
import { codes } from './rows/codes.ts';
import type { Theme } from './table.ts';

/** Every theme, in the order of the documentation. */
export const themes: readonly Theme[] = [codes];
