/** `symbolon config drafts`, `approve`, `publish`, `cancel`, `withdraw`, `history`, `rollback` and `undo`: what is or was live. */
import { diffItems } from '../../business/layers/diff.ts';
import { type Draft, draftStates } from '../../business/releases/draft.ts';
import { checkTarget, usualAt } from '../../business/releases/target.ts';
import { type Answer, exitCodes, InputFaults, table } from './answer.ts';
import { type PersonOption, type TargetOptions, targetOption, whoActs } from './config-plan.ts';
import { authorText, differenceLines, indented, orphansText, targetText } from './config-words.ts';
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
  return world.withProgram(async ({ workflow: { drafts, history, orphansOf } }) => {
    const [draft, report, items] = await Promise.all([drafts.get(id), drafts.check(id), drafts.items(id)]);
    const whole = report.faults.length + report.conflicts.length === 0;
    const orphans = whole ? await orphansOf((await drafts.outcome(id)).items, draft.target) : [];
    const base = await history.release(draft.base);
    const differences = diffItems(base.items, items);
    const text = [
      `${draft.id} (${draft.state}), ${targetText(draft.target)}: ${draft.message}`,
      ...indented(differenceLines(differences)),
      `Approved by: ${draft.approvals.map(({ by }) => authorText(by)).join(', ') || 'nobody'}`,
      ...scheduleLines(draft),
      ...report.faults.map(
        ({ item, key, expected, got }) => `FAULT ${item} ${key}: expected ${expected}, got ${got}`,
      ),
      ...(report.conflicts.length > 0 ? ['Live was changed in the same places since the draft began.'] : []),
      ...(orphans.length > 0 ? [orphansText(orphans)] : []),
    ].join('\n');
    return { text, data: { draft, differences, report, orphans } };
  });
}

function scheduleLines({ schedule, failure }: Draft): string[] {
  return [
    ...(schedule
      ? [
          `Goes live ${targetText(schedule.target)} at ${schedule.at.toISOString()}, planned by ${authorText(schedule.by)}.`,
        ]
      : []),
    ...(failure ? [`Did not go live at ${failure.at.toISOString()}: ${failure.code}.`] : []),
  ];
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
  /** What regions and markets have of their own may end. */
  mayEnd?: boolean;
  /** Attributes that members have values of and that may go. */
  mayLose?: string[];
}

/**
 * Publishes an approved draft, everywhere it is meant for or in a part of it, now or at a time.
 * @param world the rest
 * @param id the draft
 * @param options part of its target, time, what may end, who
 * @throws InputFaults for a time that is none or is past; and as `Publishing.publish`
 */
export function publishDraft(world: World, id: string, options: PublishDraftOptions): Promise<Answer> {
  const target = targetOption(options);
  const how = {
    ...(target !== 'all' && { target }),
    ending: options.mayEnd ?? false,
    orphans: options.mayLose ?? [],
  };
  const who = whoActs(world, options);
  const at = options.at === undefined ? undefined : timeOption(world, options.at);
  return world.withProgram(async ({ workflow: { drafts, publishing } }) => {
    const seen = await drafts.get(id);
    const planned = seen.schedule?.at.toISOString();
    if (at === undefined) {
      const { draft, publication } = await publishing.publish(seen, how, who);
      const text = [
        `Live ${targetText(publication.target)} as release ${publication.release}.`,
        ...(planned === undefined ? [] : [`It was planned for ${planned}; that plan is over.`]),
      ].join('\n');
      return { text, data: { draft, publication } };
    }
    const draft = await publishing.schedule(seen, { ...how, at }, who);
    const instead = planned === undefined ? '' : `, no longer at ${planned}`;
    const where = targetText(draft.schedule?.target ?? draft.target);
    return { text: `Goes live ${where} at ${at.toISOString()}${instead}.`, data: { draft } };
  });
}

function timeOption(world: World, given: string): Date {
  const at = new Date(given);
  if (Number.isNaN(at.getTime())) throw new InputFaults(['--at: is a time such as 2026-12-01T06:00:00Z']);
  if (at.getTime() <= world.clock.now())
    throw new InputFaults([`--at: ${at.toISOString()} is past; without --at the draft goes live now`]);
  return at;
}

/**
 * Calls a planned publication off.
 * @param world the rest
 * @param id the draft
 * @param options who
 */
export function cancelPublication(world: World, id: string, options: PersonOption): Promise<Answer> {
  return world.withProgram(async ({ workflow: { drafts, publishing } }) => {
    const seen = await drafts.get(id);
    const draft = await publishing.cancel(seen, whoActs(world, options));
    const text =
      draft.version === seen.version
        ? 'No publication was planned.'
        : `Called off; the draft stays ${draft.state}.`;
    return { text, data: { draft } };
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
 * @param release id of the release, or the beginning of it
 * @param options where, why, who
 */
export function rollBackTo(world: World, release: string, options: BackOptions): Promise<Answer> {
  const target = targetOption(options);
  return world.withProgram(async ({ workflow: { publishing, history }, releases }) => {
    const live = releases.live.current();
    checkTarget(target, live.all.configuration);
    const before = usualAt(target, live).release;
    const wanted = await history.named(release);
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
      text: `Release ${wanted.id} is live again ${targetText(target)}.`,
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
    const since = last.at.toISOString();
    // An undo names no release of its own: what it took back goes live again.
    const what =
      last.kind === 'undo'
        ? `the undo of ${since} ${targetText(last.target)}, so that what it took back is live again`
        : `release ${last.release} ${targetText(last.target)}, live since ${since}`;
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
