/** `symbolon config pull`, `diff`, `plan` and `apply`: configuration as code, in a folder of files. */
import { userInfo } from 'node:os';
import { diffItems, type ItemChange } from '../../business/layers/diff.ts';
import { type ConfigurationFault, ConfigurationRefused } from '../../business/layers/fault.ts';
import type { Items } from '../../business/layers/folder.ts';
import { type MergeConflict, mergeChanges, withChanges } from '../../business/layers/merge-items.ts';
import type { Who } from '../../business/releases/draft-writes.ts';
import type { OwnRelease } from '../../business/releases/live.ts';
import {
  checkTarget,
  type Place,
  placesThatEnd,
  type Target,
  usualAt,
} from '../../business/releases/target.ts';
import { type Answer, exitCodes, InputFaults, Refusal } from './answer.ts';
import {
  type ConfigurationFiles,
  changesBetween,
  noteRelease,
  readFolder,
  writeFolder,
} from './config-folder.ts';
import {
  conflictLines,
  differenceLines,
  indented,
  orphansText,
  ownLines,
  placesText,
  targetText,
  warningLines,
} from './config-words.ts';
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
    const { all, own } = releases.live.current();
    const release =
      options.release === undefined ? all.release : await workflow.history.named(options.release);
    const changed = writeFolder(folder, release);
    const text = [
      changed.length === 0
        ? 'Nothing differed.'
        : `Wrote ${changed.length} ${changed.length === 1 ? 'file' : 'files'}.`,
      `${folder} is release ${release.id}, ${JSON.stringify(release.message)}.`,
      ...(options.release === undefined ? ownLines(own) : []),
    ].join('\n');
    return { text, data: { release: release.id, changed, own: ownReleases(own) } };
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
    const { all, own } = program.releases.live.current();
    const live = all.release;
    const yours = diffItems(base.items, items);
    const drift = diffItems(base.items, live.items);
    const text = [diffText(yours, drift), ...ownLines(own)].join('\n');
    return { text, data: { base: base.id, live: live.id, yours, drift, own: ownReleases(own) } };
  });
}

function ownReleases(own: readonly OwnRelease[]) {
  return own.map(({ kind, id, live }) => ({ kind, id, release: live.release.id }));
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
  /** Regions and markets whose own release would end. */
  ends: readonly Place[];
  /** What it names that nobody has made yet. */
  warnings: readonly ConfigurationFault[];
  /** Attributes that members have values of and that would go or become another type. */
  orphans: readonly string[];
}

/**
 * The folder's changes, carried over to what is live now.
 * @param program the opened program
 * @param files the folder
 * @param target where they are to go live
 * @throws ConfigurationRefused; DomainError `target.unknown`
 */
export async function planFor(
  program: OpenProgram,
  files: ConfigurationFiles,
  target: Target,
): Promise<Plan> {
  const live = program.releases.live.current();
  checkTarget(target, live.all.configuration);
  const { id, items } = usualAt(target, live).release;
  const yours = changesBetween(files.base.items, files.items);
  const { changes, conflicts } = mergeChanges(files.base.items, items, yours);
  const next = withChanges(items, changes);
  const faults = conflicts.length > 0 ? [] : await program.workflow.faultsOf(next);
  if (faults.length > 0) throw new ConfigurationRefused(faults);
  const { approvals } = live.all.configuration.program;
  const ends = placesThatEnd(target, live, new Set([id]));
  const orphans = conflicts.length > 0 ? [] : await program.workflow.orphansOf(next, target);
  const warnings = await program.workflow.warningsOf(next);
  const differences = diffItems(items, next);
  return { changes, next, differences, conflicts, approvals, ends, orphans, warnings };
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
    const { differences, conflicts, approvals, ends, orphans, warnings } = plan;
    return {
      text: planText(plan, target),
      data: { target, differences, conflicts, approvals, ends, orphans, warnings },
      ...(conflicts.length > 0 && { exitCode: exitCodes.refused }),
    };
  });
}

