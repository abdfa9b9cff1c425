/** Forms that bring a file: what is taken, and whatever no browser sends. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { route } from '../../../src/base/http/routes.ts';
import { multipart, multipartType, type Part } from '../../support/multipart.ts';
import { type Edge, form, type Sent, startEdge } from './edge.ts';

const limit = 128 * 1024;
let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({
    routes: [
      route({
        name: 'upload',
        method: 'POST',
        path: '/upload',
        csrf: 'exempt',
        file: { input: 'file', limit, tooLarge: 'logo.too_large' },
        input: { body: z.object({ brand: z.string().max(20) }) },
        invalid(ctx, error, sent) {
          ctx.status = error.status;
          ctx.body = { faults: error.faults, sent };
        },
        handle(ctx, { body, file }) {
          ctx.body = {
            ...body,
            file: file && { type: file.type, hex: Buffer.from(file.bytes).toString('hex') },
          };
        },
      }),
    ],
  });
});
afterAll(() => edge.stop());

const sent = (body: Buffer | string, type = multipartType): Sent => ({
  method: 'POST',
  headers: { 'content-type': type },
  body,
});
const upload = async (parts: readonly Part[]) => {
  const { status, text } = await edge.send('/upload', sent(multipart(parts)));
  return { status, json: JSON.parse(text.startsWith('{') ? text : '{}') };
};

const brand = { name: 'brand', value: 'volt' };
const bytes = Buffer.from([0, 13, 10, 45, 45, 255, 0]);

describe('a form with a file', () => {
  it('brings its fields and the bytes of the file as they are, and not the name it had', async () => {
    const { json } = await upload([
      brand,
      { name: 'file', value: bytes, file: '../../etc/passwd', type: 'image/png' },
    ]);
    expect(json).toEqual({ brand: 'volt', file: { type: 'image/png', hex: bytes.toString('hex') } });
  });

  it.each<[string, Part[]]>([
    ['is not there', [brand]],
    ['was left open', [brand, { name: 'file', value: '', file: '', type: 'application/octet-stream' }]],
  ])('has none where the file %s', async (_, parts) => {
    expect((await upload(parts)).json).toEqual({ brand: 'volt' });
  });

  it('is told at its file when that is too large, once it was heard to its end', async () => {
    const { status, json } = await upload([
      brand,
      { name: 'file', value: Buffer.alloc(10 * 1024 * 1024), file: 'a.png', type: 'image/png' },
    ]);
    expect({ status, json }).toEqual({
      status: 422,
      json: { faults: [{ field: 'file', code: 'logo.too_large' }], sent: {} },
    });
  });

  it.each<[string, Part[]]>([
    ['another file', [brand, { name: 'other', value: bytes, file: 'a', type: 'image/png' }]],
    [
      'two files',
      [brand, { name: 'file', value: bytes, file: 'a' }, { name: 'file', value: bytes, file: 'b' }],
    ],
    ['a field twice', [brand, brand]],
    ['a field named __proto__', [brand, { name: '__proto__', value: 'x' }]],
    ['a field that is an operator', [brand, { name: 'brand[$ne]', value: 'x' }]],
    ['a NUL', [{ name: 'brand', value: 'vo\0lt' }]],
    [
      'more fields than any form has',
      Array.from({ length: 1_050 }, (_, at) => ({ name: `f${at}`, value: '' })),
    ],
  ])('with %s is refused', async (_, parts) => {
    const { status } = await upload(parts);
    expect(status).toBe(400);
  });

  it.each<[string, Sent, number]>([
    ['urlencoded', form('brand=volt'), 415],
    ['without a boundary', sent(multipart([brand]), 'multipart/form-data'), 400],
    [
      'compressed',
      {
        ...sent('x'),
        headers: { 'content-type': multipartType, 'content-encoding': 'gzip' },
      },
      415,
    ],
    ['cut off', sent(multipart([brand]).subarray(0, 40)), 400],
    ['without parts', sent('nothing of the kind'), 400],
    ['of another boundary', sent(multipart([brand]), 'multipart/form-data; boundary=other'), 400],
    ['empty', sent(''), 400],
    [
      'that says it is larger than anything',
      {
        ...sent(''),
        headers: {
          'content-type': multipartType,
          'content-length': '99999999999',
        },
      },
      413,
    ],
  ])('%s is refused', async (_, request, status) => {
    expect((await edge.send('/upload', request)).status).toBe(status);
  });
});
