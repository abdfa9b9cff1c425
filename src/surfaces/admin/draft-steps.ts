/**
 * The way of a draft: rebased, submitted, approved by others, sent back, withdrawn, published at once or at a time,
 * called off. Each step takes `If-Match`, so that nobody approves or publishes anything else than they have seen.
 */
import { z } from 'zod';
import type { Conditions } from '../../base/http/conditions.ts';
import type { EdgeContext } from '../../base/http/context.ts';
import { type ApiScopes, jsonRoute } from '../../base/http/json-routes.ts';
import type { Route } from '../../base/http/routes.ts';
import type { ErrorCode } from '../../base/kernel/errors.ts';
import type { Draft } from '../../business/releases/draft.ts';
import type { Who } from '../../business/releases/draft-writes.ts';
import type { Seen } from '../../business/releases/drafts.ts';
import type { Permission } from '../../people/staff/grants.ts';
import { publishDraft } from '../desk/draft-rules.ts';
import { tellingFaults } from '../desk/refusals.ts';
import { approving, publishing, root, writing } from './access.ts';
import type { ConfigurationApiDeps } from './deps.ts';
import { type DraftAnswer, draftAnswer, seenDraft } from './draft-answers.ts';
import { conflictShape, draftId, draftShape, publicationShape, releaseId, targetShape } from './shapes.ts';
import { draftView, publicationView } from './views.ts';

const params = z.object({ id: draftId });
const reasonBody = z.strictObject({
  reason: z.string().trim().min(1).max(500).meta({ description: 'For the record.' }),
});
const closing = ['permission.missing', 'draft.unknown', 'draft.changed', 'draft.closed'] as const;
const common = {
  tag: 'drafts',
  limiter: 'edge',
  versioned: true,
  ifMatch: 'required',
  idempotency: 'optional',
} as const;

/** A step that needs nothing but the draft, or a reason besides. */
interface Step {
  name: string;
  summary: string;
  auth: ApiScopes;
  permission: Permission;
  errors: readonly ErrorCode[];
  take(seen: Seen, who: Who, reason: string): Promise<Draft>;
}

/**
 * The routes about a draft's way.
 * @param deps modules
 */
export function draftStepRoutes(deps: ConfigurationApiDeps): Route[] {
  return [
    rebase(deps),
    step(deps, {
      name: 'submit',
      summary: 'Asks for approval; where the program asks for none, the draft is approved at once.',
      auth: writing,
      permission: 'edit',
      errors: ['configuration.refused', 'draft.empty', 'draft.conflicts'],
      take: (seen, who) => deps.workflow.drafts.submit(seen, who),
    }),
    step(deps, {
      name: 'approve',
      summary:
        'Approves the draft as it was seen. Takes a person who has not changed it and answers for no machine that has.',
      auth: approving,
      permission: 'approve',
      errors: ['draft.not_submitted', 'draft.approval_refused', 'draft.nobody_responsible'],
      take: (seen, who) => deps.workflow.drafts.approve(seen, who),
    }),
    reasonedStep(deps, {
      name: 'send-back',
      summary: 'Gives a submitted draft back to its authors; approvals and a planned publication end.',
      auth: approving,
      permission: 'approve',
      errors: ['draft.not_submitted'],
      take: (seen, who, reason) => deps.workflow.drafts.sendBack(seen, reason, who),
    }),
    reasonedStep(deps, {
      name: 'withdraw',
      summary: 'Ends the draft; what of it is live already stays.',
      auth: writing,
      permission: 'edit',
      errors: [],
      take: (seen, who, reason) => deps.workflow.drafts.withdraw(seen, reason, who),
    }),
    publish(deps),
    step(deps, {
      name: 'cancel',
      summary: 'Calls a planned publication off.',
      auth: publishing,
      permission: 'publish',
      errors: [],
      take: (seen, who) => deps.workflow.publishing.cancel(seen, who),
    }),
  ];
}

function declared({ name, summary, auth, errors }: Omit<Step, 'take' | 'permission'>) {
  return {
    ...common,
    name: `configuration.draft_${name.replace('-', '_')}`,
    method: 'POST',
    path: `${root}/drafts/:id/${name}`,
    summary,
    auth,
    errors: [...closing, ...errors],
  } as const;
}

