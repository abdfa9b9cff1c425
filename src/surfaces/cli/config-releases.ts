/** `symbolon config drafts`, `approve`, `publish`, `withdraw`, `history`, `rollback` and `undo`: what is or was live. */
import { diffItems } from '../../business/layers/diff.ts';
import { draftStates } from '../../business/releases/draft.ts';
import { type Answer, exitCodes, InputFaults, table } from './answer.ts';
import { type PersonOption, type TargetOptions, targetOption, whoActs } from './config-plan.ts';
import { authorText, differenceLines, indented, shortId, targetText } from './config-words.ts';
import type { World } from './world.ts';

/**
 * The drafts, the newest first.
 * @param world the rest
 * @param options only those of a state
 */
export function listDrafts(world: World, options: { state?: string }): Promise<Answer> {
  const state = draftStates.find((known) => known === options.state);
  if (options.state !== undefined && !state)
    throw new InputFaults([`--state: is one of ${draftStates.join(', ')}`]);
  return world.withProgram(async ({ workflow }) => {
    const { items } = await workflow.drafts.list({ state });
    const rows = items.map((draft) => [
      draft.id,
      draft.state,
      targetText(draft.target),
      authorText(draft.author),
      draft.message,
    ]);
    return { text: table(['draft', 'state', 'where', 'by', 'message'], rows), data: { drafts: items } };
  });
}

/**
 * A draft: what it changes, what is wrong with it, who approved it.
 * @param world the rest
 * @param id the draft
 */
export function showDraft(world: World, id: string): Promise<Answer> {
  return world.withProgram(async ({ workflow: { drafts, history } }) => {
    const [draft, report, items] = await Promise.all([drafts.get(id), drafts.check(id), drafts.items(id)]);
    const base = await history.release(draft.base);
    const differences = diffItems(base.items, items);
    const text = [
      `${draft.id} (${draft.state}), ${targetText(draft.target)}: ${draft.message}`,
      ...indented(differenceLines(differences)),
      `Approved by: ${draft.approvals.map(({ by }) => authorText(by)).join(', ') || 'nobody'}`,
      ...report.faults.map(
        ({ item, key, expected, got }) => `FAULT ${item} ${key}: expected ${expected}, got ${got}`,
      ),
      ...(report.conflicts.length > 0 ? ['Live was changed in the same places since the draft began.'] : []),
    ].join('\n');
    return { text, data: { draft, differences, report } };
  });
}

/**
 * Approves a submitted draft.
 * @param world the rest
 * @param id the draft
 * @param options who approves
 */
export function approveDraft(world: World, id: string, options: PersonOption): Promise<Answer> {
  return world.withProgram(async ({ workflow: { drafts } }) => {
    const draft = await drafts.approve(await drafts.get(id), whoActs(world, options));
    const text = `Approved as ${whoActs(world, options).by.id}; the draft is ${draft.state}.`;
    return { text, data: { draft } };
  });
}

/**
 * Ends a draft.
 * @param world the rest
 * @param id the draft
 * @param options who and why
 */
export function withdrawDraft(
  world: World,
  id: string,
  options: PersonOption & { reason: string },
): Promise<Answer> {
  return world.withProgram(async ({ workflow: { drafts } }) => {
    const draft = await drafts.withdraw(await drafts.get(id), options.reason, whoActs(world, options));
    return { text: 'Withdrawn.', data: { draft } };
  });
}

/** How a draft is published. */
export interface PublishDraftOptions extends TargetOptions, PersonOption {
  at?: string;
}

/**
 * Publishes an approved draft, everywhere it is meant for or in a part of it, now or at a time.
 * @param world the rest
 * @param id the draft
 * @param options part of its target, time, who
 */
export function publishDraft(world: World, id: string, options: PublishDraftOptions): Promise<Answer> {
  const target = targetOption(options);
  const part = target === 'all' ? {} : { target };
  const who = whoActs(world, options);
  return world.withProgram(async ({ workflow: { drafts, publishing } }) => {
    const seen = await drafts.get(id);
    if (options.at === undefined) {
      const { draft, publication } = await publishing.publish(seen, part, who);
      const text = `Live ${targetText(publication.target)} as release ${shortId(publication.release)}.`;
      return { text, data: { draft, publication } };
    }
    const at = new Date(options.at);
    if (Number.isNaN(at.getTime())) throw new InputFaults(['--at: is a time such as 2026-12-01T06:00:00Z']);
    const draft = await publishing.schedule(seen, { ...part, at }, who);
    return { text: `Goes live at ${at.toISOString()}.`, data: { draft } };
  });
}

/**
 * What was live, where and through whom, the newest first.
 * @param world the rest
 * @param options how many
 */
export function showHistory(world: World, options: { limit: string }): Promise<Answer> {
  return world.withProgram(async ({ workflow, releases }) => {
    const { items } = await workflow.history.publications({ limit: Number(options.limit) });
    const messages = await Promise.all(items.map(({ release }) => releases.store.info(release)));
    const rows = items.map((publication, at) => [
      publication.at.toISOString(),
      publication.release,
      publication.kind,
      targetText(publication.target),
      authorText(publication.by),
      publication.reason ?? messages[at]?.message ?? '',
    ]);
    return {
      text: table(['when', 'release', 'kind', 'where', 'by', 'why'], rows),
      data: { publications: items.map((each, at) => ({ ...each, message: messages[at]?.message })) },
    };
  });
}

/** How an earlier state comes back. */
export interface BackOptions extends TargetOptions, PersonOption {
  reason: string;
  yes?: boolean;
}

/**
 * Makes a release live again.
 * @param world the rest
 * @param release id of the release
 * @param options where, why, who
 */
export function rollBackTo(world: World, release: string, options: BackOptions): Promise<Answer> {
  const target = targetOption(options);
  return world.withProgram(async ({ workflow: { publishing, history }, releases }) => {
    const before = releases.live.current().all.release;
    const wanted = await history.release(release);
    const lines = indented(differenceLines(diffItems(before.items, wanted.items)));
    if (!options.yes) {
      const text = [`Going back ${targetText(target)} would change:`, ...lines, 'Add --yes to do it.'].join(
        '\n',
      );
      return { text, data: { target, release: wanted.id }, exitCode: exitCodes.refused };
    }
    const back = { release: wanted.id, target, reason: options.reason };
    const publication = await publishing.rollBack(back, whoActs(world, options));
    return {
      text: `Release ${shortId(wanted.id)} is live again ${targetText(target)}.`,
      data: { publication },
    };
  });
}

/**
 * Undoes the last publication.
 * @param world the rest
 * @param options why, who
 */
export function undoLast(world: World, options: BackOptions): Promise<Answer> {
  return world.withProgram(async ({ workflow: { publishing, history } }) => {
    const last = await history.publication();
    if (!last) return { text: 'Nothing was ever published.', data: {} };
    const what = `release ${shortId(last.release)} ${targetText(last.target)}, live since ${last.at.toISOString()}`;
    if (!options.yes)
      return {
        text: `Would undo ${what}.\nAdd --yes to do it.`,
        data: { last },
        exitCode: exitCodes.refused,
      };
    const publication = await publishing.undo(
      { publication: last.id, reason: options.reason },
      whoActs(world, options),
    );
    return { text: `Undone: ${what}.`, data: { publication } };
  });
}
