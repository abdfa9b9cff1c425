/**
 * What a file says of itself before anything of it is decoded: its type by its first bytes, its size in pixels, and
 * whether it is whole. Pure; every length that a file claims is checked against what is there.
 */
import { crc32 } from 'node:zlib';
import type { LogoFault } from './logo.ts';

/** Media types of logos. */
export type LogoType = 'image/svg+xml' | ImageType;

/** Media types of images made of pixels. */
export type ImageType = 'image/png' | 'image/jpeg' | 'image/webp';

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * The type of a file by its content; undefined for anything that is no logo.
 * @param bytes the file
 */
export function imageTypeOf(bytes: Uint8Array): LogoType | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.subarray(0, 8).equals(pngSignature)) return 'image/png';
  if (file.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return 'image/jpeg';
  if (file.toString('latin1', 0, 4) === 'RIFF' && file.toString('latin1', 8, 12) === 'WEBP')
    return 'image/webp';
  // Only markup begins so; whether it is SVG, and safe, its parser says.
  return /^(?:\u00ef\u00bb\u00bf)?\s*</.test(file.toString('latin1', 0, 200)) ? 'image/svg+xml' : undefined;
}

/** Width and height in pixels. */
interface Size {
  width: number;
  height: number;
}

/**
 * What an image's header says against it; undefined when it may be decoded.
 * @param type its type, as its first bytes say
 * @param bytes the file
 * @param most largest side, in pixels
 */
export function imageFault(type: ImageType, bytes: Uint8Array, most: number): LogoFault | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const sizes = readers[type](file);
    if (sizes.length === 0 || sizes.some(({ width, height }) => width < 1 || height < 1))
      return 'logo.unreadable';
    return sizes.some(({ width, height }) => width > most || height > most) ? 'logo.too_large' : undefined;
  } catch (error) {
    // A length that leads beyond the end of the file.
    if (error instanceof RangeError) return 'logo.unreadable';
    throw error;
  }
}

/** Every size a file claims: a decoder may believe any of them. */
const readers: Record<ImageType, (file: Buffer) => Size[]> = {
  'image/png': (file) => (file.toString('latin1', 12, 16) === 'IHDR' ? [pngSize(file)] : []),
  'image/jpeg': jpegSizes,
  'image/webp': webpSizes,
};

const pngSize = (file: Buffer): Size => ({ width: file.readUInt32BE(16), height: file.readUInt32BE(20) });

/** Chunks that pixels are made of: header, palette, transparency, data, end. */
const pixelChunks = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);

/**
 * A PNG without anything but its pixels: no text, profile, animation, nor what follows its end.
 * @param bytes the file
 * @returns undefined when a chunk is cut off or damaged, or the end is missing
 */
export function plainPng(bytes: Uint8Array): Uint8Array | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept: Buffer[] = [file.subarray(0, 8)];
  for (let at = 8; at + 12 <= file.length; ) {
    const length = file.readUInt32BE(at);
    const end = at + 12 + length;
    if (end > file.length) return undefined;
    const type = file.toString('latin1', at + 4, at + 8);
    if (crc32(file.subarray(at + 4, end - 4)) !== file.readUInt32BE(end - 4)) return undefined;
    if (pixelChunks.has(type)) kept.push(file.subarray(at, end));
    if (type === 'IEND') return Buffer.concat(kept);
    at = end;
  }
  return undefined;
}

/** More scans than any encoder writes: each costs a pass over the whole image, however few bytes it takes. */
const mostScans = 50;

/**
 * Walks a JPEG's segments to its very end (ITU-T T.81 annex B). A second frame, a frame of another kind than
 * baseline or progressive, and a file that is cut off have no size.
 */
function jpegSizes(file: Buffer): Size[] {
  const sizes: Size[] = [];
  let scans = 0;
  for (let at = 2; at < file.length; ) {
    if (file.readUInt8(at) !== 0xff) return [];
    const marker = file.readUInt8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0xd9) return sizes.length === 1 && scans > 0 ? sizes : [];
    const length = file.readUInt16BE(at + 2);
    if (length < 2) return [];
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      if (marker > 0xc2) return [];
      sizes.push({ height: file.readUInt16BE(at + 5), width: file.readUInt16BE(at + 7) });
    }
    at += 2 + length;
    if (marker !== 0xda) continue;
    scans += 1;
    if (scans > mostScans) return [];
    at = endOfScan(file, at);
  }
  return [];
}

/** Where the data of a scan ends: at a marker that is neither a stuffed byte nor a restart. */
function endOfScan(file: Buffer, from: number): number {
  for (let at = file.indexOf(0xff, from); at !== -1; at = file.indexOf(0xff, at + 1)) {
    const next = file.readUInt8(at + 1);
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  return file.length;
}

/** Sizes in the chunks of a still WebP (RFC 9649); an animation has none. */
function webpSizes(file: Buffer): Size[] {
  const sizes: Size[] = [];
  const end = 8 + file.readUInt32LE(4);
  if (end > file.length) return [];
  for (let at = 12; at + 8 <= end; ) {
    const length = file.readUInt32LE(at + 4);
    if (at + 8 + length > end) return [];
    const body = at + 8;
    switch (file.toString('latin1', at, at + 4)) {
      case 'VP8X':
        sizes.push({ width: 1 + file.readUIntLE(body + 4, 3), height: 1 + file.readUIntLE(body + 7, 3) });
        break;
      case 'VP8 ':
        sizes.push({
          width: file.readUInt16LE(body + 6) & 0x3fff,
          height: file.readUInt16LE(body + 8) & 0x3fff,
        });
        break;
      case 'VP8L': {
        const bits = file.readUInt32LE(body + 1);
        sizes.push({ width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) });
        break;
      }
      case 'ANIM':
      case 'ANMF':
        return [];
    }
    at = body + length + (length % 2);
  }
  return sizes;
}
