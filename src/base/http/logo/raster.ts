/**
 * Decodes an image in a thread of its own. The decoders are WebAssembly, so that a file that breaks one reaches
 * nothing but its memory; the thread is ended with its file, or when its time is up.
 */
import { Worker } from 'node:worker_threads';
import type { ImageType } from './image-header.ts';

/** An image to be decoded. */
export interface RasterJob {
  type: ImageType;
  bytes: Uint8Array;
}

/** An image written anew. */
export interface RasterImage {
  png: Uint8Array;
  width: number;
  height: number;
}

/**
 * Decodes an image, scales it down and writes it anew as PNG.
 * @param job the image, and how long it may take in milliseconds
 * @returns undefined when it cannot be decoded, or not in time
 */
export async function decodeToPng(job: RasterJob & { patienceMs: number }): Promise<RasterImage | undefined> {
  const { type, bytes, patienceMs } = job;
  const worker = new Worker(new URL('./raster-worker.ts', import.meta.url), {
    workerData: { type, bytes } satisfies RasterJob,
    // Nothing of the process reaches the thread, and what a decoder says of a file is nobody's to read.
    env: {},
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 128 },
  });
  const { promise, resolve } = Promise.withResolvers<RasterImage | undefined>();
  const timer = setTimeout(() => resolve(undefined), patienceMs);
  worker.once('message', resolve);
  worker.once('error', () => resolve(undefined));
  worker.once('exit', () => resolve(undefined));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
