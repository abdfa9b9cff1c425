/**
 * Breached passwords by k-anonymity: asks a range service with the first five characters of a SHA-1 digest and
 * compares the rest at home, so that the service never learns the password. Never stands in the way when the
 * service does not answer.
 */
import { createHash } from 'node:crypto';
import { passwordText } from './password-text.ts';

/** What is known of a password; `unavailable` lets it through and is recorded by the caller. */
export type BreachVerdict = 'clear' | 'breached' | 'unavailable';

/** Judges a password by the service. */
export type BreachCheck = (plain: string) => Promise<BreachVerdict>;

/** Where and how patiently to ask. */
export interface BreachCheckDeps {
  /** Prefix of the range service; undefined switches the check off (every password is `clear`). */
  url: string | undefined;
  /** Patience for the whole answer, in milliseconds. */
  timeoutMs: number;
  /** The client; the machine's own by default. */
  fetch?: typeof globalThis.fetch;
}

const prefixLength = 5;

/** A padded range is about 40 KiB; what is much larger is something else. */
const maxAnswerBytes = 512 * 1024;

/**
 * Builds the check (NIST SP 800-63B-4 section 3.1.1.2: a block-list that holds breached passwords).
 * @param deps address, patience in milliseconds, client
 */
export function createBreachCheck(deps: BreachCheckDeps): BreachCheck {
  const { url, timeoutMs, fetch = globalThis.fetch } = deps;
  if (url === undefined) return async () => 'clear';
  return async (plain) => {
    const digest = createHash('sha1').update(passwordText(plain)).digest('hex').toUpperCase();
    try {
      const answer = await fetch(`${url}${digest.slice(0, prefixLength)}`, {
        // Padding hides from an onlooker, by the answer's size, which range was asked for.
        headers: { 'Add-Padding': 'true', Accept: 'text/plain' },
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = answer.ok ? await readCapped(answer) : undefined;
      return text === undefined ? 'unavailable' : judge(text, digest.slice(prefixLength));
    } catch {
      return 'unavailable';
    }
  };
}

/** The body as text; undefined when it is larger than any range. */
async function readCapped(answer: Response): Promise<string | undefined> {
  if (!answer.body) return undefined;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body) {
    bytes += chunk.byteLength;
    if (bytes > maxAnswerBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
}

/** Looks for the rest of the digest; rows of padding count zero. */
function judge(text: string, rest: string): BreachVerdict {
  let rows = 0;
  for (const line of text.split(/\r?\n/)) {
    const row = /^([0-9A-F]{35}):(\d+)$/i.exec(line.trim());
    if (!row) continue;
    rows += 1;
    if (row[1]?.toUpperCase() === rest && Number(row[2]) > 0) return 'breached';
  }
  // A range is never empty: an answer without a row came from something else.
  return rows > 0 ? 'clear' : 'unavailable';
}
