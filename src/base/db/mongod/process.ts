/** Processes of the embedded MongoDB: starting, recognising and ending them. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { childOptions, type FetchOptions } from './common.ts';

/**
 * Starts the server in a session of its own, so that a terminal's Ctrl-C reaches the issuer alone, which drains
 * first and then stops it.
 * @param binary path of `mongod`
 * @param args its arguments
 * @param env environment, the process's own when undefined; its `PATH` finds the binary
 * @returns the process id
 */
export async function spawnMongod(binary: string, args: string[], env: FetchOptions['env']): Promise<number> {
  const child = spawn(binary, args, { detached: true, stdio: 'ignore', ...childOptions({ env }) });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  child.unref();
  if (child.pid === undefined) throw new Error('the process has no id');
  return child.pid;
}

/**
 * Whether a process exists and is not merely waiting to be collected by its parent.
 * @param pid process id
 */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  const stat = statFields(pid);
  // a zombie whose other threads still run holds its ports and locks yet
  return stat === undefined || stat.state !== 'Z' || stat.threads > 1;
}

/**
 * When a process started, which tells it from a later one with the same id.
 * @param pid process id
 * @returns text to compare; undefined when there is no such process
 */
export function startOf(pid: number): string | undefined {
  if (!isAlive(pid)) return undefined;
  return statFields(pid)?.startedAt ?? ask(pid, 'lstart=');
}

/**
 * The server that runs on a data folder, found by the process id in the server's own lock file and believed only
 * when that process's command line names this folder.
 * @param dbPath the server's `--dbpath`
 */
export async function serverOn(dbPath: string): Promise<{ pid: number; commandLine: string[] } | undefined> {
  const lock = await readFile(path.join(dbPath, 'mongod.lock'), 'utf8').catch(() => '');
  const pid = Number.parseInt(lock, 10);
  if (!(pid > 1) || !isAlive(pid)) return undefined;
  const commandLine = commandLineOf(pid);
  // joined: where only `ps` tells, a path with spaces comes in pieces
  return commandLine.join(' ').includes(`--dbpath ${dbPath} `) ? { pid, commandLine } : undefined;
}

/**
 * Ends a process: asks, waits, and kills it when the grace is over.
 * @param pid process id
 * @param graceMs milliseconds between asking and killing
 * @returns whether it ended by itself
 */
export async function endProcess(pid: number, graceMs: number): Promise<boolean> {
  const ended = async (withinMs: number) => {
    const deadline = performance.now() + withinMs;
    while (isAlive(pid)) {
      if (performance.now() >= deadline) return false;
      await delay(15);
    }
    return true;
  };
  signal(pid, 'SIGTERM');
  if (await ended(graceMs)) return true;
  signal(pid, 'SIGKILL');
  await ended(5_000);
  return false;
}

/**
 * The messages at the end of a server's log, shortened for an operator.
 * @param file path of the log
 */
export async function logTail(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines = text.trim().split('\n');
  const bad = lines.filter((line) => /"s":"[EF]"/.test(line));
  return (bad.length > 0 ? bad : lines)
    .slice(-5)
    .map((line) => `  ${line.slice(0, 400)}`)
    .join('\n');
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has ended meanwhile
  }
}

function commandLineOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0$/, '').split('\0');
  } catch {
    return (ask(pid, 'args=') ?? '').split(' ');
  }
}

/** Linux's own record of a process (proc(5)): state letter, number of threads, start time in clock ticks since boot. */
function statFields(pid: number): { state: string; threads: number; startedAt: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', threads: Number(fields[17]), startedAt: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

function ask(pid: number, column: string): string | undefined {
  if (existsSync('/proc/self/stat')) return undefined;
  try {
    return execFileSync('ps', ['-ww', '-o', column, '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}
