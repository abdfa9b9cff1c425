/**
 * The shape of the attack table: one row says what is sent, what must be seen, where the specification says so, and
 * what may have been written afterwards. Rows are data with a way to make the request; the driver
 * (`attacks.test.ts`) runs them, and `reference.ts` prints them as docs/attacks.md. Nothing here needs the test runner.
 */
import type { Arena } from './arena.ts';

/**
 * How an answer shows itself:
 * - `json`: a body with `error`
 * - `challenge`: `WWW-Authenticate` with `error`
 * - `page`: a page for the person, and no way on to any address
 * - `client`: back at the registered address with `error` and `iss`
 * - `code`: back at the registered address with a code and `iss` (what is not an attack after all)
 * - `inactive`: introspection that tells nothing but `{"active":false}`
 * - `empty`: success that tells nothing
 * - `fine`: an ordinary success
 * - `library`: the relying party's own library refuses
 */
export type Manner =
  | 'json'
  | 'challenge'
  | 'page'
  | 'client'
  | 'code'
  | 'inactive'
  | 'empty'
  | 'fine'
  | 'library';

/** What must be seen. */
export interface Seen {
  manner: Manner;
  status: number;
  /** Error code of the specification. */
  error?: string;
}

/**
 * What may have been written meanwhile:
 * - `nothing`
 * - `family ends`: everything of the grant is gone, and nothing is new
 * - `proof id`: the id of a proof or assertion that was right in itself is remembered, so that it cannot come again
 * - `session marks`: a session's own book-keeping: an empty one in place of one that is over, the name of the client
 *   that asked, the grant of an app of the program's own; nobody is signed in by it and nothing is allowed
 * - `as usual`: what belongs to an answer that is no refusal
 */
export type Written = 'nothing' | 'family ends' | 'proof id' | 'session marks' | 'as usual';

/** Anything that answers. */
export interface Answered {
  status: number;
  headers: Headers;
  text: string;
}

/** A row. */
export interface Attack {
  /** What is attempted; several rows may attempt the same. */
  attempt: string;
  /** What is sent. */
  sent: string;
  seen: Seen;
  /** Where the answer is specified. */
  section: string;
  /** Default: nothing. */
  written?: Written;
  /**
   * Makes ready what the attacker has by then; the returned function is the attack itself, and only what happens in it
   * is judged.
   */
  ready(arena: Arena): Promise<() => Promise<Answered>>;
}

/** Rows of one theme. */
export interface Theme {
  title: string;
  rows: readonly Attack[];
}

/** An error as JSON. */
export const json = (status: number, error: string): Seen => ({ manner: 'json', status, error });
/** A challenge with an error. */
export const challenge = (error: string, status = 401): Seen => ({ manner: 'challenge', status, error });
/** A page that leads nowhere. */
export const page = (status = 400): Seen => ({ manner: 'page', status });
/** An error that the client is told at its registered address. */
export const client = (error: string): Seen => ({ manner: 'client', status: 303, error });
/** A code at the registered address. */
export const code: Seen = { manner: 'code', status: 303 };
/** Introspection without anything said. */
export const inactive: Seen = { manner: 'inactive', status: 200 };
/** An ordinary success. */
export const fine = (status = 200): Seen => ({ manner: 'fine', status });

/** What must be seen, in words for the documentation. */
export function seenInWords({ manner, status, error }: Seen): string {
  const words: Record<Manner, string> = {
    json: `${status} \`${error}\``,
    challenge: `${status}, challenge \`${error}\``,
    page: `${status}, a page that leads nowhere`,
    client: `${status} to the registered address, \`${error}\``,
    code: `${status} to the registered address, a code`,
    inactive: `${status} \`{"active":false}\``,
    empty: `${status} without a word`,
    fine: `${status}, accepted`,
    library: `the library of the relying party refuses: \`${error}\``,
  };
  return words[manner];
}
