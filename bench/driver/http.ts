/** The driver's HTTP client: one keep-alive agent on loopback, no redirects followed, bodies read whole. */
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import type { CookieJar } from './cookie-jar.ts';

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** A request. */
export interface Ask {
  url: string;
  method?: 'GET' | 'POST';
  headers?: Record<string, string>;
  /** Sent as application/x-www-form-urlencoded. */
  form?: Record<string, string>;
  jar?: CookieJar;
}

/** An answer. */
export interface Answer {
  url: string;
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/**
 * Sends one request and reads its whole answer; cookies go through the jar.
 * @param ask what to send
 * @throws Error when the connection fails or nothing comes for 30 s
 */
export function send(ask: Ask): Promise<Answer> {
  const url = new URL(ask.url);
  const body = ask.form === undefined ? undefined : new URLSearchParams(ask.form).toString();
  const headers = { ...ask.headers, ...bodyHeaders(body), ...cookieHeader(ask.jar, url) };
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { agent, method: ask.method ?? 'GET', headers, timeout: 30_000 },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.once('error', reject);
        response.once('end', () => {
          ask.jar?.keep(response.headers['set-cookie'] ?? []);
          const text = Buffer.concat(parts).toString('utf8');
          resolve({ url: ask.url, status: response.statusCode ?? 0, headers: response.headers, body: text });
        });
      },
    );
    sent.once('timeout', () => sent.destroy(new Error(`no answer from ${url.pathname}`)));
    sent.once('error', (error: NodeJS.ErrnoException) => {
      // The peer closed a resting connection just as it was taken up again: it has not seen the request.
      if (sent.reusedSocket && error.code === 'ECONNRESET') resolve(send(ask));
      else reject(error);
    });
    sent.end(body);
  });
}

function bodyHeaders(body: string | undefined): Record<string, string> {
  if (body === undefined) return {};
  return {
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(Buffer.byteLength(body)),
  };
}

function cookieHeader(jar: CookieJar | undefined, url: URL): Record<string, string> {
  const value = jar?.header(url.pathname) ?? '';
  return value === '' ? {} : { cookie: value };
}
