/** Runs a TypeScript program of the project on Node.js 24: `node scripts/run.mjs src/main.ts [arguments]`. */
import { fail, launch, SetupError } from './node24.mjs';

const [file, ...args] = process.argv.slice(2);
try {
  if (file === undefined)
    throw new SetupError('Name a program to run: node scripts/run.mjs src/main.ts [arguments]');
  process.exitCode = await launch([file, ...args]);
} catch (error) {
  fail(error);
}
