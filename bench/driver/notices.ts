/** The relying parties' end of back-channel logout: takes every notice at once and counts them; judges none. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';

/** What is owed to the relying parties. */
export interface Notices {
  /** So many more are owed. */
  expect(count: number): void;
  /** Resolves when all that is owed has come. @throws Error when it has not after a minute */
  settled(): Promise<void>;
}

const patienceMs = 60_000;

const listening = new Map<string, Promise<Notices>>();

/**
 * Listens where notices are posted to; asked again, it is the same.
 * @param uri where the clients are registered to be told, on loopback
 */
export function awaitNotices(uri: string): Promise<Notices> {
  const known = listening.get(uri) ?? listen(uri);
  listening.set(uri, known);
  return known;
}

async function listen(uri: string): Promise<Notices> {
  let owed = 0;
  const server: Server = createServer((request, response) => {
    request.resume().once('end', () => {
      response.writeHead(200, { 'cache-control': 'no-store' }).end();
      owed -= 1;
      server.emit('taken');
    });
  });
  server.setMaxListeners(0);
  server.listen(Number(new URL(uri).port), '127.0.0.1').unref();
  await once(server, 'listening');
  const settle = async () => {
    const signal = AbortSignal.timeout(patienceMs);
    try {
      while (owed > 0) await once(server, 'taken', { signal });
    } catch (cause) {
      throw new Error(`${owed} logout notices did not come`, { cause });
    } finally {
      owed = 0;
    }
  };
  return {
    expect(count) {
      owed += count;
    },
    settled: settle,
  };
}
