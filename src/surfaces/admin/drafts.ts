/** Drafts: opened, read, described anew, compared and checked. Their items are in draft-items.ts, their way in draft-steps.ts. */
import { z } from 'zod';
import { jsonRoute } from '../../base/http/json-routes.ts';
import { pageOf, pageQuery, placeOf } from '../../base/http/paging.ts';
import type { Route } from '../../base/http/routes.ts';
import { draftFor, draftsFor } from '../desk/draft-sight.ts';
import { faultsShown } from '../desk/refusals.ts';
import { seenReport } from '../desk/sight.ts';
import { reading, root, writing } from './access.ts';
import { actingIn } from './acting.ts';
import type { ConfigurationApiDeps } from './deps.ts';
import { draftAnswer, seenDraft } from './draft-answers.ts';
import {
  comparisonShape,
  conflictShape,
  draftId,
  draftShape,
  faultShape,
  releaseId,
  targetShape,
  warningsShape,
} from './shapes.ts';
import { comparisonView, draftView, pageView } from './views.ts';

const message = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .meta({ description: 'Why; it becomes that of the release.' });
const params = z.object({ id: draftId });
const common = { tag: 'drafts', limiter: 'edge' } as const;

/**
 * The routes about drafts as a whole.
 * @param deps modules
 */
export function draftRoutes(deps: ConfigurationApiDeps): Route[] {
  return [open(deps), list(deps), one(deps), describe(deps), check(deps), difference(deps)];
}

function open(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    ...common,
    name: 'configuration.draft_open',
    method: 'POST',
    path: `${root}/drafts`,
    summary: 'Opens a draft.',
    auth: writing,
    idempotency: 'optional',
    versioned: true,
    input: {
      body: z.strictObject({
        message,
        target: targetShape.default('all'),
        base: releaseId.optional().meta({ description: 'Without it, what is live at the target.' }),
      }),
    },
    answers: { 201: draftShape },
    errors: ['permission.missing', 'release.unknown', 'target.unknown'],
    async handle(ctx, { body }) {
      const acting = await actingIn(deps, ctx);
      acting.requireSome('edit');
      const draft = await deps.workflow.drafts.open(body, acting.who);
      const { body: shown, etag } = await draftAnswer(draft, acting);
      return { status: 201, body: shown, etag, location: `${root}/drafts/${draft.id}` };
    },
  });
}

function list(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    ...common,
    name: 'configuration.drafts',
    method: 'GET',
    path: `${root}/drafts`,
    summary: 'The drafts that the caller made or may read something of, the newest first.',
    auth: reading,
    input: { query: z.object({ ...pageQuery(), state: draftShape.shape.state.optional() }) },
    answers: { 200: pageOf(draftShape) },
    errors: ['permission.missing', 'cursor.invalid'],
    async handle(ctx, { query: { limit, cursor, state } }) {
      const acting = await actingIn(deps, ctx);
      acting.requireSome('read');
      const found = await draftsFor(deps, acting, { limit, state, cursor: placeOf(draftId, cursor) });
      return { status: 200, body: await pageView(found, (draft) => draftView(draft, acting)) };
    },
  });
}

function one(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    ...common,
    name: 'configuration.draft',
    method: 'GET',
    path: `${root}/drafts/:id`,
    summary: 'A draft: what it changes, for where, and how far it is.',
    auth: reading,
    versioned: true,
    input: { params },
    answers: { 200: draftShape },
    errors: ['permission.missing', 'draft.unknown'],
    async handle(ctx, { params: { id } }) {
      const acting = await actingIn(deps, ctx);
      acting.requireSome('read');
      return draftAnswer(await draftFor(deps, acting, id), acting);
    },
  });
}

function describe(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    ...common,
    name: 'configuration.draft_describe',
    method: 'PATCH',
    path: `${root}/drafts/:id`,
    summary: 'Changes message or target; approvals end.',
    auth: writing,
    versioned: true,
    ifMatch: 'required',
    input: { params, body: z.strictObject({ message: message.optional(), target: targetShape.optional() }) },
    answers: { 200: draftShape },
    errors: ['permission.missing', 'draft.unknown', 'draft.changed', 'draft.closed', 'target.unknown'],
    async handle(ctx, { params: { id }, body, conditions }) {
      const { acting, seen } = await seenDraft(deps, ctx, { id, conditions, permission: 'edit' });
      const change = {
        ...(body.message !== undefined && { message: body.message }),
        ...(body.target !== undefined && { target: body.target }),
      };
      return draftAnswer(await deps.workflow.drafts.describe(seen, change, acting.who), acting);
    },
  });
}

function check(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    ...common,
    name: 'configuration.draft_check',
    method: 'POST',
    path: `${root}/drafts/:id/check`,
    summary: 'What publishing the draft would meet; changes nothing.',
    auth: reading,
    input: { params },
    answers: {
      200: z.object({
        stale: z.boolean().meta({ description: 'Something else is live at the target than it began with.' }),
        conflicts: z
          .array(conflictShape)
          .meta({ description: 'Keys that were changed there as well: rebase.' }),
        faults: z.array(faultShape).meta({ description: 'What is wrong with what would go live.' }),
        warnings: warningsShape,
      }),
    },
    errors: ['permission.missing', 'draft.unknown', 'draft.contents_gone'],
    async handle(ctx, { params: { id } }) {
      const acting = await actingIn(deps, ctx);
      acting.requireSome('read');
      await draftFor(deps, acting, id);
      const report = await seenReport(await deps.workflow.drafts.check(id), acting);
      const { stale, conflicts, faults, warnings } = report;
      return {
        status: 200,
        body: {
          stale,
          conflicts: [...conflicts],
          faults: faultsShown(faults),
          warnings: faultsShown(warnings),
        },
      };
    },
  });
}

function difference(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    ...common,
    name: 'configuration.draft_diff',
    method: 'GET',
    path: `${root}/drafts/:id/diff`,
    summary: 'What would be different at the draft’s target, key by key, and what that comes to for whom.',
    auth: reading,
    input: { params },
    answers: { 200: comparisonShape },
    errors: ['permission.missing', 'draft.unknown', 'draft.contents_gone'],
    async handle(ctx, { params: { id } }) {
      const acting = await actingIn(deps, ctx);
      acting.requireSome('read');
      await draftFor(deps, acting, id);
      return { status: 200, body: await comparisonView(await deps.workflow.comparisons.draft(id), acting) };
    },
  });
}
