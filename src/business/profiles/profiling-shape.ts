/** Progressive profiling: which attributes are asked when, as the program's owners define it. Shapes only. */
import { z } from 'zod';
import { attributeName } from './attribute-names.ts';
import { conditionShape } from './condition.ts';
import { formName } from './form-shape.ts';
import { translated } from './text-shape.ts';

/** When a rule asks; every part that is said must hold. */
export const whenShape = z.strictObject({
  /** Asked at a sign-in, from this one on; without it at every visit. */
  signIns: z.int().min(1).max(10_000).optional(),
  /** Client ids: asked only on the way to one of them. */
  clients: z
    .array(z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_-]{2,63}$/, 'a client id'))
    .min(1)
    .max(200)
    .optional(),
  /** Asked only where one of these scopes is asked for. */
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, 'a scope'))
    .min(1)
    .max(50)
    .optional(),
  /** Asked only of members for whom all of these hold. */
  attributes: z.array(conditionShape).min(1).max(10).optional(),
  /** The last day on which it is asked, as yyyy-mm-dd. */
  until: z.iso.date().optional(),
});

/** A rule, complete. */
export const ruleShape = z.strictObject({
  /** Attributes to ask, in this order; at most two at a time. */
  ask: z.array(attributeName).min(1).max(10),
  /** Why it is asked, in one sentence above the questions. */
  lead: translated.optional(),
  when: whenShape.optional(),
  /** Nothing is issued to the client without an answer; without it the question can be skipped. */
  required: z.boolean().optional(),
});

/** A rule as the program's owners define it. */
export type ProfilingRule = Readonly<z.output<typeof ruleShape>>;

/** The rules of an experience by id. */
export const profilingSchema = z.record(formName, ruleShape);

/** The rules of an experience by id. */
export type ProfilingRules = Readonly<Record<string, ProfilingRule>>;
