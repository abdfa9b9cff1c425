/** What a person's name may be: any characters of a text that misleads nobody (W3C, Personal names around the world). Pure. */
import { z } from 'zod';
import { lengthOf, plainText } from './plain-text.ts';

/** Longest name, in code points. */
export const longestName = 200;

/** What somebody calls themselves, in one normal form; an empty one is none. */
export const personName = z
  .string()
  .refine((typed) => plainText(typed) !== undefined, { error: 'field.invalid', abort: true })
  .transform((typed) => plainText(typed) ?? '')
  .refine((name) => lengthOf(name) <= longestName, { error: 'field.too_long' });
