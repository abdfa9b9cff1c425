/**
 * What the operating system knows of a process: CPU time and resident memory, read from /proc (Linux).
 * Owns the parsing; never starts or stops anything. Elsewhere every figure is undefined, and the report says so.
 */
import { readFileSync } from 'node:fs';

/** `USER_HZ`: the unit of CPU times in /proc, fixed at 100 by the kernel's interface to user space (proc(5)). */
const jiffiesPerSecond = 100;

/** CPU time of a process in seconds. */
export interface CpuTime {
  user: number;
  system: number;
}

/** Resident memory of a process in bytes: now, and the highest so far. */
export interface ResidentMemory {
  now: number;
  peak: number;
}

/**
 * Reads user and system time out of a `/proc/<pid>/stat` line. The command name stands in parentheses and may itself
 * hold spaces and parentheses, so fields are counted from the last one.
 * @param line the file's text
 * @throws RangeError when the line is not a stat line
 */
export function parseStat(line: string): CpuTime {
  const fields = line
    .slice(line.lastIndexOf(')') + 1)
    .trim()
    .split(/\s+/);
  const user = Number(fields[11]);
  const system = Number(fields[12]);
  if (!Number.isFinite(user) || !Number.isFinite(system)) throw new RangeError('not a /proc stat line');
  return { user: user / jiffiesPerSecond, system: system / jiffiesPerSecond };
}

/**
 * Reads resident memory out of `/proc/<pid>/status`.
 * @param text the file's text
 * @throws RangeError when the lines are missing
 */
export function parseStatus(text: string): ResidentMemory {
  return { now: kibibytes(text, 'VmRSS'), peak: kibibytes(text, 'VmHWM') };
}

/**
 * CPU seconds (user and system) spent so far by a process, all its threads included.
 * @param pid process id
 * @returns undefined where there is no /proc
 */
export function cpuSeconds(pid: number): number | undefined {
  const text = read(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const { user, system } = parseStat(text);
  return user + system;
}

/**
 * Resident memory of a process.
 * @param pid process id
 * @returns undefined where there is no /proc
 */
export function residentMemory(pid: number): ResidentMemory | undefined {
  const text = read(`/proc/${pid}/status`);
  return text === undefined ? undefined : parseStatus(text);
}

function kibibytes(text: string, name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text);
  if (found === null) throw new RangeError(`${name} is missing`);
  return Number(found[1]) * 1024;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
