/** The shape of a legal document's description, `legal/<document>/document.json`. */
import { z } from 'zod';
import { localeTag } from '../profiles/text-shape.ts';
import { configId } from './id-shapes.ts';

const jurisdictions = z
  .array(z.string().regex(/^[A-Z][A-Z0-9-]{1,9}$/))
  .min(1)
  .optional();

/** `document.json`. */
export const documentSchema = z
  .strictObject({
    /** The same as the folder's name: it is the id of the purpose in every recorded decision. */
    id: configId,
    /** terms are accepted, a notice is acknowledged, a purpose is given, refused, withdrawn. */
    kind: z.enum(['terms', 'notice', 'purpose']),
    /** Letter of GDPR Art. 6(1) that the processing rests on: `a` consent, `b` contract, `f` legitimate interest… */
    lawfulBasis: z.enum(['a', 'b', 'c', 'd', 'e', 'f']),
    /** Legal areas where it applies; everywhere when absent. */
    jurisdictions,
    /** Brands it belongs to; the whole program when absent. */
    brands: z.array(configId).min(1).optional(),
    /** Whether nobody can be a member without it. */
    required: z.boolean(),
    versions: z
      .array(
        z.strictObject({
          version: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,19}$/),
          /** First day (UTC) on which it is the text to show. */
          validFrom: z.iso.date(),
          /** Legal areas of this version, where they have different texts. */
          jurisdictions,
        }),
      )
      .min(1),
  })
  .superRefine((document, context) => {
    const names = document.versions.map(({ version }) => version);
    if (new Set(names).size !== names.length)
      context.addIssue({ code: 'custom', path: ['versions'], message: 'each version once' });
    if (document.kind === 'purpose' && document.required)
      context.addIssue({
        code: 'custom',
        path: ['required'],
        message: 'false: a purpose is always optional',
      });
    if (document.kind === 'purpose' && document.lawfulBasis !== 'a')
      context.addIssue({ code: 'custom', path: ['lawfulBasis'], message: 'a: a purpose rests on consent' });
  });

/** A legal document with its versions. */
export type LegalDocument = z.output<typeof documentSchema>;

/** A legal document as an item: its description, and the text of each version in each language. */
export const legalItemSchema = z.strictObject({
  document: documentSchema,
  texts: z.record(
    z.string().regex(/^[a-z0-9][a-z0-9.-]{0,19}$/, 'a version such as 1.0'),
    z.record(localeTag, z.string().min(1).max(200_000)),
  ),
});

/** A legal document as an item. */
export type DocumentItem = z.output<typeof legalItemSchema>;
