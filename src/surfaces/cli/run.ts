/** Runs one command: reads the arguments, prints the answer or the failure, and says the exit code. */
import { type Command, CommanderError } from 'commander';
import { type Answer, exitCodes } from './answer.ts';
import { explain } from './failures.ts';
import { createProgram } from './program.ts';
import type { World } from './world.ts';

/** Where words go. */
export interface Output {
  out(text: string): void;
  err(text: string): void;
}

/**
 * Runs the command line.
 * @param args arguments after the program's name
 * @param world what the commands reach the rest through
 * @param output standard output and error
 * @returns the exit code
 */
export async function run(args: readonly string[], world: World, output: Output): Promise<number> {
  const json = args.includes('--json');
  let exitCode: number = exitCodes.done;
  const show = (answer: Answer) => {
    output.out(`${json ? JSON.stringify(answer.data, null, 2) : answer.text}\n`);
    exitCode = answer.exitCode ?? exitCodes.done;
  };
  const program = createProgram(world, show);
  prepare(program, output, json);
  try {
    await program.parseAsync(idsLast(args), { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCodes.done;
      if (json) output.err(`${JSON.stringify({ error: { code: 'usage', message: error.message } })}\n`);
      return exitCodes.usage;
    }
    const { exitCode: code, ...failure } = explain(error);
    output.err(json ? `${JSON.stringify({ error: failure }, null, 2)}\n` : `${failure.message}\n`);
    return code;
  }
}

/** The whole id of a release, or its beginning, where that begins with a dash. */
const dashedId = /^-(?:[\w-]{42}|\w[\w-]{6,40})$/;
/** An option that is followed by its value. */
const valued = /^--(?!yes$|json$)/;

/** A release's id may begin with a dash: it goes last, behind `--`, so that nobody takes it for an option. */
function idsLast(args: readonly string[]): string[] {
  const isId = (arg: string, at: number) => dashedId.test(arg) && !valued.test(args[at - 1] ?? '');
  const at = args.includes('--') ? -1 : args.findIndex(isId);
  if (args[0] !== 'config' || args[1] !== 'rollback' || at < 0) return [...args];
  return [...args.slice(0, at), ...args.slice(at + 1), '--', String(args[at])];
}

function prepare(command: Command, output: Output, json: boolean): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => output.out(text),
    writeErr: (text) => (json ? undefined : output.err(text)),
  });
  for (const child of command.commands) prepare(child, output, json);
}
