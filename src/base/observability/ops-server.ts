/**
 * Observability, the operations listener: owns `/metrics`, `/health/live` and `/health/ready` on an address of its
 * own, which is never the public one. Answers nothing else and takes no input.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Health } from './health.ts';
import type { Metrics } from './metrics.ts';

/** The running operations listener. */
export interface OpsServer {
  /** Starts to listen; port 0 takes any free port. Resolves with the port. */
  listen(host: string, port: number): Promise<number>;
  /** Stops listening and ends open connections. */
  close(): Promise<void>;
}

/**
 * Builds the operations listener.
 * @param deps what it shows
 */
export function createOpsServer(deps: { metrics: Metrics; health: Health }): OpsServer {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5000 }, (request, response) => {
    answer(deps, `${request.method} ${request.url}`, response).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          resolve(portOf(server.address()));
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function answer(
  { metrics, health }: { metrics: Metrics; health: Health },
  request: string,
  response: ServerResponse,
): Promise<void> {
  if (request === 'GET /health/live') return send(response, 200, 'application/json', '{"live":true}');
  if (request === 'GET /health/ready') {
    const readiness = await health.ready();
    return send(response, readiness.ready ? 200 : 503, 'application/json', JSON.stringify(readiness));
  }
  if (request === 'GET /metrics') {
    const { contentType, text } = await metrics.render();
    return send(response, 200, contentType, text);
  }
  send(response, 404, 'text/plain; charset=utf-8', 'not found\n');
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}
