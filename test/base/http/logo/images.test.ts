/** Images as logos: decoded, made small, written anew; and files that want something else. */
import { readFileSync } from 'node:fs';
import { deflateSync, inflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import {
  createLogoReencoder,
  type LogoVerdict,
  maxLogoBytes,
  servableLogo,
} from '../../../../src/base/http/logo/logo.ts';
import { chunk, chunksOf, header, png, signature } from './png.ts';

const reencodeLogo = createLogoReencoder();
const fixture = (name: string) => readFileSync(new URL(`../../../fixtures/logos/${name}`, import.meta.url));
const faultOf = (verdict: LogoVerdict) => (verdict.ok ? 'accepted' : verdict.fault);

/** The image that a file became. */
async function imageOf(file: Buffer, type: string) {
  const verdict = await reencodeLogo(file, type);
  if (!verdict.ok || typeof verdict.logo === 'string') throw new Error(`no image: ${faultOf(verdict)}`);
  return { ...verdict.logo, file: Buffer.from(verdict.logo.png, 'base64') };
}

/** The pixel at a place of an eight-bit PNG without filters or with the first row's left neighbour only. */
function dataOf(file: Buffer): Buffer {
  const parts = [];
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at))
    if (file.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)));
  return inflateSync(Buffer.concat(parts));
}

describe('an image', () => {
  it.each([
    ['baseline.jpg', 'image/jpeg'],
    ['progressive.jpg', 'image/jpeg'],
    ['lossy.webp', 'image/webp'],
    ['lossless.webp', 'image/webp'],
  ])('%s becomes a PNG of at most 512 pixels, in its own proportions', async (name, type) => {
    const { width, height, file } = await imageOf(fixture(name), type);
    expect([width, height]).toEqual([512, 256]);
    expect(new Set(chunksOf(file))).toEqual(new Set(['IHDR', 'IDAT', 'IEND']));
    // Red on the left, as it was: the first pixel of the first row is never filtered by a neighbour.
    const [, red = 0, green = 0, blue = 0] = dataOf(file);
    expect(red).toBeGreaterThan(150);
    expect(Math.max(green, blue)).toBeLessThan(80);
  });

  it('that is small enough keeps its size and its pixels', async () => {
    const { width, height, file } = await imageOf(png(3, 2), 'image/png');
    expect([width, height]).toEqual([3, 2]);
    expect([...dataOf(file).subarray(1, 5)]).toEqual([200, 20, 20, 255]);
  });

  it('keeps its opacity where it is made smaller, and no colour of what cannot be seen', async () => {
    const { width, file } = await imageOf(
      png(1024, 1024, (x) => (x % 2 ? [200, 20, 20, 255] : [0, 255, 0, 0])),
      'image/png',
    );
    expect(width).toBe(512);
    const [, ...pixel] = dataOf(file).subarray(0, 5);
    expect(pixel).toEqual([200, 20, 20, 128]);
  });

  it('loses everything that is no pixel: text, profile, place, animation, what follows its end', async () => {
    const secret = Buffer.from('Comment\0<script>alert("canary-4711")</script>');
    const more = [
      chunk('tEXt', secret),
      chunk('iCCP', Buffer.concat([Buffer.from('p\0\0'), deflateSync(Buffer.alloc(2_000))])),
      chunk('eXIf', Buffer.from('canary-4711')),
      chunk('acTL', Buffer.from([0, 0, 0, 9, 0, 0, 0, 0])),
    ];
    const polyglot = Buffer.concat([
      png(8, 8, undefined, ...more),
      Buffer.from('PK\u0003\u0004<?php canary-4711'),
    ]);
    const { file } = await imageOf(polyglot, 'image/png');
    expect(file.includes('canary-4711')).toBe(false);
    expect(file.includes('script')).toBe(false);
    expect(chunksOf(file)).toEqual(['IHDR', 'IDAT', 'IEND']);
    const jpeg = fixture('baseline.jpg');
    const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, 13]), Buffer.from('canary-4711')]);
    const told = Buffer.concat([
      jpeg.subarray(0, 2),
      comment,
      jpeg.subarray(2),
      Buffer.from('<script>canary-4711'),
    ]);
    expect((await imageOf(told, 'image/jpeg')).file.includes('canary-4711')).toBe(false);
  });

  it('that is nothing but noise still becomes a small file', async () => {
    let seed = 1;
    const noise = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % 256;
    };
    const { file, width } = await imageOf(
      png(240, 240, () => [noise(), noise(), noise(), 255]),
      'image/png',
    );
    expect(file.length).toBeLessThanOrEqual(96 * 1024);
    expect(width).toBeGreaterThanOrEqual(96);
  });
});