function planText(
  { differences, conflicts, approvals, ends, orphans, warnings }: Plan,
  target: Target,
): string {
  if (conflicts.length > 0) return conflictText(conflicts);
  if (differences.length === 0)
    return ['Nothing to do: live says what your files say.', ...warningLines(warnings)].join('\n');
  return [
    `To be changed ${targetText(target)}:`,
    ...indented(differenceLines(differences)),
    '',
    approvals === 0
      ? 'No second person has to approve it.'
      : `${approvals} other ${approvals === 1 ? 'person has' : 'people have'} to approve it before it goes live.`,
    ...(ends.length > 0 ? [endsText(ends)] : []),
    ...(orphans.length > 0 ? [orphansText(orphans)] : []),
    ...warningLines(warnings),
  ].join('\n');
}

function endsText(ends: readonly Place[]): string {
  return [
    `These have a release of their own, and it ends when this goes live: ${placesText(ends)}.`,
    'Say --may-end when you publish to let it end, or aim elsewhere with --region and --market.',
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
  /** What regions and markets have of their own may end. */
  mayEnd?: boolean;
  /** Attributes that members have values of and that may go. */
  mayLose?: string[];
}

/**
 * Makes a draft of the files' changes and, where no second person has to approve it, publishes it.
 * @param world the rest
 * @param folder path of the folder
 * @param options message, where, who; without `--yes` the plan is shown
 * @throws ConfigurationRefused with every fault; InputFaults; Refusal at a conflict, and where a release of
 * a region or market would end, or an attribute go, that may not; DomainError `target.unknown`
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
      const { differences, ends, orphans, warnings } = plan;
      return {
        text,
        data: { target, differences, ends, orphans, warnings },
        exitCode: exitCodes.refused,
      };
    }
    if (!options.message?.trim()) throw new InputFaults(['--message: is needed, to say why']);
    const { mayEnd: ending = false, mayLose: orphans = [] } = options;
    refuseUnsaid(plan, { ending, orphans });
    const draft = await draftOf(program, plan, {
      message: options.message,
      target,
      who: whoActs(world, options),
    });
    if (draft.state !== 'approved') return waitingAnswer(draft.id, plan);
    const { publishing } = program.workflow;
    const { publication } = await publishing.publish(draft, { ending, orphans }, whoActs(world, options));
    // Of a part of the program the folder stays what it was: everywhere else the former release is live.
    if (target === 'all') noteRelease(files.path, publication.release);
    const { release } = publication;
    const text = [`Live ${targetText(target)} as release ${release}.`, ...warningLines(plan.warnings)];
    const data = { published: true, draft: draft.id, release, target, warnings: plan.warnings };
    return { text: text.join('\n'), data };
  });
}

/** What ends or goes must be said to; where others approve, whoever publishes says so. */
function refuseUnsaid(
  { ends, orphans, approvals }: Plan,
  said: { ending: boolean; orphans: readonly string[] },
): void {
  if (approvals > 0) return;
  if (ends.length > 0 && !said.ending) throw new Refusal(endsText(ends));
  const unsaid = orphans.filter((attribute) => !said.orphans.includes(attribute));
  if (unsaid.length > 0) throw new Refusal(orphansText(unsaid));
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

function waitingAnswer(draft: string, { approvals, ends, orphans, warnings }: Plan): Answer {
  const people = approvals === 1 ? 'another person' : `${approvals} other people`;
  const text = [
    `Draft ${draft} waits for ${people}:`,
    `  symbolon config approve ${draft} --as <their name>`,
    `  symbolon config publish ${draft}`,
    ...(ends.length > 0 ? [endsText(ends)] : []),
    ...(orphans.length > 0 ? [orphansText(orphans)] : []),
    ...warningLines(warnings),
  ].join('\n');
  return { text, data: { published: false, draft, approvals, ends, orphans, warnings } };
}
