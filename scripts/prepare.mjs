/**
 * Runs before `npm start`, `npm test`, `npm run check`: installs what is missing, so that a fresh clone needs one
 * command. Dependency-free. Does nothing, quickly, when everything is in place.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync, utimesSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fail, findNode, root, SetupError } from './node24.mjs';

const oldestMajor = 20;

/**
 * Why the dependencies must be installed, or undefined when they are in place.
 * @param {string} folder the project's folder, with a closing slash
 * @returns {string | undefined} a short reason to show
 */
export function staleInstall(folder) {
  const installed = `${folder}node_modules/.package-lock.json`;
  if (!existsSync(installed)) return 'the dependencies are not installed yet';
  const newer = statSync(`${folder}package-lock.json`).mtimeMs > statSync(installed).mtimeMs;
  return newer ? 'package-lock.json is newer than the installed dependencies' : undefined;
}

/**
 * Installs when needed and checks that a Node.js 24 can be had.
 * @param {{ folder?: string, install?: (folder: string) => number | null }} [options] replaced by tests
 * @throws SetupError with what to do
 */
export function prepare({ folder = root, install = npmCi } = {}) {
  if (Number(process.versions.node.split('.')[0]) < oldestMajor) {
    throw new SetupError(
      `Symbolon needs Node.js ${oldestMajor} or newer to install itself, and this is ${process.version}.`,
    );
  }
  const reason = staleInstall(folder);
  if (reason !== undefined) {
    console.log(`Installing (npm ci), because ${reason}. This takes a minute or two.`);
    if (install(folder) !== 0) {
      throw new SetupError(
        'The dependencies could not be installed: npm tells why above.\n' +
          'Check that the npm registry can be reached and that the disk has 1 GB free, then run the command again.',
      );
    }
    // npm keeps the file untouched when nothing changed; its time is our mark
    const now = new Date();
    utimesSync(`${folder}node_modules/.package-lock.json`, now, now);
  }
  return findNode({ folder });
}

function npmCi(folder) {
  const windows = process.platform === 'win32';
  return spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: 'inherit',
    shell: windows,
  }).status;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    prepare();
  } catch (error) {
    fail(error);
  }
}
