/** A visitor that speaks to the issuer's own listener and to nobody else. */
import { createServer, type RequestListener } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { createVisitor } from '../../../src/surfaces/sites/loopback.ts';
import { atEnd } from '../../support/database.ts';
import { freePort } from '../../support/ports.ts';

async function listening(listener: RequestListener) {
  const server = createServer(listener);
  const port = await freePort();
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  atEnd(async () => void server.close());
  return { host: '127.0.0.1', port };
}

const issuer = 'https://id.example';

describe('a visitor', () => {
  it('calls the listener under the name of the issuer, and keeps cookies', async () => {
    const seen: (string | undefined)[][] = [];
    const listener = await listening((request, response) => {
      seen.push([request.method, request.url, request.headers.host, request.headers.cookie]);
      response.setHeader('set-cookie', ['__Host-a=1; Secure; Path=/', 'b=2; Max-Age=0']);
      response.end('hello');
    });
    const visitor = createVisitor(issuer, listener);
    await visitor.request('/one');
    const answer = await visitor.request(`${issuer}/two?x=1`, { form: { a: 'b' } });
    expect([answer.status, answer.text]).toEqual([200, 'hello']);
    expect(seen).toEqual([
      ['GET', '/one', 'id.example', undefined],
      ['POST', '/two?x=1', 'id.example', '__Host-a=1'],
    ]);
  });

  it.each([
    'http://169.254.169.254/',
    'https://other.example/',
    '//other.example/x',
    'http://id.example/',
    'file:///etc/passwd',
  ])('never goes to %s', async (target) => {
    let calls = 0;
    const listener = await listening((_request, response) => {
      calls += 1;
      response.end();
    });
    await expect(createVisitor(issuer, listener).request(target)).rejects.toThrow(
      'leads away from the issuer',
    );
    expect(calls).toBe(0);
  });

  it('does not follow a redirect away, and tells where it leads', async () => {
    const listener = await listening((request, response) => {
      response.statusCode = 303;
      response.setHeader('location', request.url === '/begin' ? '/middle' : 'http://169.254.169.254/latest');
      response.end();
    });
    expect(await createVisitor(issuer, listener).open('/begin')).toMatchObject({
      status: 303,
      url: 'http://169.254.169.254/latest',
    });
  });

  it('gives up where redirects do not end, where nobody listens, and where an answer is too large', async () => {
    const around = await listening((_request, response) => {
      response.writeHead(302, { location: '/again' }).end();
    });
    await expect(createVisitor(issuer, around).open('/')).rejects.toThrow('without end');
    const nobody = { host: '127.0.0.1', port: await freePort() };
    await expect(createVisitor(issuer, nobody).request('/')).rejects.toThrow('does not answer');
    await expect(createVisitor(issuer, { host: '::', port: 0 }).request('/')).rejects.toThrow('not known');
    const large = await listening((_request, response) => {
      response.end('x'.repeat(1_100_000));
    });
    await expect(createVisitor(issuer, large).request('/')).rejects.toThrow('too large');
  });
});
