/** What a schema is about, once its wrappers are taken off. Pure. */
import { z } from 'zod';

/**
 * The schema inside of what makes it optional, gives it a default, transforms it…
 * @param schema any schema
 */
export function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodPipe) return unwrapped(schema.in);
  if (schema instanceof z.ZodLazy) return unwrapped(schema.unwrap());
  const wrapped =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodCatch;
  return wrapped ? unwrapped(schema.unwrap()) : schema;
}
