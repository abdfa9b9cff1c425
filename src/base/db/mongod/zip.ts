/** Takes one file out of a zip archive (APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12, 4.3.16), without a dependency. */
import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

const signatures = { localFile: 0x04034b50, directoryEntry: 0x02014b50, directoryEnd: 0x06054b50 };
const methods = { stored: 0, deflated: 8 };
/** The directory's end is 22 bytes long and may be followed by a comment of up to 65,535. */
const directoryEndReach = 22 + 65_535;

interface ZipEntry {
  name: string;
  method: number;
  compressedSize: number;
  headerOffset: number;
}

/**
 * Unpacks the first entry whose name matches.
 * @param archive path of the zip file (below 4 GB: no zip64)
 * @param matches tells the entry by its name
 * @param target path of the file to write
 * @throws Error when the archive is broken or has no such entry
 */
export async function extractFromZip(
  archive: string,
  matches: (name: string) => boolean,
  target: string,
): Promise<void> {
  const file = await open(archive);
  let start: number;
  let entry: ZipEntry;
  try {
    const found = (await readDirectory(file)).find(({ name }) => matches(name));
    if (found === undefined) throw new Error('the archive does not hold the wanted file');
    entry = found;
    start = await contentOffset(file, entry);
  } finally {
    await file.close();
  }
  const content = createReadStream(archive, { start, end: start + entry.compressedSize - 1 });
  if (entry.method === methods.deflated)
    await pipeline(content, createInflateRaw(), createWriteStream(target));
  else if (entry.method === methods.stored) await pipeline(content, createWriteStream(target));
  else throw new Error(`the archive uses compression method ${entry.method}`);
}

async function readDirectory(file: FileHandle): Promise<ZipEntry[]> {
  const { size } = await file.stat();
  const tail = await readAt(file, Math.max(0, size - directoryEndReach), Math.min(size, directoryEndReach));
  const end = tail.lastIndexOf(uint32(signatures.directoryEnd));
  if (end < 0) throw new Error('not a zip archive');
  const directory = await readAt(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  const entries: ZipEntry[] = [];
  for (let at = 0; at < directory.length; ) {
    if (directory.readUInt32LE(at) !== signatures.directoryEntry) throw new Error('broken zip directory');
    const nameLength = directory.readUInt16LE(at + 28);
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameLength),
      method: directory.readUInt16LE(at + 10),
      compressedSize: directory.readUInt32LE(at + 20),
      headerOffset: directory.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

/** The content follows a local header whose variable parts may differ from the directory's. */
async function contentOffset(file: FileHandle, entry: ZipEntry): Promise<number> {
  const header = await readAt(file, entry.headerOffset, 30);
  if (header.readUInt32LE(0) !== signatures.localFile) throw new Error('broken zip entry');
  return entry.headerOffset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead !== length) throw new Error('the archive ends too early');
  return buffer;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
