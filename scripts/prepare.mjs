/**
 * Runs before `npm start`, `npm test`, `npm run check`: installs what is missing, so that a fresh clone needs one
 * command. Dependency-free. Does nothing, quickly, when everything is in place.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync, utimesSync } from 'node:fs';
import { fail, findNode, root, SetupError } from './node24.mjs';

const oldestMajor = 20;
const lock = `${root}package-lock.json`;
/** Npm's own record of what it installed; its time tells when. */
const installed = `${root}node_modules/.package-lock.json`;

/** Why the dependencies must be installed, or undefined when they are in place. */
function staleness() {
  if (!existsSync(installed)) return 'the dependencies are not installed yet';
  if (statSync(lock).mtimeMs > statSync(installed).mtimeMs)
    return 'package-lock.json is newer than what is installed';
  return undefined;
}

function install() {
  const windows = process.platform === 'win32';
  const { status } = spawnSync('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: 'inherit',
    shell: windows,
  });
  if (status !== 0) {
    throw new SetupError(
      'The dependencies could not be installed: npm tells why above.\n' +
        'Check that the npm registry can be reached and that the disk has 1 GB free, then run the command again.',
    );
  }
  const now = new Date();
  utimesSync(installed, now, now);
}

try {
  if (Number(process.versions.node.split('.')[0]) < oldestMajor) {
    throw new SetupError(
      `Symbolon needs Node.js ${oldestMajor} or newer to set itself up, and this is ${process.version}.`,
    );
  }
  const reason = staleness();
  if (reason !== undefined) {
    console.log(`Installing the dependencies (npm ci), because ${reason}. This takes a minute or two.`);
    install();
  }
  findNode();
} catch (error) {
  fail(error);
}
