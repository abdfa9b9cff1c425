/** What a registration form of several pages keeps between them. */
import { z } from 'zod';

/** What a registration keeps in the flow; sealed at rest. */
export const registeringSchema = z.object({
  /** Index of the page the person is at; the one after the last step asks only what the law wants asked. */
  at: z.int().min(0),
  /** The furthest page that was shown. */
  reached: z.int().min(0),
  attributes: z.record(z.string(), z.json()),
  consents: z.record(z.string(), z.boolean()),
  name: z.string().nullable().optional(),
  locale: z.string().optional(),
  /** Decisions on purposes that are fields, each with the exact text that was shown. */
  decisions: z.array(
    z.object({
      textId: z.string(),
      version: z.string(),
      language: z.string(),
      hash: z.string(),
      kind: z.enum(['accepted', 'acknowledged', 'given', 'refused']),
    }),
  ),
  /** The address that was typed, in its normal form. */
  email: z.string().optional(),
  /** The password as hashed, and the address it was chosen with. */
  password: z.object({ encoded: z.string(), email: z.string() }).optional(),
  /** The address this registration was counted for. */
  counted: z.string().optional(),
});

/** What a registration keeps in the flow. */
export type Registering = z.output<typeof registeringSchema>;
