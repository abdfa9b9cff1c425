/** What acting on a draft takes: the right for everything that it changes, and for what ends with it. */
import { DomainError } from '../../base/kernel/errors.ts';
import { parseItemPath, regionPath } from '../../business/layers/item-path.ts';
import { isObject } from '../../business/layers/json.ts';
import type { Draft } from '../../business/releases/draft.ts';
import type { ItemEdit } from '../../business/releases/draft-edits.ts';
import type { Drafts, Seen } from '../../business/releases/drafts.ts';
import type { PublicationInfo } from '../../business/releases/history.ts';
import type { PublishOptions } from '../../business/releases/orders.ts';
import type { Workflow } from '../../business/releases/workflow.ts';
import type { Permission } from '../../people/staff/grants.ts';
import type { Acting } from './acting.ts';
import type { PlacesDeps } from './places.ts';

/**
 * Lets somebody take a step with a draft only if they may do so with every item that it changes; a draft that changes
 * nothing yet belongs to whoever may change anything.
 * @param acting who
 * @param permission what the step takes
 * @param draft the draft
 * @throws DomainError as `Acting.require`
 */
export async function requireDraft(
  acting: Acting,
  permission: Permission,
  { changes }: Pick<Draft, 'changes'>,
): Promise<void> {
  acting.requireSome(permission);
  await acting.require(
    permission,
    changes.map(({ item }) => item),
  );
}

/**
 * Lets somebody change an item of a draft only if they may. A path where nothing can stand is a fault of the document,
 * told as such.
 * @param acting who
 * @param item its path
 * @throws DomainError as `Acting.require`
 */
export async function requireItem(acting: Acting, item: string): Promise<void> {
  if (parseItemPath(item)) await acting.require('edit', [item]);
  else acting.requireSome('edit');
}

/**
 * Changes items of a draft. Takes the right for each of them and, so that nobody reopens what others are about to
 * publish, for everything that the draft changes already.
 * @param deps drafts, what is live
 * @param acting who
 * @param seen the draft as it was seen
 * @param edits what is done to which item
 * @throws DomainError as `Acting.require`, and as `Drafts.edit`
 */
export async function editDraft(
  deps: Pick<PlacesDeps, 'releases'> & { workflow: { drafts: Pick<Drafts, 'get' | 'edit'> } },
  acting: Acting,
  seen: Seen,
  edits: readonly ItemEdit[],
): Promise<Draft> {
  const { drafts } = deps.workflow;
  for (const edit of edits) {
    await requireItem(acting, edit.item);
    await acting.require('edit', regionsBetween(deps, edit));
  }
  const draft = await drafts.get(seen.id);
  if (draft.version !== seen.version) throw new DomainError('draft.changed');
  await requireDraft(acting, 'edit', draft);
  return drafts.edit(seen, edits, acting.who);
}

/**
 * A market that moves leaves what one region has locked and joins another: the layers of both. Nothing for any other
 * edit.
 */
function regionsBetween({ releases }: Pick<PlacesDeps, 'releases'>, edit: ItemEdit): string[] {
  const name = parseItemPath(edit.item);
  const said = 'put' in edit ? edit.put : 'patch' in edit ? edit.patch : undefined;
  const region = said !== undefined && isObject(said) ? said.region : undefined;
  if (name?.kind !== 'market' || typeof region !== 'string') return [];
  const now = releases.live.current().all.configuration.markets.get(name.market)?.region;
  const { kind } = parseItemPath(regionPath(region)) ?? {};
  if (now === region || kind === undefined) return [];
  return now === undefined ? [regionPath(region)] : [regionPath(now), regionPath(region)];
}

/**
 * Publishes a draft, or plans to; the right to publish what it changes has been asked for before.
 * @param publishing of the workflow
 * @param acting who
 * @param seen the draft as it was seen
 * @param options where, when (at once when undefined), and what may end
 * @returns the draft; the publication unless it is planned
 * @throws DomainError `permission.missing`, and as `Publishing.publish`
 */
export async function publishDraft(
  publishing: Workflow['publishing'],
  acting: Acting,
  seen: Seen,
  { at, ...options }: PublishOptions & { at?: Date | undefined },
): Promise<{ draft: Draft; publication: PublicationInfo | undefined }> {
  // What other places have of their own ends with it, whatever that is.
  if (options.ending) acting.requireEverywhere('publish');
  if (at === undefined) return publishing.publish(seen, options, acting.who);
  const draft = await publishing.schedule(seen, { ...options, at }, acting.who);
  return { draft, publication: undefined };
}
