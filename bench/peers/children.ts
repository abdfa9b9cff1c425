/**
 * The bench's child processes: starts them, ends each one by its own id, and leaves none behind when the bench stops
 * for any reason it can see. Knows nothing of what they do.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

const living = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** How to start a child. */
export interface ChildCommand {
  file: string;
  args: string[];
  env?: Record<string, string>;
  cwd?: string;
}

/** A running child. */
export interface Child {
  pid: number;
  process: ChildProcess;
  /** The last lines it wrote, for the message when it fails. */
  output(): string;
  /** Asks it to end, insists after ten seconds, and returns once it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts a child with an IPC channel; its output is kept, not printed.
 * @param command what to run
 * @throws Error when the system cannot start it
 */
export function startChild(command: ChildCommand): Child {
  const child = spawn(command.file, command.args, {
    env: { ...process.env, UV_THREADPOOL_SIZE: '16', NODE_ENV: 'production', ...command.env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
  });
  if (child.pid === undefined) throw new Error(`cannot start ${command.file}`);
  living.add(child);
  child.once('exit', () => living.delete(child));
  const tail = keepTail(child);
  return { pid: child.pid, process: child, output: tail, stop: () => stop(child) };
}

/**
 * Starts one of the bench's own TypeScript files with the Node that runs the bench.
 * @param url the file
 * @param env what to tell it
 */
export function startScript(url: URL, env: Record<string, string> = {}): Child {
  return startChild({ file: process.execPath, args: [url.pathname], env });
}

function keepTail(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (part: string) => {
      text = (text + part).slice(-4000);
    });
  }
  return () => text.trim();
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const insist = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(insist);
}
