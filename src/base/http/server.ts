/**
 * The public listener: owns sockets, limits on headers and time, and stopping without dropping a request. Knows
 * nothing of routes.
 */
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The running listener. */
export interface EdgeServer {
  /** Starts to listen; port 0 takes any free port. Resolves with the port. */
  listen(host: string, port: number): Promise<number>;
  /** Requests being answered at this moment. */
  inFlight(): number;
  /**
   * Takes no new connections, lets what is in flight finish, ends kept-alive connections.
   * @param graceMs how long requests in flight may take; then they are cut
   * @returns whether every request could finish
   */
  stop(graceMs: number): Promise<boolean>;
}

const limits = {
  maxHeaderSize: 16 * 1024,
  /** Milliseconds until the headers are there; against slow senders. */
  headersTimeout: 10_000,
  /** Milliseconds until the whole request is there. */
  requestTimeout: 30_000,
  /** Longer than the idle time of common load balancers (60 s), so that they close first. */
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5000,
};

/**
 * Builds the public listener.
 * @param listener answers requests, such as a Koa app's `callback()`
 */
export function createEdgeServer(listener: RequestListener): EdgeServer {
  const open = new Set<ServerResponse>();
  let draining = false;
  let whenEmpty: (() => void) | undefined;
  const server = createServer(limits, (request, response) => {
    open.add(response);
    if (draining) response.setHeader('Connection', 'close');
    response.once('close', () => {
      open.delete(response);
      if (open.size === 0) whenEmpty?.();
    });
    listener(request, response);
  });
  server.on('clientError', refuseUnreadable);
  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          const address = server.address();
          resolve(typeof address === 'object' && address !== null ? address.port : port);
        });
      }),
    inFlight: () => open.size,
    async stop(graceMs) {
      draining = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const response of open) if (!response.headersSent) response.setHeader('Connection', 'close');
      server.closeIdleConnections();
      const clean = open.size === 0 || (await emptied((resolve) => (whenEmpty = resolve), graceMs));
      server.closeAllConnections();
      await closed;
      return clean;
    },
  };
}

async function emptied(subscribe: (resolve: () => void) => void, graceMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const empty = new Promise<boolean>((resolve) => subscribe(() => resolve(true)));
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, graceMs, false);
  });
  const clean = await Promise.race([empty, late]);
  clearTimeout(timer);
  return clean;
}

/** What the HTTP parser cannot read never reaches a middleware; it is refused here, with no echo of it. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  const headers = [
    'Connection: close',
    'Content-Length: 0',
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
  ];
  socket.end(`HTTP/1.1 ${status}\r\n${headers.join('\r\n')}\r\n\r\n`);
}
