#!/usr/bin/env node
/** The operator's command line, `symbolon <command>`: starts it on Node.js 24. */
import { fail, launch, root } from './node24.mjs';

try {
  process.exitCode = await launch([`${root}src/surfaces/cli/main.ts`, ...process.argv.slice(2)]);
} catch (error) {
  fail(error);
}
