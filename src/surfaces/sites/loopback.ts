/**
 * A visitor of our own pages: speaks to the listener of this issuer and to nobody else, whatever a page or redirect
 * says. Keeps cookies; follows redirects only where it is told to, one at a time.
 */
import { type IncomingMessage, request } from 'node:http';

/** Where the issuer listens. */
export interface ListenerAddress {
  host: string;
  port: number;
}

/** An answer, read to its end. */
export interface LoopbackAnswer {
  status: number;
  header(name: string): string | undefined;
  text: string;
}

/** What is sent beside the address. */
export interface LoopbackRequest {
  form?: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
}

/** A visitor. */
export interface Visitor {
  /**
   * One request, GET or with a form POST.
   * @throws LoopbackError for an address that is not the issuer's, and when the issuer does not answer
   */
  request(target: string, more?: LoopbackRequest): Promise<LoopbackAnswer>;
  /** The same, and on through redirects as long as they stay with the issuer. */
  open(target: string): Promise<LoopbackAnswer & { url: string }>;
}

/** Why the listener could not be spoken to. */
export class LoopbackError extends Error {
  /** @param message in a few words, for an operator */
  constructor(message: string) {
    super(message);
    this.name = 'LoopbackError';
  }
}

const patienceMs = 5_000;
const mostBytes = 1_000_000;
const mostHops = 8;

/**
 * Makes a visitor.
 * @param issuer the issuer's address as the world sees it
 * @param listener where it listens
 */
export function createVisitor(issuer: string, listener: ListenerAddress): Visitor {
  const { origin, host } = new URL(issuer);
  const cookies = new Map<string, string>();

  function pathOf(target: string): string {
    const url = URL.canParse(target, origin) ? new URL(target, origin) : undefined;
    if (url?.origin !== origin) throw new LoopbackError('leads away from the issuer');
    return `${url.pathname}${url.search}`;
  }

  async function send(target: string, { form, headers }: LoopbackRequest = {}): Promise<LoopbackAnswer> {
    const body = form && new URLSearchParams({ ...form }).toString();
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const message = await exchange(
      { ...reachable(listener), path: pathOf(target), method: body === undefined ? 'GET' : 'POST' },
      {
        host,
        accept: 'text/html, application/json;q=0.9, */*;q=0.8',
        'user-agent': 'symbolon-smoke',
        ...(cookie && { cookie }),
        ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      body,
    );
    for (const line of message.headersDistinct['set-cookie'] ?? []) keep(cookies, line);
    const text = await textOf(message);
    return {
      status: message.statusCode ?? 0,
      header: (name) => message.headersDistinct[name]?.join(', '),
      text,
    };
  }

  return {
    request: send,
    async open(target) {
      let url = new URL(target, origin).href;
      for (let hops = 0; hops < mostHops; hops += 1) {
        const answer = await send(url);
        const location = answer.header('location');
        const next = location === undefined ? undefined : new URL(location, url);
        if (answer.status < 300 || answer.status > 399 || !next) return { ...answer, url };
        // Never followed away: where it leads is part of the answer.
        if (next.origin !== origin) return { ...answer, url: next.href };
        url = next.href;
      }
      throw new LoopbackError('redirects without end');
    },
  };
}

/** A listener on every address is reached at this machine's own. */
function reachable({ host, port }: ListenerAddress): ListenerAddress {
  if (port === 0) throw new LoopbackError('the port of the issuer is not known here');
  if (host === '0.0.0.0') return { host: '127.0.0.1', port };
  return { host: host === '::' || host === '[::]' ? '::1' : host, port };
}

function exchange(
  to: ListenerAddress & { path: string; method: string },
  headers: Record<string, string>,
  body: string | undefined,
): Promise<IncomingMessage> {
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const signal = AbortSignal.timeout(patienceMs);
  return new Promise((resolve, reject) => {
    request({ ...to, headers: { ...headers, ...length }, signal, agent: false }, resolve)
      .once('error', (error: NodeJS.ErrnoException) =>
        reject(
          new LoopbackError(
            `the issuer does not answer at ${to.host}:${to.port} (${error.code ?? error.name})`,
          ),
        ),
      )
      .end(body);
  });
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of message) {
      size += (chunk as Buffer).length;
      if (size > mostBytes) throw new LoopbackError('an answer is too large');
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    throw error instanceof LoopbackError ? error : new LoopbackError('an answer broke off');
  } finally {
    message.destroy();
  }
  return Buffer.concat(chunks).toString('utf8');
}

function keep(cookies: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
  const at = pair.indexOf('=');
  const name = pair.slice(0, at);
  const gone = attributes.some((each) => /^(max-age=0|expires=thu, 01 jan 1970)/i.test(each));
  if (gone) cookies.delete(name);
  else cookies.set(name, pair.slice(at + 1));
}
