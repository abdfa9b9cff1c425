/** What a person's name may be: any characters but control characters (W3C, Personal names around the world). Pure. */
import { z } from 'zod';

/** Longest name, in code points. */
export const longestName = 200;

/** What somebody calls themselves, in one normal form; an empty one is none. */
export const personName = z
  .string()
  .transform((typed) => typed.normalize('NFC').trim())
  .refine((name) => !/\p{Cc}/u.test(name), { error: 'field.invalid' })
  .refine((name) => [...name].length <= longestName, { error: 'field.too_long' });
