/** What a log line may not carry: secrets and personal values, found by key and by shape. */

import { types } from 'node:util';

const removed = '[removed]';
const maxDepth = 6;
const maxItems = 50;
const maxText = 2000;

/** Keys whose value never reaches a log, compared without case, `-` and `_`. */
const secretKey =
  /password|passwd|passphrase|secret|authorization|cookie|assertion|verifier|privatekey|masterkey|identifierkey|apikey|pepper|token$|tokens$|^(otp|totp|pin|nonce|state|jti|loginhint|idtokenhint|body|form|query|querystring|rawbody|headers|rawheaders|payload|url|href|originalurl|redirecturi|requesturi|location)$/;

/** Keys of personal values. */
const personalKey =
  /^(e?mail|emailaddress|to|recipients?|phone|phonenumber|givenname|familyname|middlename|nickname|birthdate|birthday|address|street|postalcode|ip|remoteaddress|xforwardedfor|useragent|identifier|username)$/;

/** A stable code such as `csrf.refused` or `ECONNRESET`; a one-time code or an authorization code is not one. */
const stableCode = /^[A-Za-z][A-Za-z_]{0,39}(\.[A-Za-z_]{1,40})?$/;

/** Masks by shape inside any text. The order matters: URIs before addresses. */
const shapes: readonly (readonly [RegExp, string])[] = [
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@]{1,500}@/gi, '$1***@'],
  [
    /([?&#](?:code|token|state|t|login_hint|id_token_hint|id_token|access_token|refresh_token|client_secret|password|request|assertion|nonce|user_code|device_code)=)[^&\s"'#]+/gi,
    '$1***',
  ],
  [/\b(Bearer|Basic|DPoP)\s+[A-Za-z0-9._~+/=-]+/g, '$1 ***'],
  [/\beyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9._-]*/g, '***'],
  [/(dup key:).*/gs, '$1 ***'],
  // No slash before the at sign: `node_modules/@koa/router` in a stack is not an address.
  [/[^\s@<>"'`,;:()[\]{}=/]{1,128}(@|%40)[^\s@<>"'`,;:()[\]{}=/]{1,253}/gi, '***$1***'],
];

/**
 * A text without addresses, tokens, credentials in URIs and values of secret query parameters.
 * @param text any text, such as the message of an error; cut to 2000 characters
 */
export function maskText(text: string): string {
  let masked = text.length > maxText ? `${text.slice(0, maxText)}…` : text;
  for (const [shape, replacement] of shapes) masked = masked.replace(shape, replacement);
  return masked;
}

/**
 * A value fit for a log line: secret and personal keys removed at any depth, texts masked, errors as plain objects.
 * @param value any value
 */
export function maskValue(value: unknown): unknown {
  return maskAt(value, 0);
}

function maskAt(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return maskText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value;
  if (types.isNativeError(value)) return maskError(value, depth);
  if (types.isDate(value)) return value;
  if (depth >= maxDepth || ArrayBuffer.isView(value)) return removed;
  if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => maskAt(item, depth + 1));
  return maskEntries(value, depth);
}

function maskEntries(value: object, depth: number): Record<string, unknown> {
  const masked: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value).slice(0, maxItems)) {
    masked[key] = mayShow(key, item) ? maskAt(item, depth + 1) : removed;
  }
  return masked;
}

function mayShow(key: string, value: unknown): boolean {
  if (value === undefined || value === null || typeof value === 'boolean') return true;
  const plain = key.replace(/[-_\s]/g, '').toLowerCase();
  if (plain === 'code' || plain.endsWith('code')) return isStableCode(value);
  return !secretKey.test(plain) && !personalKey.test(plain);
}

/** Error codes of drivers are small numbers; mail codes have eight digits. */
function isStableCode(value: unknown): boolean {
  if (typeof value === 'number') return Math.abs(value) < 100_000;
  return typeof value === 'string' && stableCode.test(value);
}

function maskError(error: Error, depth: number): Record<string, unknown> {
  const masked: Record<string, unknown> = { name: error.name, message: maskText(error.message) };
  if ('code' in error && isStableCode(error.code)) masked.code = error.code;
  if (error.stack) masked.stack = maskText(stackOf(error));
  if (error.cause !== undefined) masked.cause = depth < 3 ? maskAt(error.cause, depth + 1) : removed;
  return masked;
}

/** The frames only: the first lines of a stack repeat the message, which is masked on its own. */
function stackOf(error: Error): string {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 20)
    .join('\n');
}
