/** The kernel's Visit: who comes, from where, on whose behalf. Plain values; never a request object. */

/** The circumstances of one request, handed to every decision and recorded with its event. */
export interface Visit {
  /** The relying party the visit is for; undefined on the program's own pages and in jobs. */
  clientId: string | undefined;
  brand: string | undefined;
  market: string | undefined;
  /** BCP 47 language of the answer, such as `en` or `ja`. */
  locale: string;
  /** Who acts: the member, a client for itself, an operator's command, or the house itself. */
  actor: { kind: 'member' | 'client' | 'operator' | 'system' | 'anonymous'; id?: string };
  /** Address of the caller after trusted proxies; undefined in jobs and commands. */
  ip: string | undefined;
  /** The browser's `User-Agent`, cut to 256 characters. */
  userAgent: string | undefined;
  /** Opaque id of this browser's device cookie, once it has one. */
  deviceId: string | undefined;
  /** Trace id: the same in the log line, the answer's header, the error page and the event. */
  trace: string;
}

/**
 * The visit of a job or command, where nobody is at a browser.
 * @param trace trace id
 * @param actor who acts (default: the house itself)
 */
export function systemVisit(trace: string, actor: Visit['actor'] = { kind: 'system' }): Visit {
  return {
    clientId: undefined,
    brand: undefined,
    market: undefined,
    locale: 'en',
    actor,
    ip: undefined,
    userAgent: undefined,
    deviceId: undefined,
    trace,
  };
}
