/** The little of a web framework the examples need, on plain node:http: routes, forms, cookies, escaped HTML. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';

/** One request, parsed as far as the examples need it. */
export interface WebRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  cookies: ReadonlyMap<string, string>;
  /** The fields of a posted form (at most 64 KiB); empty for every other request. */
  form: URLSearchParams;
}

/** An answer: give `html`, `text`, `json` or `location`. */
export interface WebAnswer {
  status?: number;
  html?: Html;
  text?: string;
  json?: unknown;
  /** Sends the browser on, always by 303 so that a form is not posted again. */
  location?: string;
  type?: string;
  cookies?: readonly string[];
  headers?: Readonly<Record<string, string>>;
}

/** Handlers by `METHOD /path`. */
export type Routes = Readonly<Record<string, (request: WebRequest) => Promise<WebAnswer> | WebAnswer>>;

/** A running server. */
export interface RunningServer {
  port: number;
  stop(): Promise<void>;
}

const maxForm = 64 * 1024;

/**
 * Serves routes on the loopback address, and nowhere else.
 * @param routes handlers by `METHOD /path`
 * @param options `port` (0 picks a free one); `headers` added to every answer; `failed` makes the answer for an
 *   exception; `before` may take the raw request over (returning true)
 */
export function serve(
  routes: Routes,
  options: {
    port: number;
    headers?: Readonly<Record<string, string>>;
    failed: (error: unknown, request: WebRequest) => WebAnswer;
    before?: (request: IncomingMessage, response: ServerResponse) => boolean;
  },
): Promise<RunningServer> {
  const server = createServer((incoming, response) => {
    if (options.before?.(incoming, response)) return;
    void answer(incoming, response);
  });
  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await parseRequest(incoming);
    const route = routes[`${request.method} ${request.path}`];
    let result: WebAnswer;
    try {
      result = route ? await route(request) : { status: 404, text: 'There is no such page here.' };
    } catch (error) {
      result = options.failed(error, request);
    }
    send(response, result, options.headers ?? {});
  }
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', () => {
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : options.port,
        stop: () =>
          new Promise((done) => {
            server.close(() => done());
            server.closeAllConnections();
          }),
      });
    });
  });
}

async function parseRequest(incoming: IncomingMessage): Promise<WebRequest> {
  // A request line may hold anything; only its path and query are read, against an origin of our own.
  const url = new URL(`http://site${incoming.url?.startsWith('/') ? incoming.url : '/'}`);
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    cookies: parseCookies(incoming.headers.cookie ?? ''),
    form: incoming.method === 'POST' ? await readForm(incoming) : new URLSearchParams(),
  };
}

async function readForm(incoming: IncomingMessage): Promise<URLSearchParams> {
  let body = '';
  for await (const chunk of incoming.setEncoding('utf8')) {
    body += String(chunk);
    if (body.length > maxForm) return new URLSearchParams();
  }
  const isForm = incoming.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  return new URLSearchParams(isForm ? body : '');
}

function parseCookies(header: string): Map<string, string> {
  const pairs = header.split(';').flatMap((part): [string, string][] => {
    const at = part.indexOf('=');
    return at < 1 ? [] : [[part.slice(0, at).trim(), part.slice(at + 1).trim()]];
  });
  return new Map(pairs);
}

function send(response: ServerResponse, answer: WebAnswer, headers: Readonly<Record<string, string>>): void {
  const body =
    answer.html?.markup ?? answer.text ?? (answer.json === undefined ? '' : JSON.stringify(answer.json));
  const type = answer.html
    ? 'text/html; charset=utf-8'
    : answer.json === undefined
      ? 'text/plain; charset=utf-8'
      : 'application/json';
  response.writeHead(answer.status ?? (answer.location === undefined ? 200 : 303), {
    'cache-control': 'no-store',
    ...headers,
    'content-type': answer.type ?? type,
    ...(answer.location === undefined ? {} : { location: answer.location }),
    ...(answer.cookies?.length ? { 'set-cookie': [...answer.cookies] } : {}),
    ...answer.headers,
  });
  response.end(body);
}

/** Markup that is safe to send. */
export interface Html {
  readonly markup: string;
}

/**
 * Writes markup; every value is escaped unless it is markup itself. Lists are joined, `undefined` and `false` vanish.
 */
export function html(parts: TemplateStringsArray, ...values: unknown[]): Html {
  return { markup: parts.reduce((text, part, index) => text + render(values[index - 1]) + part) };
}

/** Markup from a source we wrote ourselves, such as a logo. */
export function trusted(markup: string): Html {
  return { markup };
}

function render(value: unknown): string {
  if (value === undefined || value === null || value === false) return '';
  if (Array.isArray(value)) return value.map(render).join('');
  if (isHtml(value)) return value.markup;
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function isHtml(value: unknown): value is Html {
  return typeof value === 'object' && value !== null && 'markup' in value && typeof value.markup === 'string';
}
