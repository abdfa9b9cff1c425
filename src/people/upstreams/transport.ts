/**
 * The module's way out: every request to an upstream is bounded in time and size, follows no redirect, and every
 * fault becomes one of our own error codes. Never puts an answer's text into an error: it may hold tokens or names.
 */
import { DomainError } from '../../base/kernel/errors.ts';

/** Bounds of one request. */
export interface Limits {
  /** Milliseconds for connection, headers and body together. */
  timeoutMs: number;
  /** Largest body read, in bytes after decompression. */
  maxBytes: number;
}

/** The bounds in production: a person is waiting, and a profile is small. */
export const defaultLimits: Limits = { timeoutMs: 5_000, maxBytes: 64 * 1024 };

/** A JSON object as it came and parsed. */
export interface JsonAnswer {
  text: string;
  json: Record<string, unknown>;
}

/**
 * Asks an upstream's server and reads a JSON object.
 * @param url endpoint
 * @param init method, headers and form body
 * @param limits time and size
 * @throws DomainError `upstream.unavailable` (no answer in time, 5xx, 429), `upstream.refused` (other 4xx),
 *   `upstream.invalid_answer` (redirect, too large, not a JSON object)
 */
export async function requestJson(url: string, init: RequestInit, limits: Limits): Promise<JsonAnswer> {
  let text: string;
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(limits.timeoutMs),
    });
    text = await readBounded(response, limits.maxBytes);
    refuseStatus(response.status);
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw new DomainError('upstream.unavailable', { cause: error });
  }
  return { text, json: parseObject(text) };
}

async function readBounded(response: Response, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the body, so the rest is never read.
    if (size > maxBytes) throw invalidAnswer(response.status, 'too large');
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function refuseStatus(status: number): void {
  if (status >= 200 && status < 300) return;
  if (status < 400) throw invalidAnswer(status, 'a redirect');
  const code = status >= 500 || status === 429 ? 'upstream.unavailable' : 'upstream.refused';
  throw new DomainError(code, { cause: new Error(`upstream answered ${status}`) });
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // The parser's message quotes the answer, so it goes no further.
  }
  throw invalidAnswer(200, 'not a JSON object');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalidAnswer(status: number, what: string): DomainError {
  return new DomainError('upstream.invalid_answer', {
    cause: new Error(`upstream answered ${status}: ${what}`),
  });
}
