/** The proxy that ends TLS in front of an issuer: hands a caller's certificate over, and drops what a caller wrote. */
import { readFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { atEnd } from './database.ts';

/** A file of the test certificates. */
export const pem = (name: string) =>
  readFileSync(new URL(`../fixtures/mtls/${name}`, import.meta.url), 'utf8');

/**
 * Starts the proxy; it ends with the tests of the file.
 * @param target port of the issuer
 * @returns its port
 */
export async function startTlsProxy(target: () => number): Promise<number> {
  const server = createServer(
    {
      key: pem('server.key'),
      cert: pem('server.pem'),
      requestCert: true,
      // Which certificates count is the issuer's to say: self-signed ones are registered with their clients.
      rejectUnauthorized: false,
    },
    (incoming, outgoing) => {
      const { raw } = (incoming.socket as TLSSocket).getPeerCertificate();
      const { 'client-cert': _written, ...headers } = incoming.headers;
      if (raw) headers['client-cert'] = `:${raw.toString('base64')}:`;
      const { method, url } = incoming;
      const forwarded = plainRequest(
        { host: '127.0.0.1', port: target(), method, path: url, headers },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        },
      );
      incoming.pipe(forwarded);
    },
  );
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  atEnd(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  return (server.address() as AddressInfo).port;
}

/**
 * A fetch that shows a certificate, for relying parties.
 * @param certificate name of the test certificate; none when undefined
 */
export function fetchWith(certificate: string | undefined) {
  return (url: string, options: { method?: string; headers?: unknown; body?: unknown }): Promise<Response> =>
    new Promise((resolve, reject) => {
      const sent = request(
        url,
        {
          method: options.method ?? 'GET',
          headers: Object.fromEntries(
            new Headers(options.headers as ConstructorParameters<typeof Headers>[0]),
          ),
          ca: pem('server.pem'),
          agent: false,
          ...(certificate && { cert: pem(`${certificate}.pem`), key: pem(`${certificate}.key`) }),
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('end', () => {
            const headers = new Headers();
            for (const [name, value] of Object.entries(answer.headers)) headers.set(name, String(value));
            const status = answer.statusCode ?? 0;
            resolve(new Response(Buffer.concat(chunks), { status, headers }));
          });
        },
      );
      sent.on('error', reject);
      sent.end(options.body === undefined || options.body === null ? undefined : String(options.body));
    });
}
