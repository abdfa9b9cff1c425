/** The page docs/command-line.md, from the commands themselves. */
import type { Command } from 'commander';
import { exitCodes, exitCodeTexts } from './answer.ts';
import { createProgram } from './program.ts';
import type { World } from './world.ts';

/** Every command with its arguments and options, and the exit codes. */
export function commandLineDoc(): string {
  // The commands are only described here, never run.
  const program = createProgram({} as World, () => undefined);
  const codes = Object.entries(exitCodes).map(
    ([name, code]) => `| ${code} | ${exitCodeTexts[name as keyof typeof exitCodes]} |`,
  );
  return [
    '# The command line',
    '',
    '<!-- Generated from src/surfaces/cli/program.ts by scripts/generate.mjs; edit there. -->',
    '',
    'Run it from the project folder as `node scripts/symbolon.mjs <command>` (below: `symbolon`). It reads the same',
    'configuration as the issuer. Where no `MONGODB_URI` is configured it uses the embedded database of the issuer that',
    'runs in this folder; if none runs, it starts that database for the time of the command.',
    '',
    '`--json` works with every command: one JSON document on standard output, or on failure',
    '`{ "error": { "code", "message", "faults" } }` on standard error. Secrets are shown once and never stored readable.',
    '',
    '| exit code | meaning |',
    '|---|---|',
    ...codes,
    '',
    ...leaves(program, 'symbolon').flatMap(section),
  ].join('\n');
}

interface Leaf {
  name: string;
  command: Command;
}

function leaves(command: Command, name: string): Leaf[] {
  if (command.commands.length === 0) return [{ name, command }];
  return command.commands.flatMap((child) => leaves(child, `${name} ${child.name()}`));
}

function section({ name, command }: Leaf): string[] {
  const args = command.registeredArguments;
  const usage = [
    name,
    ...args.map((argument) => `<${argument.name()}>`),
    ...(command.options.length > 0 ? ['[options]'] : []),
  ];
  const rows = [
    ...args.map((argument) => [`\`<${argument.name()}>\``, argument.description]),
    ...command.options.map((option) => [
      `\`${option.flags}\``,
      option.description +
        (option.defaultValue === undefined ? '' : ` (default: ${String(option.defaultValue)})`),
    ]),
  ];
  return [
    `## ${name}`,
    '',
    command.description(),
    '',
    '```sh',
    usage.join(' '),
    '```',
    '',
    ...(rows.length > 0
      ? ['| argument or option | meaning |', '|---|---|', ...rows.map((row) => `| ${row.join(' | ')} |`), '']
      : []),
  ];
}
