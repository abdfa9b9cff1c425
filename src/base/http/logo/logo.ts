/**
 * Logos that come from outside: whatever is uploaded is read in full and written anew, so that nothing of the file
 * itself is ever served. Owns what a logo may be, how large, and what becomes of it; never stores one, never fetches
 * one, and never decides who may upload. A fault is a code for people, never a text of the file.
 */
import { DomainError } from '../../kernel/errors.ts';
import type { BrandLogo } from '../brand-look.ts';
import { imageFault, imageTypeOf, plainPng } from './image-header.ts';
import { decodeToPng } from './raster.ts';
import { cleanSvg } from './svg.ts';

/** Longest file, in bytes. */
export const maxLogoBytes = 256 * 1024;
/** Largest side of an image, in pixels, before anything of it is decoded. */
export const maxLogoPixels = 4096;
/** Longest markup of an SVG once written anew, in bytes. */
const maxSvgBytes = 64 * 1024;

/** Why a file cannot be a logo; also the code of the error it is told by. */
export type LogoFault = 'logo.too_large' | 'logo.unsupported' | 'logo.unreadable' | 'logo.unsafe';

/** What became of a file. */
export type LogoVerdict =
  | {
      ok: true;
      logo: BrandLogo;
      /** Names of elements and attributes that were left out, such as `script`; empty for an image. */
      dropped: readonly string[];
    }
  | { ok: false; fault: LogoFault };

/**
 * Turns a file into a logo that is safe to serve.
 * @param bytes the file
 * @param declaredType media type it claims to be: image/svg+xml, image/png, image/jpeg or image/webp
 */
export type ReencodeLogo = (bytes: Uint8Array, declaredType: string) => Promise<LogoVerdict>;

/**
 * Builds the turning of files into logos. Images are decoded one at a time, each in a thread of its own that ends
 * with it, so that neither memory nor time of the process can be used up.
 * @param options `patienceMs`: how long one image may take
 * @returns the function; it throws DomainError `overloaded` when too many images wait
 */
export function createLogoReencoder({ patienceMs = 15_000 }: { patienceMs?: number } = {}): ReencodeLogo {
  const inTurn = createTurns();
  return async (bytes, declaredType) => {
    if (bytes.byteLength > maxLogoBytes) return refused('logo.too_large');
    const type = imageTypeOf(bytes);
    if (!type || type !== declaredType.split(';')[0]?.trim().toLowerCase())
      return refused('logo.unsupported');
    if (type === 'image/svg+xml') {
      const cleaned = cleanSvg(bytes);
      if ('fault' in cleaned) return refused(cleaned.fault);
      if (Buffer.byteLength(cleaned.markup) > maxSvgBytes) return refused('logo.too_large');
      return { ok: true, logo: cleaned.markup, dropped: cleaned.dropped };
    }
    const fault = imageFault(type, bytes, maxLogoPixels);
    if (fault) return refused(fault);
    const plain = type === 'image/png' ? plainPng(bytes) : bytes;
    if (!plain) return refused('logo.unreadable');
    const image = await inTurn(() => decodeToPng({ type, bytes: plain, patienceMs }));
    if (!image) return refused('logo.unreadable');
    const { png, width, height } = image;
    return { ok: true, logo: { png: Buffer.from(png).toString('base64'), width, height }, dropped: [] };
  };
}

/** Images that may wait; each is a quarter of a megabyte and some seconds. */
const mostWaiting = 8;

/** One after the other. */
function createTurns() {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (waiting >= mostWaiting) throw new DomainError('overloaded', { retryAfter: 10 });
    waiting += 1;
    const mine = last.then(work).finally(() => {
      waiting -= 1;
    });
    last = mine.catch(() => undefined);
    return mine;
  };
}

const refused = (fault: LogoFault): LogoVerdict => ({ ok: false, fault });

/**
 * A logo that stands in a configuration, as it may be served: SVG is written anew even where nothing was left out.
 * @param logo inline SVG markup, or a PNG as {@link createLogoReencoder} gives it
 * @returns the logo, or what it would have to be
 */
export function servableLogo(logo: BrandLogo): { logo: BrandLogo } | { expected: string } {
  if (typeof logo === 'string') {
    const cleaned = cleanSvg(Buffer.from(logo));
    if ('fault' in cleaned) return { expected: 'inline SVG markup that draws something' };
    if (Buffer.byteLength(cleaned.markup) > maxSvgBytes)
      return { expected: `SVG of at most ${maxSvgBytes / 1024} KiB` };
    if (cleaned.dropped.length > 0) return { expected: `SVG without ${cleaned.dropped.join(', ')}` };
    return { logo: cleaned.markup };
  }
  const bytes = Buffer.from(logo.png, 'base64');
  const isLogo = imageTypeOf(bytes) === 'image/png' && !imageFault('image/png', bytes, maxLogoPixels);
  const plain = isLogo && bytes.byteLength <= maxLogoBytes ? plainPng(bytes) : undefined;
  if (!plain || !bytes.equals(plain)) return { expected: 'a PNG of pixels and nothing else, as base64' };
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  return width === logo.width && height === logo.height
    ? { logo }
    : { expected: `the size of its PNG: ${width} × ${height}` };
}
