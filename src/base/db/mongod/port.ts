/** Loopback ports for the embedded MongoDB: which is free, and when one answers. */
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Whether a port of the loopback address can be listened on.
 * @param port TCP port
 */
export async function isFree(port: number): Promise<boolean> {
  return (await listenOnce(port)) !== undefined;
}

/**
 * A free port: the preferred one when it is, so that an address stays the same between starts.
 * @param preferred the port used before
 */
export async function pickPort(preferred: number | undefined): Promise<number> {
  const kept = preferred === undefined ? undefined : await listenOnce(preferred);
  const port = kept ?? (await listenOnce(0));
  if (port === undefined) throw new Error('the loopback address has no free port');
  return port;
}

/**
 * Waits until something listens on a port.
 * @param port TCP port on 127.0.0.1
 * @param goOn asked before each try; false gives up
 * @param graceMs milliseconds after which it gives up
 * @returns whether it listens
 */
export async function waitForPort(port: number, goOn: () => boolean, graceMs: number): Promise<boolean> {
  const deadline = performance.now() + graceMs;
  while (goOn() && performance.now() < deadline) {
    if (await accepts(port)) return true;
    await delay(15);
  }
  return false;
}

function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (yes: boolean) => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });
}
