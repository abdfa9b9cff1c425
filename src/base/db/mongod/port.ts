/** Loopback ports for the embedded MongoDB: which is free, and when one answers. */
import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Whether a port of the loopback address can be listened on.
 * @param port TCP port
 */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/**
 * A free port: the preferred one when it is, so that an address stays the same between starts. Otherwise one below
 * those that the system gives to outgoing connections, which could take it between two starts.
 * @param preferred the port used before
 */
export async function pickPort(preferred: number | undefined): Promise<number> {
  const candidates = [preferred, ...Array.from({ length: 50 }, () => randomInt(20_000, 32_000))];
  for (const port of candidates) if (port !== undefined && (await isFree(port))) return port;
  throw new Error('no free port was found on the loopback address');
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
