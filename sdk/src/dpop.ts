/**
 * Proof of possession (DPoP, RFC 9449): tokens that are worth nothing without a key that never leaves this browser or
 * server. Owns the key and the nonces that servers ask for; which token goes where is for others to say.
 */
import { base64url, digestOf, randomText } from './encoding.ts';

type Key = Parameters<typeof crypto.subtle.sign>[1];

/** A pair of Web Crypto keys, ECDSA on P-256. */
export interface KeyPair {
  readonly privateKey: Key;
  readonly publicKey: Key;
}

/** Where a pair is kept. */
export interface KeyStore {
  /** The pair that is kept; where there is none, the one that is made, kept from now on. */
  keep(make: () => Promise<KeyPair>): Promise<KeyPair>;
  forget(): Promise<void>;
}

/** A request as it is sent with a proof; its body must bear being sent twice. */
export interface ProvedRequest {
  url: string;
  init: RequestInit & { headers: Record<string, string> };
  /** The access token that it carries. */
  token?: string | undefined;
  /** Sends it. */
  send: typeof fetch;
}

/** Makes proofs with one key. */
export interface Dpop {
  /** Names the key (RFC 7638), so that a code is worth nothing without it: `dpop_jkt`. */
  thumbprint(): Promise<string>;
  /** Sends a request with its proof; a second time where the server wants its nonce in it. */
  send(request: ProvedRequest): Promise<Response>;
  /** Forgets the key: tokens that are bound to it are worth nothing any more. */
  forget(): Promise<void>;
}

/**
 * Builds proofs.
 * @param options where the key is kept (default: IndexedDB, or memory where there is none), and the time
 */
export function createDpop(options: { keys?: KeyStore; now?: () => number } = {}): Dpop {
  const { keys = 'indexedDB' in globalThis ? indexedDbKeys() : memoryKeys(), now = Date.now } = options;
  /** By origin: a server tells the next one with its answers (section 8.2). */
  const nonces = new Map<string, string>();
  let pairing: Promise<KeyPair> | undefined;

  const pair = () => {
    pairing ??= keys.keep(makePair).catch((error) => {
      pairing = undefined;
      throw error;
    });
    return pairing;
  };

  async function proof(method: string, url: URL, token: string | undefined): Promise<string> {
    const { privateKey, publicKey } = await pair();
    const nonce = nonces.get(url.origin);
    const signed = [
      { typ: 'dpop+jwt', alg: 'ES256', jwk: await publicJwk(publicKey) },
      {
        jti: randomText(),
        htm: method,
        htu: url.origin + url.pathname,
        iat: Math.floor(now() / 1000),
        ...(token !== undefined && { ath: await digestOf(token) }),
        ...(nonce !== undefined && { nonce }),
      },
    ]
      .map((part) => base64url(new TextEncoder().encode(JSON.stringify(part))))
      .join('.');
    const bytes = new TextEncoder().encode(signed);
    const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, bytes);
    return `${signed}.${base64url(new Uint8Array(signature))}`;
  }

  async function once({ url, init, token, send }: ProvedRequest): Promise<Response> {
    const address = new URL(url);
    const dpop = await proof(init.method ?? 'GET', address, token);
    const response = await send(url, { ...init, headers: { ...init.headers, dpop } });
    const nonce = response.headers.get('dpop-nonce');
    if (nonce !== null) nonces.set(address.origin, nonce);
    return response;
  }

  return {
    thumbprint: async () => digestOf(JSON.stringify(await publicJwk((await pair()).publicKey))),
    async send(request) {
      const response = await once(request);
      return (await asksForNonce(response)) ? once(request) : response;
    },
    async forget() {
      pairing = undefined;
      await keys.forget();
    },
  };
}

/** The key as proofs show it, its members in the order of RFC 7638. */
async function publicJwk(key: Key): Promise<Record<'crv' | 'kty' | 'x' | 'y', string>> {
  const { crv = '', kty = '', x = '', y = '' } = await crypto.subtle.exportKey('jwk', key);
  return { crv, kty, x, y };
}

/** A private key that no script can read, not even ours. */
function makePair(): Promise<KeyPair> {
  return crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
}

/** Sections 8 (the token endpoint, in its body) and 9 (an API, in its header). */
async function asksForNonce(response: Response): Promise<boolean> {
  const wanted = 'use_dpop_nonce';
  if (response.status === 401 && response.headers.get('www-authenticate')?.includes(wanted)) return true;
  if (response.status !== 400 || !response.headers.has('dpop-nonce')) return false;
  const { error } = (await response
    .clone()
    .json()
    .catch(() => ({}))) as { error?: unknown };
  return error === wanted;
}

/** Keeps a pair as long as the program runs. */
export function memoryKeys(): KeyStore {
  let kept: Promise<KeyPair> | undefined;
  return {
    keep(make) {
      kept ??= make();
      return kept;
    },
    async forget() {
      kept = undefined;
    },
  };
}

/** What is used of IndexedDB. */
interface Request<T> {
  result: T;
  error: unknown;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
  onupgradeneeded?: (() => void) | null;
}
interface ObjectStore {
  get(key: string): Request<KeyPair | undefined>;
  add(pair: KeyPair, key: string): Request<unknown>;
  delete(key: string): Request<unknown>;
}
interface Transaction {
  objectStore(name: string): ObjectStore;
  oncomplete: (() => void) | null;
  onabort: (() => void) | null;
  error: unknown;
}
interface Opened {
  createObjectStore(name: string): unknown;
  transaction(name: string, mode: 'readwrite'): Transaction;
  close(): void;
}

const storeName = 'keys';

/**
 * Keeps a pair in the browser's IndexedDB, which takes keys as they are: they outlive the page, and no script reads them.
 * Tabs of a site share it.
 * @param name of the database; one for each client of the site
 */
export function indexedDbKeys(name = 'symbolon'): KeyStore {
  /** Runs in one transaction, so that of two tabs the second finds the first one's pair. */
  async function within<T>(work: (store: ObjectStore) => Request<T>): Promise<T> {
    const database = await openDatabase(name);
    try {
      return await new Promise<T>((resolve, reject) => {
        const transaction = database.transaction(storeName, 'readwrite');
        const asked = work(transaction.objectStore(storeName));
        transaction.oncomplete = () => resolve(asked.result);
        transaction.onabort = () => reject(asked.error ?? transaction.error);
      });
    } finally {
      database.close();
    }
  }
  const kept = () => within((store) => store.get('pair'));

  return {
    async keep(make) {
      const before = await kept();
      if (before) return before;
      const made = await make();
      // Another tab may have been faster: then its pair stays, and adding this one is refused.
      await within((store) => store.add(made, 'pair')).catch(() => undefined);
      return (await kept()) ?? made;
    },
    async forget() {
      await within((store) => store.delete('pair'));
    },
  };
}

function openDatabase(name: string): Promise<Opened> {
  const factory: { open(name: string): Request<Opened> } = Reflect.get(globalThis, 'indexedDB');
  return new Promise((resolve, reject) => {
    const asked = factory.open(name);
    asked.onupgradeneeded = () => void asked.result.createObjectStore(storeName);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}
