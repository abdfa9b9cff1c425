import { createServer } from 'node:net';
import { afterAll, describe, expect, it } from '@jest/globals';
import { checkPorts } from '../../src/demo.ts';
import { freePort } from '../support/ports.ts';

describe('the ports of the demo', () => {
  const listening = [createServer(), createServer()];
  afterAll(() => {
    for (const server of listening) server.close();
  });

  it('are told together when they are taken, before anything is started', async () => {
    const ports = await Promise.all(
      listening.map(
        (server) =>
          new Promise<number>((resolve) => {
            server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
          }),
      ),
    );
    const [port = 0, opsPort = 0] = ports;
    const checked = checkPorts({ host: '127.0.0.1', port, opsHost: '127.0.0.1', opsPort });
    await expect(checked).rejects.toThrow(new RegExp(`In use already: port ${port}, ${opsPort}`));
    const free = { host: '127.0.0.1', port: await freePort(), opsHost: '127.0.0.1', opsPort: 0 };
    // The sites' own ports may be taken on this machine: those of the issuer are not named.
    const message = await checkPorts(free).then(
      () => '',
      (error: Error) => error.message,
    );
    expect(message).not.toContain(String(free.port));
  });
});
