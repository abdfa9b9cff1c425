/** A relying party's back-channel logout address for tests: keeps what is posted to it, and answers as told. */
import { createServer } from 'node:http';

/** One posted notice. */
export interface Received {
  path: string;
  token: string;
  type: string | undefined;
}

/** The receiver. */
export interface Receiver {
  /** Address without a path. */
  base: string;
  received: Received[];
  /** Status to answer a path with; `nothing` breaks the connection, `silence` never answers. */
  answer: (path: string) => number | 'nothing' | 'silence';
  /** Paths of what was received, sorted. */
  paths(): string[];
  close(): Promise<void>;
}

/** Starts a receiver on loopback. */
export async function startReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      const token = new URLSearchParams(Buffer.concat(chunks).toString()).get('logout_token') ?? '';
      receiver.received.push({ path, token, type: request.headers['content-type'] });
      const status = receiver.answer(path);
      if (status === 'nothing') response.destroy();
      else if (status !== 'silence') response.writeHead(status, { location: `${receiver.base}/moved` }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const receiver: Receiver = {
    base: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    received: [],
    answer: () => 200,
    paths: () => receiver.received.map(({ path }) => path).sort(),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return receiver;
}

/** What a token says, unchecked. */
export function payloadOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}
