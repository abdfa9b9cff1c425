/**
 * Program: downloads one version of the official `mongod` into a folder and writes its path as its last line.
 * Arguments: the folder, the version. Run by official.ts, so that a dead network can be given up on by ending it.
 */
import { MongoBinary } from 'mongodb-memory-server-core/lib/util/MongoBinary.js';

const [folder = '.', version = ''] = process.argv.slice(2);
try {
  const binary = await MongoBinary.getPath({ downloadDir: folder, version, checkMD5: true });
  process.stdout.write(`\nbinary ${binary}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
