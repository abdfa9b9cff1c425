/** The commands of `symbolon config`: arguments, options and what they say about themselves. */
import type { Command } from 'commander';
import { type DryRunOptions, dryRunConfiguration } from './config-dry-run.ts';
import {
  type ApplyOptions,
  applyConfiguration,
  diffConfiguration,
  planConfiguration,
  pullConfiguration,
  type TargetOptions,
} from './config-plan.ts';
import {
  approveDraft,
  type BackOptions,
  cancelPublication,
  listDrafts,
  type PublishDraftOptions,
  publishDraft,
  rollBackTo,
  showDraft,
  showHistory,
  undoLast,
  withdrawDraft,
} from './config-releases.ts';
import { checkConfig, printConfig } from './configuration.ts';
import type { Answering } from './program.ts';
import type { World } from './world.ts';

const list = (value: string, before: string[] | undefined) => [...(before ?? []), value];
const aimed = (command: Command) =>
  command
    .option('--region <id>', 'only in this region; may be repeated', list)
    .option('--market <id>', 'only in this market; may be repeated', list);
const mayEnd = 'regions and markets may lose a release of their own';
const mayLose = (command: Command) =>
  command.option(
    '--may-lose <attribute>',
    'this attribute may go or become another type although members have values of it; may be repeated',
    list,
  );
const shortened = 'its first eight characters will do where no other begins like it';
const person = (command: Command) =>
  command.option('--as <name>', 'who acts, for the record (default: your user name on this machine)');

/**
 * Adds the commands.
 * @param config `symbolon config`
 * @param world what the commands reach the rest through
 * @param answer wraps a command's work
 */
export function addConfigCommands(config: Command, world: World, answer: Answering): void {
  config
    .command('check')
    .description('Read the whole configuration and tell every fault at once.')
    .action(answer(() => checkConfig(world)));
  config
    .command('print')
    .description('The effective settings of the process and where each came from; secrets are masked.')
    .action(answer(() => printConfig(world)));
  addFolderCommands(config, world, answer);
  addDraftCommands(config, world, answer);
  addHistoryCommands(config, world, answer);
}

function addFolderCommands(config: Command, world: World, answer: Answering): void {
  const folder = 'folder of configuration files';
  config
    .command('pull')
    .description('Write what is live into a folder of files.')
    .argument('<folder>', folder)
    .option('--release <id>', `an earlier release instead; ${shortened}`)
    .action(answer((path: string, options: { release?: string }) => pullConfiguration(world, path, options)));
  config
    .command('diff')
    .description('What your files change, and what others changed since you pulled them.')
    .argument('<folder>', folder)
    .action(answer((path: string) => diffConfiguration(world, path)));
  aimed(
    config
      .command('plan')
      .description('What applying your files would change, judged as a whole. Changes nothing.')
      .argument('<folder>', folder),
  ).action(answer((path: string, options: TargetOptions) => planConfiguration(world, path, options)));
  aimed(
    config
      .command('dry-run')
      .description(
        'What members would meet differently if your files, or a draft, went live. Changes nothing.',
      )
      .argument('<folder-or-draft>', `${folder}, or id of a draft`),
  )
    .option('--all', 'every journey that changes, not only the first of each kind of difference')
    .action(answer((of: string, options: DryRunOptions) => dryRunConfiguration(world, of, options)));
  mayLose(
    person(
      aimed(
        config
          .command('apply')
          .description(
            'Publish what your files change, or leave it as a draft to approve. Shows the plan first; --yes does it.',
          )
          .argument('<folder>', folder),
      )
        .option('--message <text>', 'why, for the record')
        .option('--may-end', mayEnd)
        .option('--yes', 'do it'),
    ),
  ).action(answer((path: string, options: ApplyOptions) => applyConfiguration(world, path, options)));
}

function addDraftCommands(config: Command, world: World, answer: Answering): void {
  config
    .command('drafts')
    .description('Changes that are being made, the newest first.')
    .option('--state <state>', 'only open, submitted, approved, published or withdrawn ones')
    .action(answer((options: { state?: string }) => listDrafts(world, options)));
  config
    .command('draft')
    .description('What a draft changes, what is wrong with it, who approved it.')
    .argument('<draft>', 'id of the draft')
    .action(answer((id: string) => showDraft(world, id)));
  person(
    config
      .command('approve')
      .description('Approve a submitted draft; nobody who changed it can.')
      .argument('<draft>', 'id of the draft'),
  ).action(answer((id: string, options: { as?: string }) => approveDraft(world, id, options)));
  mayLose(
    person(
      aimed(
        config
          .command('publish')
          .description('Publish an approved draft, in all of its target or a part of it.')
          .argument('<draft>', 'id of the draft'),
      )
        .option(
          '--at <time>',
          'not now but then, such as 2026-12-01T06:00:00Z; in the place of an earlier plan',
        )
        .option('--may-end', mayEnd),
    ),
  ).action(answer((id: string, options: PublishDraftOptions) => publishDraft(world, id, options)));
  person(
    config
      .command('cancel')
      .description('Call a planned publication off; the draft stays approved.')
      .argument('<draft>', 'id of the draft'),
  ).action(answer((id: string, options: { as?: string }) => cancelPublication(world, id, options)));
  person(
    config
      .command('withdraw')
      .description('End a draft.')
      .argument('<draft>', 'id of the draft')
      .requiredOption('--reason <text>', 'why, for the record'),
  ).action(
    answer((id: string, options: { as?: string; reason: string }) => withdrawDraft(world, id, options)),
  );
}

function addHistoryCommands(config: Command, world: World, answer: Answering): void {
  config
    .command('history')
    .description('What was live, where and through whom, the newest first.')
    .option('--limit <number>', 'most entries', '20')
    .action(answer((options: { limit: string }) => showHistory(world, options)));
  person(
    aimed(
      config
        .command('rollback')
        .description(
          'Make an earlier release live again where it was. Shows what changes first; --yes does it.',
        )
        .argument('<release>', `id of the release, as the history names it; ${shortened}`)
        .requiredOption('--reason <text>', 'why, for the record'),
    ).option('--yes', 'do it'),
  ).action(answer((id: string, options: BackOptions) => rollBackTo(world, id, options)));
  person(
    config
      .command('undo')
      .description('Undo the last publication. Shows it first; --yes does it.')
      .requiredOption('--reason <text>', 'why, for the record')
      .option('--yes', 'do it'),
  ).action(answer((options: BackOptions) => undoLast(world, options)));
}
