/** What the routes of drafts have in common: the draft as it was seen, and as it is shown. */

import type { Conditions } from '../../base/http/conditions.ts';
import type { EdgeContext } from '../../base/http/context.ts';
import type { JsonAnswer } from '../../base/http/json-routes.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { Draft } from '../../business/releases/draft.ts';
import type { Seen } from '../../business/releases/drafts.ts';
import type { Permission } from '../../people/staff/grants.ts';
import { requireDraft } from '../desk/draft-rules.ts';
import { draftFor } from '../desk/draft-sight.ts';
import { actingIn, type Calling } from './acting.ts';
import type { ConfigurationApiDeps } from './deps.ts';
import type { draftShape } from './shapes.ts';
import { draftView } from './views.ts';

/** The answer that shows a draft. */
export type DraftAnswer = JsonAnswer<{ 200: typeof draftShape }>;

/**
 * A draft as an answer.
 * @param draft the draft
 * @param acting tells who is who
 */
export async function draftAnswer(draft: Draft, acting: Calling): Promise<DraftAnswer> {
  return { status: 200, body: await draftView(draft, acting), etag: String(draft.version) };
}

/**
 * Lets a change of a draft go on only for whoever names the very version that it has: `*` or a list says that nobody
 * has looked.
 * @param conditions of the request
 * @param draft as it is
 * @throws DomainError `precondition.failed`, `precondition.required`
 */
export function requireSeen(conditions: Conditions, { version }: Pick<Draft, 'version'>): void {
  conditions.require(String(version));
  if (conditions.version === undefined) throw new DomainError('precondition.required');
}

/**
 * A draft as the caller has seen it, for a step that takes a permission for everything it changes.
 * @param deps modules
 * @param ctx the request
 * @param given the draft's id, `If-Match`, the permission
 * @throws DomainError `draft.unknown`, `precondition.failed`, `precondition.required`, `token.insufficient`, `permission.missing`
 */
export async function seenDraft(
  deps: ConfigurationApiDeps,
  ctx: EdgeContext,
  given: { id: string; conditions: Conditions; permission: Permission },
): Promise<{ acting: Calling; draft: Draft; seen: Seen }> {
  const { id, conditions, permission } = given;
  const acting = await actingIn(deps, ctx);
  const draft = await draftFor(deps, acting, id);
  await requireDraft(acting, permission, draft);
  requireSeen(conditions, draft);
  return { acting, draft, seen: { id, version: draft.version } };
}
