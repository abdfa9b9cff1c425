/**
 * Finds the Node.js 24 the product runs on and starts programs with it. Dependency-free: it runs on any Node 20
 * or newer, before anything is installed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

/** The project's folder, with a closing slash. */
export const root = fileURLToPath(new URL('../', import.meta.url));

/** The major version the product is written for. */
export const wantedMajor = 24;

/** A fault of the surroundings, told to the operator in one message without a stack. */
export class SetupError extends Error {}

/** Prints a SetupError plainly (anything else with its stack) and ends with exit code 1. */
export function fail(error) {
  console.error(error instanceof SetupError ? `\n${error.message}\n` : error);
  process.exit(1);
}

const majorOf = (version) => Number(/^v?(\d+)\./.exec(version)?.[1] ?? 0);

/**
 * The Node.js that runs the product: the one npm installed into the project, else the present one if it is new enough.
 * @returns {string} path of the binary
 * @throws SetupError when there is none
 */
export function findNode() {
  const bundled = `${root}node_modules/node/bin/node`;
  if (existsSync(bundled)) {
    const answer = spawnSync(bundled, ['--version'], { encoding: 'utf8' });
    if (majorOf(answer.stdout ?? '') >= wantedMajor) return bundled;
  }
  if (majorOf(process.version) >= wantedMajor) return process.execPath;
  throw new SetupError(
    `Symbolon needs Node.js ${wantedMajor}, and this is ${process.version}.\n` +
      `Usually npm brings the right one along (the package "node"), but ${bundled} is missing or does not run here.\n` +
      `Run "npm ci" again and allow the install script of "node", or install Node.js ${wantedMajor} yourself.`,
  );
}

/**
 * Starts a program on Node.js 24 and stays until it ends. The program gets a process group of its own, so that a
 * Ctrl-C reaches it exactly once, through here; it ends by itself should this launcher be killed.
 * @param {string[]} args Node's flags, the program and its arguments
 * @param {Record<string, string>} [env] further environment variables
 * @returns {Promise<number>} the exit code (128 + signal number when a signal ended it)
 */
export async function launch(args, env = {}) {
  const follow = new URL('./follow.mjs', import.meta.url).href;
  const child = spawn(findNode(), ['--disable-proto=delete', '--import', follow, ...args], {
    cwd: process.cwd(),
    detached: true,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: {
      ...process.env,
      ...env,
      // argon2 and WebCrypto share libuv's pool: four threads would let a hash keep a signature waiting
      UV_THREADPOOL_SIZE: process.env.UV_THREADPOOL_SIZE ?? '16',
      FOLLOW_LAUNCHER: '1',
    },
  });
  const stop = forwardSignals(child);
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode, signal) => resolve(signal ? 128 + constants.signals[signal] : exitCode));
  });
  stop();
  return code;
}

/** Hands signals on. A terminal and npm may both deliver the same Ctrl-C: within half a second it counts once. */
function forwardSignals(child) {
  const last = new Map();
  const handlers = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => {
    const handler = () => {
      const now = performance.now();
      if (now - (last.get(signal) ?? Number.NEGATIVE_INFINITY) > 500) child.kill(signal);
      last.set(signal, now);
    };
    process.on(signal, handler);
    return [signal, handler];
  });
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}
