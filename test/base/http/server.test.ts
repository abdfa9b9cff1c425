import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createEdgeServer, type EdgeServer } from '../../../src/base/http/server.ts';

let server: EdgeServer;
let port: number;
let agent: Agent;
let arrived: Promise<void>;
let finish: () => void;

beforeEach(async () => {
  const arrival = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  arrived = arrival.promise;
  finish = release.resolve;
  server = createEdgeServer((incoming, response) => {
    if (incoming.url === '/quick') {
      response.end('quick');
      return;
    }
    arrival.resolve();
    void release.promise.then(() => response.end('finished'));
  });
  port = await server.listen('127.0.0.1', 0);
  agent = new Agent({ keepAlive: true });
});
afterEach(async () => {
  finish();
  agent.destroy();
  await server.stop(0);
});

function get(path: string): Promise<{ message: IncomingMessage; text: string }> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, agent }, (message) => {
      let text = '';
      message.on('data', (chunk) => {
        text += chunk;
      });
      message.once('error', reject);
      message.once('end', () => resolve({ message, text }));
    })
      .once('error', reject)
      .end();
  });
}

describe('stopping', () => {
  it('lets a request in flight finish, then ends its connection', async () => {
    const answer = get('/slow');
    await arrived;
    expect(server.inFlight()).toBe(1);
    const stopped = server.stop(60_000);
    finish();
    const { message, text } = await answer;
    expect([text, message.headers.connection]).toEqual(['finished', 'close']);
    expect(await stopped).toBe(true);
    expect(server.inFlight()).toBe(0);
  });

  it('takes no new connection while requests finish', async () => {
    const answer = get('/slow');
    await arrived;
    const stopped = server.stop(60_000);
    const refusal = new Promise((resolve) => {
      connect(port, '127.0.0.1')
        .once('error', resolve)
        .once('connect', () => resolve(undefined));
    });
    expect(await refusal).toMatchObject({ code: 'ECONNREFUSED' });
    finish();
    await Promise.all([answer, stopped]);
  });

  it('ends kept-alive connections that are idle', async () => {
    await get('/quick');
    expect(await server.stop(60_000)).toBe(true);
  });

  it('cuts what is still in flight when the grace is over, and says so', async () => {
    const answer = get('/slow').catch((error: Error) => error.message);
    await arrived;
    expect(await server.stop(20)).toBe(false);
    expect(await answer).toMatch(/hang up|ECONNRESET/);
  });
});

describe('listening', () => {
  it('fails when the port is taken', async () => {
    const second = createEdgeServer(() => undefined);
    await expect(second.listen('127.0.0.1', port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
