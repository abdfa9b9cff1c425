/**
 * Calls to addresses that somebody else registered (logout notices, key sets): https only, to public addresses only,
 * without redirects, with limits on time and size. The address is judged after resolution and the connection is made
 * to exactly the address that was judged, so a name cannot change its mind in between.
 */
import { lookup as systemLookup } from 'node:dns/promises';
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isSpecialAddress } from './special-addresses.ts';

/** Why a call was refused or failed. */
export type OutboundReason = 'url' | 'scheme' | 'address' | 'timeout' | 'too_large' | 'network';

/** A call that was refused or failed; says why, not where to. */
export class OutboundError extends Error {
  readonly reason: OutboundReason;

  /** @param reason why; @param cause for the operator's log */
  constructor(reason: OutboundReason, cause?: unknown) {
    super(`the outbound call failed: ${reason}`, cause === undefined ? {} : { cause });
    this.name = 'OutboundError';
    this.reason = reason;
  }
}

/** Addresses of a name. */
export type Resolve = (hostname: string) => Promise<readonly { address: string; family: number }[]>;

/** What {@link createOutbound} needs. */
export interface OutboundDeps {
  /** Hosts that may resolve to private addresses (`outboundAllowList`). */
  allowList: readonly string[];
  /** Outside of production, http and this machine itself are allowed as well: demo and tests run there. */
  development: boolean;
  resolve?: Resolve;
  /** Milliseconds for the whole call (default 5000). */
  timeoutMs?: number;
  /** Most bytes of an answer (default 64 KiB). */
  maxBytes?: number;
}

/** Makes the calls. */
export interface Outbound {
  /**
   * Like the global `fetch`, but guarded. A redirect is an answer like any other; it is not followed.
   * @param url where to
   * @param init method, headers and a text body
   * @throws OutboundError
   */
  fetch(url: string | URL, init?: OutboundInit): Promise<Response>;
  /**
   * Judges a URL that is about to be registered, without resolving it.
   * @throws OutboundError `url`, `scheme` or `address`
   */
  check(url: string | URL): void;
}

/** The parts of a fetch that are used. */
export interface OutboundInit {
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  signal?: AbortSignal;
}

interface Rules {
  deps: OutboundDeps;
  resolve: Resolve;
  timeoutMs: number;
  maxBytes: number;
}

/**
 * Builds the guarded caller.
 * @param deps allow-list and limits
 */
export function createOutbound(deps: OutboundDeps): Outbound {
  const rules: Rules = {
    deps,
    resolve: deps.resolve ?? ((hostname) => systemLookup(hostname, { all: true })),
    timeoutMs: deps.timeoutMs ?? 5000,
    maxBytes: deps.maxBytes ?? 64 * 1024,
  };
  return {
    check: (url) => void judged(url, deps),
    fetch: async (url, init = {}) => call(judged(url, deps), init, rules),
  };
}

/** The parsed URL, once scheme, credentials and a literal address have been judged. */
function judged(input: string | URL, deps: OutboundDeps): URL {
  if (!URL.canParse(String(input))) throw new OutboundError('url');
  const url = new URL(input);
  if (url.username || url.password) throw new OutboundError('url');
  const host = hostOf(url);
  const internal = deps.allowList.includes(host);
  const local = deps.development && (host === 'localhost' || isLoopbackAddress(host));
  const schemeAllowed =
    url.protocol === 'https:' || (url.protocol === 'http:' && deps.development && (internal || local));
  if (!schemeAllowed) throw new OutboundError('scheme');
  if (isIP(host) !== 0 && !addressAllowed(host, host, deps)) throw new OutboundError('address');
  return url;
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

function isLoopbackAddress(address: string): boolean {
  return address === '::1' || /^127\./.test(address);
}

function addressAllowed(address: string, host: string, deps: OutboundDeps): boolean {
  if (deps.allowList.includes(host)) return true;
  const local = deps.development && isLoopbackAddress(address);
  return (local && (host === 'localhost' || host === address)) || !isSpecialAddress(address);
}

async function call(url: URL, init: OutboundInit, rules: Rules): Promise<Response> {
  const deadline = AbortSignal.timeout(rules.timeoutMs);
  const signal = init.signal ? AbortSignal.any([deadline, init.signal]) : deadline;
  try {
    const addresses = await withSignal(pinned(url, rules), signal);
    const message = await send(url, init, { signal, lookup: lookupOf(addresses) });
    return await answerOf(message, rules.maxBytes);
  } catch (error) {
    if (error instanceof OutboundError) throw error;
    throw new OutboundError(deadline.aborted ? 'timeout' : 'network', error);
  }
}

type Address = { address: string; family: number };

/** The addresses of the host; one special-use address among them refuses the whole name. */
async function pinned(url: URL, { deps, resolve }: Rules): Promise<readonly Address[]> {
  const host = hostOf(url);
  if (isIP(host) !== 0) return [{ address: host, family: isIP(host) }];
  const addresses = await resolve(host);
  const allowed =
    addresses.length > 0 && addresses.every(({ address }) => addressAllowed(address, host, deps));
  if (!allowed) throw new OutboundError('address');
  return addresses;
}

/** Resolution cannot be cancelled; waiting for it can. */
async function withSignal<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function lookupOf(addresses: readonly Address[]): LookupFunction {
  return (_hostname, options, callback) => {
    const [first] = addresses;
    if (options.all) callback(null, [...addresses]);
    else if (first) callback(null, first.address, first.family);
    else callback(new Error('no address'), '', 0);
  };
}

function send(
  url: URL,
  init: OutboundInit,
  connection: { signal: AbortSignal; lookup: LookupFunction },
): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? secureRequest : plainRequest;
  const body = init.body === undefined ? undefined : Buffer.from(init.body);
  const headers: Record<string, string> = { 'user-agent': 'symbolon', ...init.headers };
  if (body) headers['content-length'] = String(body.length);
  return new Promise((resolve, reject) => {
    // No agent: a kept connection would skip the judgement of the next call.
    const options = {
      ...connection,
      agent: false,
      method: init.method ?? 'GET',
      headers,
      maxHeaderSize: 16_384,
    };
    request(url, options, resolve).once('error', reject).end(body);
  });
}

async function answerOf(message: IncomingMessage, maxBytes: number): Promise<Response> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    const part = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += part.length;
    if (size > maxBytes) {
      message.destroy();
      throw new OutboundError('too_large');
    }
    chunks.push(part);
  }
  const status = message.statusCode ?? 0;
  if (status < 200 || status > 599) throw new OutboundError('network');
  const headers = new Headers();
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const bodiless = status === 204 || status === 205 || status === 304;
  return new Response(bodiless ? null : Buffer.concat(chunks), { status, headers });
}
