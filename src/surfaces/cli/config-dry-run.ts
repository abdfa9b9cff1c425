/** `symbolon config dry-run`: what members would meet differently if a folder's files, or a draft, went live. */
import type { Difference } from '../../business/dry-runs/differences.ts';
import type { ChangedJourney, DryRunReport } from '../../business/dry-runs/dry-run.ts';
import { ConfigurationRefused, glimpse } from '../../business/layers/fault.ts';
import type { Items } from '../../business/layers/folder.ts';
import type { Target } from '../../business/releases/target.ts';
import { type Answer, Refusal } from './answer.ts';
import { readFolder } from './config-folder.ts';
import { conflictText, planFor, type TargetOptions, targetOption } from './config-plan.ts';
import { conflictLines, indented, targetText, warningLines } from './config-words.ts';
import type { OpenProgram, World } from './world.ts';

/** Where files aim, and how much is shown. */
export interface DryRunOptions extends TargetOptions {
  all?: boolean;
}

/**
 * Replays journeys against what is live and against what would be; changes nothing.
 * @param world the rest
 * @param of path of a folder, or id of a draft, which names its own target
 * @param options where the files aim; `--all` for every journey
 * @throws ConfigurationRefused with every fault; Refusal at a conflict; DomainError `draft.unknown`
 */
export function dryRunConfiguration(world: World, of: string, options: DryRunOptions): Promise<Answer> {
  return world.withProgram(async (program) => {
    const { items, target } = of.startsWith('drf_')
      ? await ofDraft(program, of)
      : await ofFolder(program, of, targetOption(options));
    const report = await program.dryRuns.run(items, target);
    const warnings = await program.workflow.warningsOf(items);
    const text = [reportText(report, target, options.all ?? false), ...warningLines(warnings)].join('\n');
    return { text, data: { target, ...report, warnings } };
  });
}

interface Candidate {
  items: Items;
  target: Target;
}

async function ofFolder(program: OpenProgram, folder: string, target: Target): Promise<Candidate> {
  const { next, conflicts } = await planFor(program, await readFolder(program, folder), target);
  if (conflicts.length > 0) throw new Refusal(conflictText(conflicts));
  return { items: next, target };
}

async function ofDraft({ workflow: { drafts } }: OpenProgram, id: string): Promise<Candidate> {
  const [{ target }, { conflicts, faults }] = await Promise.all([drafts.get(id), drafts.check(id)]);
  if (conflicts.length > 0)
    throw new Refusal(
      ['Live was changed in the same places since the draft began:', ...conflictLines(conflicts)].join('\n'),
    );
  if (faults.length > 0) throw new ConfigurationRefused([...faults]);
  return { items: (await drafts.outcome(id)).items, target };
}

function reportText({ changed, summary }: DryRunReport, target: Target, all: boolean): string {
  const { synthetic, recorded, paths } = summary;
  const sample = synthetic.of > synthetic.journeys ? `, a sample of ${synthetic.of}` : '';
  const counts = [
    `${synthetic.changed} of ${synthetic.journeys} made-up journeys change${sample}.`,
    `${recorded.changed} of ${recorded.journeys} shapes that members really made change: ${recorded.changedPeople} of ${recorded.people} visits.`,
  ];
  if (changed.length === 0) return ['Nothing changes for members.', ...counts].join('\n');
  const shown = all ? changed : firstOfEach(changed);
  const more = changed.length - shown.length;
  return [
    `If it goes live ${targetText(target)}:`,
    ...indented(counts),
    '',
    'What differs, and in how many journeys:',
    ...indented(paths.map(({ path, journeys }) => `${path}: ${journeys}`)),
    '',
    ...shown.flatMap((journey) => [
      journeyLine(journey),
      ...indented(journey.differences.map(differenceLine)),
    ]),
    ...(more > 0 ? ['', `${more} more journeys change in these ways; --all shows them.`] : []),
  ].join('\n');
}

/** The first journey of each set of differences: a hundred that change alike say no more than one. */
function firstOfEach(changed: readonly ChangedJourney[]): ChangedJourney[] {
  const seen = new Set<string>();
  return changed.filter(({ differences }) => {
    const kind = JSON.stringify(differences);
    if (seen.has(kind)) return false;
    seen.add(kind);
    return true;
  });
}

function journeyLine({ name, source, count }: ChangedJourney): string {
  return source === 'recorded' ? `${name} (made ${count} times)` : name;
}

function differenceLine({ path, change, before, after }: Difference): string {
  if (change === 'added') return `+ ${path}: ${glimpse(after)}`;
  return change === 'removed'
    ? `- ${path}: ${glimpse(before)}`
    : `~ ${path}: ${glimpse(before)} → ${glimpse(after)}`;
}
