/** The thread of raster.ts: decodes one image, scales it down, and answers with a PNG of its pixels. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import decodeJpeg, { init as initJpeg } from '@jsquash/jpeg/decode.js';
import decodePng, { init as initPngDecoder } from '@jsquash/png/decode.js';
import encodePng, { init as initPngEncoder } from '@jsquash/png/encode.js';
import decodeWebp, { init as initWebp } from '@jsquash/webp/decode.js';
import type { RasterImage, RasterJob } from './raster.ts';
import { type Pixels, scaledDown } from './scale.ts';

/** Sides to try, in pixels: shown at 32 pixels of height, 512 is enough for any screen. */
const sides = [512, 384, 256, 192, 128, 96];
/** A logo stands in every release of the configuration and beside every page. */
const enoughBytes = 96 * 1024;

const require = createRequire(import.meta.url);
const wasmOf = (path: string) => readFileSync(require.resolve(path));

/** How a decoder begins; one that complains has filled in what it could not read, and that is no image. */
const options = (path: string) => ({
  noInitialRun: true,
  wasmBinary: wasmOf(path),
  printErr(words: string) {
    throw new Error(words);
  },
});

async function decode({ type, bytes }: RasterJob): Promise<Pixels> {
  const file = new Uint8Array(bytes).buffer;
  if (type === 'image/jpeg') {
    await initJpeg(options('@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm'));
    return decodeJpeg(file, { preserveOrientation: true });
  }
  if (type === 'image/webp') {
    await initWebp(options('@jsquash/webp/codec/dec/webp_dec.wasm'));
    return decodeWebp(file);
  }
  return decodePng(file);
}

async function reencode(job: RasterJob): Promise<RasterImage> {
  const png = wasmOf('@jsquash/png/codec/pkg/squoosh_png_bg.wasm');
  await initPngDecoder(png);
  await initPngEncoder(png);
  let image = await decode(job);
  for (const side of sides) {
    image = scaledDown(image, side);
    const written = new Uint8Array(await encodePng(image));
    if (written.byteLength <= enoughBytes || side === sides.at(-1))
      return { png: written, width: image.width, height: image.height };
  }
  throw new Error('unreachable: the last side is taken whatever it gives');
}

parentPort?.postMessage(await reencode(workerData));
