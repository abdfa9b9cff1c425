/** What the local upstream remembers: codes waiting to be exchanged and tokens handed out. In memory only. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { UpstreamAccount } from './accounts.ts';

/** How the upstream behaves towards servers. `redirect` answers with a redirect onto itself. */
export type Mode =
  | 'normal'
  | 'slow'
  | 'unavailable'
  | 'reset'
  | 'html'
  | 'wrong-types'
  | 'huge'
  | 'redirect'
  | 'null';

/** Where a mode applies. */
export type Place = 'token' | 'profile' | 'everywhere';

/** A client of the local upstream. */
export interface UpstreamClient {
  clientId: string;
  clientSecret: string;
}

/** A code that was handed to the browser. */
export interface IssuedCode {
  account: UpstreamAccount;
  redirectUri: string;
  challenge: string | undefined;
}

/** Makes and spends codes and tokens. */
export interface UpstreamState {
  behaviour: { mode: Mode; place: Place };
  issueCode(code: IssuedCode): string;
  /** Spends a code: the second time there is none. */
  spendCode(code: string): IssuedCode | undefined;
  issueToken(account: UpstreamAccount): string;
  accountOf(token: string): UpstreamAccount | undefined;
}

/** An empty memory. */
export function createState(): UpstreamState {
  const codes = new Map<string, IssuedCode>();
  const tokens = new Map<string, UpstreamAccount>();
  const secret = () => randomBytes(24).toString('base64url');
  return {
    behaviour: { mode: 'normal', place: 'everywhere' },
    issueCode(issued) {
      const code = secret();
      codes.set(code, issued);
      return code;
    },
    spendCode(code) {
      const issued = codes.get(code);
      codes.delete(code);
      return issued;
    },
    issueToken(account) {
      const token = secret();
      tokens.set(token, account);
      return token;
    },
    accountOf: (token) => tokens.get(token),
  };
}

/** Whether a PKCE verifier belongs to the challenge (RFC 7636 section 4.6, S256 only). */
export function verifierFits(challenge: string | undefined, verifier: string): boolean {
  if (challenge === undefined) return verifier === '';
  return same(createHash('sha256').update(verifier).digest('base64url'), challenge);
}

/** Facebook's proof that a Graph call comes from the app's own server: HMAC-SHA256 of the token by the app secret. */
export function proofFits(appSecret: string, accessToken: string, proof: string): boolean {
  return same(createHmac('sha256', appSecret).update(accessToken).digest('hex'), proof);
}

/** Compares two texts in constant time. */
export function same(left: string, right: string): boolean {
  const [a, b] = [left, right].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
