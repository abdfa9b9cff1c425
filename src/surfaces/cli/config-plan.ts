/** `symbolon config pull`, `diff`, `plan` and `apply`: configuration as code, in a folder of files. */
import { userInfo } from 'node:os';
import { diffItems, type ItemChange } from '../../business/layers/diff.ts';
import { ConfigurationRefused } from '../../business/layers/fault.ts';
import type { Items } from '../../business/layers/folder.ts';
import { type MergeConflict, mergeChanges, withChanges } from '../../business/layers/merge-items.ts';
import type { Who } from '../../business/releases/draft-writes.ts';
import { type Target, usualAt } from '../../business/releases/target.ts';
import { type Answer, exitCodes, InputFaults, Refusal } from './answer.ts';
import {
  type ConfigurationFiles,
  changesBetween,
  noteRelease,
  readFolder,
  writeFolder,
} from './config-folder.ts';
import { conflictLines, differenceLines, indented, shortId, targetText } from './config-words.ts';
import type { OpenProgram, World } from './world.ts';

/** Where a command aims. */
export interface TargetOptions {
  region?: string[];
  market?: string[];
}

/** Who acts, as far as a command line can know. */
export interface PersonOption {
  as?: string;
}

/**
 * Who acts: the person named, else the operating system's user. Whoever can run commands on the database could name
 * anybody; the record says that it was a command.
 * @param world ids, clock
 * @param options `--as`
 */
export function whoActs(world: World, { as }: PersonOption): Who {
  const id = as ?? userInfo().username;
  return { by: { kind: 'operator', id }, visit: { ...world.visit(), actor: { kind: 'operator', id } } };
}

/**
 * Where a command aims: everywhere, unless regions or markets are named.
 * @param options `--region` and `--market`
 */
export function targetOption({ region: regions = [], market: markets = [] }: TargetOptions): Target {
  return regions.length + markets.length === 0 ? 'all' : { regions, markets };
}

/**
 * Writes what is live, or a named release, into a folder.
 * @param world the rest
 * @param folder path of the folder
 * @param options `--release`
 */
export function pullConfiguration(
  world: World,
  folder: string,
  options: { release?: string },
): Promise<Answer> {
  return world.withProgram(async ({ releases, workflow }) => {
    const live = releases.live.current().all.release;
    const release = options.release === undefined ? live : await workflow.history.release(options.release);
    const changed = writeFolder(folder, release);
    const text = [
      changed.length === 0 ? 'Nothing differed.' : `Wrote ${changed.length} files.`,
      `${folder} is release ${shortId(release.id)}, ${JSON.stringify(release.message)}.`,
    ].join('\n');
    return { text, data: { release: release.id, changed } };
  });
}

/**
 * What the files change, and what others changed since they were pulled.
 * @param world the rest
 * @param folder path of the folder
 */
export function diffConfiguration(world: World, folder: string): Promise<Answer> {
  return world.withProgram(async (program) => {
    const { items, base } = await readFolder(program, folder);
    const live = program.releases.live.current().all.release;
    const yours = diffItems(base.items, items);
    const drift = diffItems(base.items, live.items);
    return { text: diffText(yours, drift), data: { base: base.id, live: live.id, yours, drift } };
  });
}

function diffText(yours: readonly ItemChange[], drift: readonly ItemChange[]): string {
  const lines = [
    ...(yours.length > 0
      ? ['Your files change:', ...indented(differenceLines(yours))]
      : ['Your files change nothing.']),
    ...(drift.length > 0
      ? ['', 'Live has drifted since you pulled:', ...indented(differenceLines(drift))]
      : ['', 'Live is what you pulled.']),
  ];
  return lines.join('\n');
}

/** What applying a folder would do. */
export interface Plan {
  changes: ReturnType<typeof changesBetween>;
  /** Every item as it would go live. */
  next: Items;
  differences: ItemChange[];
  conflicts: readonly MergeConflict[];
  approvals: number;
}

/**
 * The folder's changes, carried over to what is live now.
 * @param program the opened program
 * @param files the folder
 * @param target where they are to go live
 * @throws ConfigurationRefused
 */
export async function planFor(
  program: OpenProgram,
  files: ConfigurationFiles,
  target: Target,
): Promise<Plan> {
  const live = program.releases.live.current();
  const { items } = usualAt(target, live).release;
  const yours = changesBetween(files.base.items, files.items);
  const { changes, conflicts } = mergeChanges(files.base.items, items, yours);
  const next = withChanges(items, changes);
  const faults = conflicts.length > 0 ? [] : await program.workflow.faultsOf(next);
  if (faults.length > 0) throw new ConfigurationRefused(faults);
  const { approvals } = live.all.configuration.program;
  return { changes, next, differences: diffItems(items, next), conflicts, approvals };
}