function step(deps: ConfigurationApiDeps, given: Step): Route {
  return jsonRoute({
    ...declared(given),
    input: { params },
    answers: { 200: draftShape },
    handle: (ctx, { params: { id }, conditions }) => taken(deps, ctx, { id, conditions, reason: '' }, given),
  });
}

function reasonedStep(deps: ConfigurationApiDeps, given: Step): Route {
  return jsonRoute({
    ...declared(given),
    input: { params, body: reasonBody },
    answers: { 200: draftShape },
    handle: (ctx, { params: { id }, conditions, body: { reason } }) =>
      taken(deps, ctx, { id, conditions, reason }, given),
  });
}

function taken(
  deps: ConfigurationApiDeps,
  ctx: EdgeContext,
  asked: { id: string; conditions: Conditions; reason: string },
  { permission, take }: Step,
): Promise<DraftAnswer> {
  return tellingFaults(async () => {
    const { acting, seen } = await seenDraft(deps, ctx, { ...asked, permission });
    return draftAnswer(await take(seen, acting.who, asked.reason), acting);
  });
}

const side = z.enum(['theirs', 'yours']);

function rebase(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    ...declared({
      name: 'rebase',
      summary: 'Carries the changes over to what is live at the target, or to another release.',
      auth: writing,
      errors: ['release.unknown', 'configuration.refused'],
    }),
    description:
      'Where both sides changed the same key nothing is written and the conflicts are told, unless `take` says which side counts.',
    input: {
      params,
      body: z.strictObject({
        onto: releaseId.optional().meta({ description: 'Without it, what is live at the target.' }),
        take: z
          .union([side, z.array(z.strictObject({ item: z.string(), key: z.string(), side })).max(1000)])
          .optional()
          .meta({ description: 'Which side counts: everywhere, or for single keys.' }),
      }),
    },
    answers: { 200: z.object({ draft: draftShape, conflicts: z.array(conflictShape) }) },
    handle: (ctx, { params: { id }, body, conditions }) =>
      tellingFaults(async () => {
        const { acting, seen } = await seenDraft(deps, ctx, { id, conditions, permission: 'edit' });
        const { take } = body;
        const choose = (item: string, key: string) =>
          typeof take === 'string'
            ? take
            : take?.find((choice) => choice.item === item && choice.key === key)?.side;
        const { draft, conflicts } = await deps.workflow.drafts.rebase(
          seen,
          { onto: body.onto, ...(take && { take: choose }) },
          acting.who,
        );
        const shown = { draft: await draftView(draft, acting), conflicts: [...conflicts] };
        return { status: 200 as const, body: shown, etag: String(draft.version) };
      }),
  });
}

const publishBody = z.strictObject({
  at: z.iso
    .datetime({ offset: true })
    .optional()
    .meta({ description: 'When it goes live; without it, at once. It is judged again then.' }),
  target: targetShape.optional().meta({ description: 'A part of the draft’s target, as a first stage.' }),
  ending: z.boolean().optional().meta({
    description:
      'Whether regions and markets may lose a release of their own; takes the right to publish all.',
  }),
  orphans: z
    .array(z.string().max(100))
    .max(200)
    .optional()
    .meta({ description: 'Attributes that members have values of and that may go all the same.' }),
});

function publish(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    ...declared({
      name: 'publish',
      summary:
        'Makes an approved draft live: at once or at a time, everywhere it is meant for or in a part of it.',
      auth: publishing,
      errors: [
        'configuration.refused',
        'draft.not_submitted',
        'draft.not_approved',
        'draft.conflicts',
        'draft.places_differ',
        'draft.outside_target',
        'draft.time_past',
        'draft.empty',
        'target.unknown',
      ],
    }),
    input: { params, body: publishBody },
    answers: {
      200: z.object({
        draft: draftShape,
        publication: publicationShape.nullable().meta({ description: 'null where it is planned.' }),
      }),
    },
    handle: (ctx, { params: { id }, body: { at, ...options }, conditions }) =>
      tellingFaults(async () => {
        const { acting, seen } = await seenDraft(deps, ctx, { id, conditions, permission: 'publish' });
        const { draft, publication } = await publishDraft(deps.workflow.publishing, acting, seen, {
          ...options,
          at: at === undefined ? undefined : new Date(at),
        });
        const shown = {
          draft: await draftView(draft, acting),
          publication: publication ? await publicationView(publication, acting) : null,
        };
        return { status: 200 as const, body: shown, etag: String(draft.version) };
      }),
  });
}
