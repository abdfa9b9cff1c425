import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createBreachCheck } from '../../../src/people/credentials/breach.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex').toUpperCase();
const padding = Array.from({ length: 20 }, (_, i) => `${sha1(`padding ${i}`).slice(0, 35)}:0`);

describe('asking whether a password was breached', () => {
  let server: Server;
  let url: string;
  let answer: Answer = () => {};
  const seen: { url: string | undefined; padding: unknown }[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push({ url: request.url, padding: request.headers['add-padding'] });
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/range/`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const check = (plain: string, timeoutMs = 5000) => createBreachCheck({ url, timeoutMs })(plain);
  const rows =
    (...lines: string[]): Answer =>
    (_, response) =>
      response.end(lines.join('\r\n'));

  it('finds a breached one and tells the service five characters of its digest', async () => {
    answer = rows(...padding, `${sha1('letmein99').slice(5)}:812`);
    await expect(check('letmein99')).resolves.toBe('breached');
    expect(seen.at(-1)).toEqual({ url: `/range/${sha1('letmein99').slice(0, 5)}`, padding: 'true' });
  });

  it('reads lower case and asks in normal form', async () => {
    answer = rows(`${sha1('Zo\u00eb 1234').slice(5).toLowerCase()}:3`);
    await expect(check('Zoe\u0308 1234')).resolves.toBe('breached');
  });

  it('clears one that is not in the range, or only as padding', async () => {
    answer = rows(...padding, `${sha1('quiet marmalade fox').slice(5)}:0`);
    await expect(check('quiet marmalade fox')).resolves.toBe('clear');
  });

  it.each<[string, Answer]>([
    ['is down', (request) => request.socket.destroy()],
    ['fails', (_, response) => response.writeHead(503).end('busy')],
    ['answers a page', rows('<!doctype html>', '<title>Welcome</title>')],
    ['answers nothing', rows('')],
    ['sends us elsewhere', (_, response) => response.writeHead(302, { location: '/range/00000' }).end()],
    ['breaks off', (_, response) => void response.write(`${padding[0]}\r\n`, () => response.destroy())],
    ['answers without end', (_, response) => response.end(`${padding[0]}\r\n`.repeat(100_000))],
  ])('lets the password through when the service %s', async (_, broken) => {
    answer = broken;
    await expect(check('quiet marmalade fox')).resolves.toBe('unavailable');
  });

  it.each<[string, Answer]>([
    ['never answers', () => {}],
    ['begins and never ends', (_, response) => void response.write(`${padding[0]}\r\n`)],
  ])('loses patience when the service %s', async (_, slow) => {
    answer = slow;
    await expect(check('quiet marmalade fox', 50)).resolves.toBe('unavailable');
  });

  it('lets the password through when nobody listens', async () => {
    const gone = createBreachCheck({ url: 'http://127.0.0.1:1/range/', timeoutMs: 5000 });
    await expect(gone('quiet marmalade fox')).resolves.toBe('unavailable');
  });

  it('asks nobody when it is switched off', async () => {
    const fetch = () => Promise.reject(new Error('asked'));
    const off = createBreachCheck({ url: undefined, timeoutMs: 50, fetch });
    await expect(off('letmein99')).resolves.toBe('clear');
  });
});