/**
 * What applying the files would change where, judged as a whole; changes nothing.
 * @param world the rest
 * @param folder path of the folder
 * @param options where
 * @throws ConfigurationRefused with every fault
 */
export function planConfiguration(world: World, folder: string, options: TargetOptions): Promise<Answer> {
  return world.withProgram(async (program) => {
    const target = targetOption(options);
    const plan = await planFor(program, await readFolder(program, folder), target);
    const { differences, conflicts, approvals } = plan;
    return {
      text: planText(plan, target),
      data: { target, differences, conflicts, approvals },
      ...(conflicts.length > 0 && { exitCode: exitCodes.refused }),
    };
  });
}

function planText({ differences, conflicts, approvals }: Plan, target: Target): string {
  if (conflicts.length > 0) return conflictText(conflicts);
  if (differences.length === 0) return 'Nothing to do: live says what your files say.';
  return [
    `To be changed ${targetText(target)}:`,
    ...indented(differenceLines(differences)),
    '',
    approvals === 0
      ? 'No second person has to approve it.'
      : `${approvals} other ${approvals === 1 ? 'person has' : 'people have'} to approve it before it goes live.`,
  ].join('\n');
}

/**
 * Says that live and the files changed the same keys, and what to do.
 * @param conflicts the keys
 */
export function conflictText(conflicts: readonly MergeConflict[]): string {
  return [
    'Live was changed in the same places since you pulled:',
    ...indented(conflictLines(conflicts)),
    '',
    'Pull into another folder, bring the two together, and apply that.',
  ].join('\n');
}

/** How files are applied. */
export interface ApplyOptions extends TargetOptions, PersonOption {
  message?: string;
  yes?: boolean;
}

/**
 * Makes a draft of the files' changes and, where no second person has to approve it, publishes it.
 * @param world the rest
 * @param folder path of the folder
 * @param options message, where, who; without `--yes` the plan is shown
 * @throws ConfigurationRefused with every fault; InputFaults; Refusal at a conflict
 */
export function applyConfiguration(world: World, folder: string, options: ApplyOptions): Promise<Answer> {
  return world.withProgram(async (program) => {
    const files = await readFolder(program, folder);
    const target = targetOption(options);
    const plan = await planFor(program, files, target);
    if (plan.conflicts.length > 0) throw new Refusal(conflictText(plan.conflicts));
    if (plan.differences.length === 0)
      return { text: planText(plan, target), data: { differences: [], published: false } };
    if (!options.yes) {
      const text = `${planText(plan, target)}\nAdd --yes to do it.`;
      return { text, data: { target, differences: plan.differences }, exitCode: exitCodes.refused };
    }
    if (!options.message?.trim()) throw new InputFaults(['--message: is needed, to say why']);
    const draft = await draftOf(program, plan, {
      message: options.message,
      target,
      who: whoActs(world, options),
    });
    if (draft.state !== 'approved') return waitingAnswer(draft.id, plan.approvals);
    const { publishing } = program.workflow;
    const { publication } = await publishing.publish(draft, {}, whoActs(world, options));
    // Of a part of the program the folder stays what it was: everywhere else the former release is live.
    if (target === 'all') noteRelease(files.path, publication.release);
    const text = `Live ${targetText(target)} as release ${shortId(publication.release)}.`;
    return { text, data: { published: true, draft: draft.id, release: publication.release, target } };
  });
}

async function draftOf(
  { workflow: { drafts } }: OpenProgram,
  { changes }: Plan,
  { message, target, who }: { message: string; target: Target; who: Who },
) {
  const opened = await drafts.open({ message, target }, who);
  const edits = [...changes].map(([item, document]) =>
    document ? ({ item, put: document } as const) : ({ item, remove: true } as const),
  );
  const edited = await drafts.edit(opened, edits, who);
  return drafts.submit(edited, who);
}

function waitingAnswer(draft: string, approvals: number): Answer {
  const people = approvals === 1 ? 'another person' : `${approvals} other people`;
  const text = [
    `Draft ${draft} waits for ${people}:`,
    `  symbolon config approve ${draft} --as <their name>`,
    `  symbolon config publish ${draft}`,
  ].join('\n');
  return { text, data: { published: false, draft, approvals } };
}
