/** What the Configuration API says of releases, drafts and publications. */
import { z } from 'zod';
import { draftStates } from '../../business/releases/draft.ts';

const moment = z.iso.datetime();
const configId = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'the id of a region or market');

/** Who made something. */
const authorShape = z
  .object({
    kind: z.enum(['member', 'client', 'operator', 'system']),
    id: z.string().meta({ description: 'Of a member: the `sub` that the calling client knows them by.' }),
  })
  .meta({ id: 'Author' });

/** Where something goes live. */
export const targetShape = z
  .union([
    z.literal('all'),
    z.strictObject({
      regions: z.array(configId).max(300).default([]),
      markets: z.array(configId).max(300).default([]),
    }),
  ])
  .meta({ id: 'Target', description: 'Everywhere, or in regions and markets.' });

/** A document: what stands in an item of the configuration. */
export const itemShape = z.looseObject({}).meta({
  id: 'Item',
  description: 'A layer or a legal document; `/schemas/{kind}` says what it may hold.',
});

/** Path of an item. */
export const itemPathShape = z
  .string()
  .min(1)
  .max(200)
  .meta({ description: 'Such as `program`, `brands/volt/brand`, `markets/de`, `sites/my-shop`.' });

/** Id of a release: the hash of its content. */
export const releaseId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{20,64}$/, 'the whole id of a release')
  .meta({ description: 'The hash of its content.' });

/** Id of a draft. */
export const draftId = z.string().regex(/^drf_[A-Za-z0-9_-]{4,60}$/, 'the id of a draft');

/** What a release says of itself. */
export const releaseShape = z
  .object({
    id: z.string(),
    parent: z.string().nullable(),
    author: authorShape,
    message: z.string(),
    at: moment,
  })
  .meta({ id: 'Release' });

/** That a release went live somewhere. */
export const publicationShape = z
  .object({
    id: z.string(),
    kind: z.enum(['publish', 'rollback', 'undo']),
    release: z.string(),
    target: targetShape,
    by: authorShape,
    at: moment,
    version: z.int().meta({ description: 'Of what is live; rises with each publication.' }),
    draft: z.string().nullable(),
    undone: z.string().nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'Publication' });

/** One thing that is wrong. */
export const faultShape = z
  .object({
    item: z.string(),
    path: z.string().meta({ description: 'JSON pointer into the item.' }),
    code: z.string(),
    expected: z.string(),
    got: z.string(),
  })
  .meta({ id: 'Fault' });

/** What a configuration names that nobody has made yet. */
export const warningsShape = z.array(faultShape).meta({
  description: 'Clients that it names and nobody has registered yet. They stand in nobody’s way.',
});

/** A key that was changed on both sides. */
export const conflictShape = z
  .object({
    item: z.string(),
    key: z.string(),
    base: z.unknown().optional(),
    theirs: z.unknown().optional().meta({ description: 'What is live by now.' }),
    yours: z.unknown().optional(),
  })
  .meta({ id: 'Conflict' });

/** A draft. */
export const draftShape = z
  .object({
    id: z.string(),
    version: z.int().meta({ description: 'Rises with each change; also the `ETag`.' }),
    state: z.enum(draftStates),
    message: z.string(),
    author: authorShape,
    editors: z.array(authorShape).meta({
      description: 'Whoever changed it, and who answers for a machine that did. None of them can approve it.',
    }),
    createdAt: moment,
    changedAt: moment,
    base: z.string().meta({ description: 'The release that the changes are meant for.' }),
    target: targetShape,
    changes: z.array(z.object({ item: z.string(), change: z.enum(['put', 'removed']) })),
    approvals: z.array(z.object({ by: authorShape, at: moment })).meta({
      description: 'Those that count at this moment: of what it changes now, by people who still may.',
    }),
    remark: z
      .object({ by: authorShape, at: moment, text: z.string() })
      .nullable()
      .meta({ description: 'Why it was sent back or withdrawn.' }),
    schedule: z.object({ at: moment, by: authorShape, target: targetShape }).nullable(),
    failure: z
      .object({ at: moment, code: z.string(), faults: z.array(faultShape) })
      .nullable()
      .meta({ description: 'Why it did not go live at its time.' }),
    stages: z.array(z.object({ release: z.string(), target: targetShape, at: moment, by: authorShape })),
  })
  .meta({ id: 'Draft' });

const changeKind = z.enum(['added', 'removed', 'changed']);
const keyChange = {
  key: z.string(),
  change: changeKind,
  from: z.unknown().optional(),
  to: z.unknown().optional(),
};
const where = z.object({ brand: z.string(), market: z.string(), site: z.string().optional() });

/** What is different. */
export const comparisonShape = z
  .object({
    from: z.string().meta({ description: 'The release it begins with.' }),
    items: z.array(z.object({ item: z.string(), change: changeKind, keys: z.array(z.object(keyChange)) })),
    effective: z
      .object({
        changes: z.array(z.object({ ...keyChange, where: z.array(where) })),
        added: z.array(where),
        removed: z.array(where),
      })
      .nullable()
      .meta({ description: 'What it comes to, and for whom; null while the draft is not right as a whole.' }),
    hidden: z.int().meta({ description: 'Items that differ and that the caller may not read.' }),
  })
  .meta({ id: 'Comparison' });
