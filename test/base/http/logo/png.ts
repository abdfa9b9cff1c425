/** PNG files for tests, written by hand so that they can be wrong in any way. */
import { crc32, deflateSync } from 'node:zlib';

/** The eight bytes every PNG begins with. */
export const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** One chunk with its length and checksum. */
export function chunk(type: string, body: Buffer = Buffer.alloc(0)): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** The header of eight-bit RGBA. */
export function header(width: number, height: number): Buffer {
  const body = Buffer.alloc(13);
  body.writeUInt32BE(width, 0);
  body.writeUInt32BE(height, 4);
  body.set([8, 6, 0, 0, 0], 8);
  return chunk('IHDR', body);
}

/** A PNG whose every pixel has a colour of its own, given by its place. */
export function png(
  width: number,
  height: number,
  colour: (x: number, y: number) => readonly [number, number, number, number] = () => [200, 20, 20, 255],
  ...more: Buffer[]
): Buffer {
  const rows = Buffer.alloc(height * (1 + width * 4));
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) rows.set(colour(x, y), y * (1 + width * 4) + 1 + x * 4);
  return Buffer.concat([
    signature,
    header(width, height),
    ...more,
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND'),
  ]);
}

/** Names of a PNG's chunks. */
export function chunksOf(file: Buffer): string[] {
  const names = [];
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at))
    names.push(file.toString('latin1', at + 4, at + 8));
  return names;
}