describe('a file that is refused', () => {
  const rewrite = (file: Buffer, at: number, bytes: number[]) => {
    const copy = Buffer.from(file);
    copy.set(bytes, at);
    return copy;
  };
  const jpeg = fixture('baseline.jpg');
  const webp = fixture('lossy.webp');
  const frame = Math.max(...[0xc0, 0xc1].map((marker) => jpeg.indexOf(Buffer.from([0xff, marker]))));
  const scan = jpeg.indexOf(Buffer.from([0xff, 0xda]));
  const bomb = chunk('IDAT', deflateSync(Buffer.alloc(100_000_000)));
  const manyScans = Buffer.concat([
    jpeg.subarray(0, scan),
    ...Array.from({ length: 200 }, () => Buffer.from([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0x55])),
    jpeg.subarray(scan),
  ]);

  it.each<[string, Buffer, string, string]>([
    ['of ten megabytes', Buffer.alloc(10_000_000, png(4, 4)), 'image/png', 'logo.too_large'],
    ['of a byte too many', Buffer.alloc(maxLogoBytes + 1, png(4, 4)), 'image/png', 'logo.too_large'],
    [
      'that claims 65535 pixels a side',
      Buffer.concat([signature, header(65_535, 65_535), chunk('IEND')]),
      'image/png',
      'logo.too_large',
    ],
    [
      'that claims four thousand million',
      Buffer.concat([signature, header(2 ** 32 - 1, 1), chunk('IEND')]),
      'image/png',
      'logo.too_large',
    ],
    ['that is 4097 pixels high', png(1, 4097), 'image/png', 'logo.too_large'],
    [
      'that has no pixels',
      Buffer.concat([signature, header(0, 8), chunk('IEND')]),
      'image/png',
      'logo.unreadable',
    ],
    [
      'that claims a JPEG of 65535 pixels',
      rewrite(jpeg, frame + 5, [0xff, 0xff]),
      'image/jpeg',
      'logo.too_large',
    ],
    ['that claims a WebP of 16383 pixels', rewrite(webp, 26, [0xff, 0x3f]), 'image/webp', 'logo.too_large'],
    ['that is a PNG cut off', png(64, 64).subarray(0, -20), 'image/png', 'logo.unreadable'],
    ['that is a PNG with a wrong checksum', rewrite(png(64, 64), 45, [0]), 'image/png', 'logo.unreadable'],
    [
      'that is a PNG without data',
      Buffer.concat([signature, header(8, 8), chunk('IEND')]),
      'image/png',
      'logo.unreadable',
    ],
    [
      'that is a PNG of too little data',
      Buffer.concat([signature, header(64, 64), chunk('IDAT', deflateSync(Buffer.alloc(99))), chunk('IEND')]),
      'image/png',
      'logo.unreadable',
    ],
    [
      'that is a PNG of data that is none',
      Buffer.concat([
        signature,
        header(8, 8),
        chunk('IDAT', Buffer.from('nothing of the kind')),
        chunk('IEND'),
      ]),
      'image/png',
      'logo.unreadable',
    ],
    [
      'whose chunk leads beyond its end',
      Buffer.concat([signature, header(8, 8), Buffer.from([0xff, 0xff, 0xff, 0xf0]), Buffer.from('IDAT')]),
      'image/png',
      'logo.unreadable',
    ],
    ['that is a JPEG cut off', jpeg.subarray(0, jpeg.length / 2), 'image/jpeg', 'logo.unreadable'],
    [
      'that is a JPEG cut off and ended',
      Buffer.concat([jpeg.subarray(0, jpeg.length / 2), Buffer.from([0xff, 0xd9])]),
      'image/jpeg',
      'logo.unreadable',
    ],
    [
      'that is a JPEG without an image',
      Buffer.from([0xff, 0xd8, 0xff, 0xd9]),
      'image/jpeg',
      'logo.unreadable',
    ],
    ['that is a JPEG of a hundred scans', manyScans, 'image/jpeg', 'logo.unreadable'],
    ['that is a WebP cut off', webp.subarray(0, webp.length / 2), 'image/webp', 'logo.unreadable'],
    [
      'that is a WebP of rubbish',
      Buffer.concat([webp.subarray(0, 30), Buffer.alloc(webp.length - 30, 0x55)]),
      'image/webp',
      'logo.unreadable',
    ],
    ['that says PNG and is a JPEG', jpeg, 'image/png', 'logo.unsupported'],
    [
      'that says PNG and is SVG',
      Buffer.from('<svg viewBox="0 0 1 1"><path d="M0 0h1v1z"/></svg>'),
      'image/png',
      'logo.unsupported',
    ],
    ['that says SVG and is a PNG', png(4, 4), 'image/svg+xml', 'logo.unsupported'],
    ['that is a GIF', Buffer.from('GIF89a<svg/>'), 'image/gif', 'logo.unsupported'],
    [
      'that is a page',
      Buffer.from('<!doctype html><script>alert(1)</script>'),
      'text/html',
      'logo.unsupported',
    ],
    ['that is empty', Buffer.alloc(0), 'image/png', 'logo.unsupported'],
  ])('%s', async (_, file, type, fault) => {
    const before = process.memoryUsage().arrayBuffers;
    expect(faultOf(await reencodeLogo(file, type))).toBe(fault);
    // Nothing of the size that a file claims is ever set aside.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40_000_000);
  });

  it('may hold more data than its size says: no more than that is ever unpacked', async () => {
    const file = Buffer.concat([signature, header(4, 4), bomb, chunk('IEND')]);
    expect(file.length).toBeLessThan(maxLogoBytes);
    expect(faultOf(await reencodeLogo(file, 'image/png'))).toMatch(/accepted|logo.unreadable/);
  });

  it('is one that takes too long', async () => {
    expect(faultOf(await createLogoReencoder({ patienceMs: 1 })(jpeg, 'image/jpeg'))).toBe('logo.unreadable');
  });

  it('waits for its turn, and is sent away when too many wait', async () => {
    const busy = createLogoReencoder();
    const answers = await Promise.allSettled(Array.from({ length: 10 }, () => busy(png(5, 5), 'image/png')));
    const sentAway = answers.filter(({ status }) => status === 'rejected');
    expect(sentAway).toHaveLength(2);
    expect(sentAway[0]).toMatchObject({ reason: { code: 'overloaded', retryAfter: 10 } });
    expect(faultOf(await busy(png(5, 5), 'image/png'))).toBe('accepted');
  });

  it('keeps nobody waiting for more than its turn', async () => {
    const verdicts = await Promise.all([
      reencodeLogo(jpeg.subarray(0, -40), 'image/jpeg'),
      reencodeLogo(png(5, 5), 'image/png'),
      reencodeLogo(webp, 'image/webp'),
    ]);
    expect(verdicts.map(faultOf)).toEqual(['logo.unreadable', 'accepted', 'accepted']);
  });
});

describe('an image that stands in a configuration', () => {
  it('is served as it is when it was made here', async () => {
    const { png: base64, width, height } = await imageOf(fixture('baseline.jpg'), 'image/jpeg');
    const logo = { png: base64, width, height };
    expect(servableLogo(logo)).toEqual({ logo });
    expect(servableLogo({ ...logo, width: 5 })).toEqual({ expected: 'the size of its PNG: 512 × 256' });
  });

  it.each([
    ['with text in it', png(4, 4, undefined, chunk('tEXt', Buffer.from('a\0b')))],
    ['with something behind it', Buffer.concat([png(4, 4), Buffer.from('<script>')])],
    ['of another type', fixture('baseline.jpg')],
    ['that is too large', Buffer.concat([signature, header(9_000, 4), chunk('IEND')])],
  ])('is refused %s', (_, file) => {
    expect(servableLogo({ png: file.toString('base64'), width: 4, height: 4 })).toEqual({
      expected: 'a PNG of pixels and nothing else, as base64',
    });
  });
});
