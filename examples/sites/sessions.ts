/** The site's own sessions: in memory, found by a cookie that means nothing to anybody else. */
import { randomBytes } from 'node:crypto';

/** What one sign-in attempt must remember until the browser comes back. */
export interface Attempt {
  state: string;
  nonce: string;
  verifier: string;
  /** Whether the issuer was asked not to show anything (`prompt=none`). */
  silent: boolean;
  /** Whether it is about a payment with points, and no new sign-in. */
  redeeming: boolean;
}

/** A signed-in member, as this site knows one. */
export interface SignedIn {
  sub: string;
  /** The issuer's session id, by which a back-channel logout finds this session. */
  sid: string | undefined;
  claims: Readonly<Record<string, unknown>>;
  userinfo: Readonly<Record<string, unknown>> | undefined;
  idToken: string;
  accessToken: string;
  refreshToken: string | undefined;
  /** How often the tokens were refreshed. */
  refreshed: number;
}

/** Something to tell on the next page, once. */
export interface Notice {
  tone: 'good' | 'plain' | 'bad';
  text: string;
}

/** One browser's session. */
export interface Session {
  id: string;
  attempts: Attempt[];
  member: SignedIn | undefined;
  notice: Notice | undefined;
  usedAt: number;
}

const maxAgeMs = 12 * 60 * 60 * 1000;
const maxSessions = 10_000;
const maxAttempts = 5;

/** All sessions of one site. */
export interface Sessions {
  find(id: string | undefined): Session | undefined;
  create(): Session;
  /** Moves what a session holds to a new id, so that an id from before the sign-in is worth nothing after it. */
  renew(session: Session): Session;
  /** Remembers an attempt; the oldest of more than five is forgotten. */
  begin(session: Session, attempt: Attempt): void;
  /** Takes an attempt out by its state; a second time there is none. */
  take(session: Session, state: string | null): Attempt | undefined;
  /** Signs out whoever the order names and says how many. */
  end(order: { sub: string | undefined; sid: string | undefined }, notice: Notice): number;
}

/**
 * Makes the store.
 * @param now milliseconds since the Unix epoch
 */
export function createSessions(now: () => number = Date.now): Sessions {
  const sessions = new Map<string, Session>();

  function add(session: Omit<Session, 'id' | 'usedAt'>): Session {
    for (const [id, { usedAt }] of sessions) {
      if (now() - usedAt > maxAgeMs || sessions.size >= maxSessions) sessions.delete(id);
      else break;
    }
    const added = { ...session, id: randomBytes(32).toString('base64url'), usedAt: now() };
    sessions.set(added.id, added);
    return added;
  }

  return {
    find(id) {
      const session = sessions.get(id ?? '');
      return session && now() - session.usedAt <= maxAgeMs ? session : undefined;
    },
    create: () => add({ attempts: [], member: undefined, notice: undefined }),
    renew(session) {
      sessions.delete(session.id);
      return add(session);
    },
    begin(session, attempt) {
      session.attempts = [...session.attempts, attempt].slice(-maxAttempts);
    },
    take(session, state) {
      const attempt = session.attempts.find((each) => each.state === state);
      session.attempts = session.attempts.filter((each) => each !== attempt);
      return attempt;
    },
    end(order, notice) {
      let ended = 0;
      for (const session of sessions.values()) {
        if (!session.member || !isNamed(order, session.member)) continue;
        session.member = undefined;
        session.notice = notice;
        ended += 1;
      }
      return ended;
    },
  };
}

/** A session id is the narrower order: where both sides have one, only that session ends. */
function isNamed(order: { sub: string | undefined; sid: string | undefined }, member: SignedIn): boolean {
  if (order.sub !== undefined && order.sub !== member.sub) return false;
  if (order.sid !== undefined && member.sid !== undefined) return order.sid === member.sid;
  return order.sub === member.sub;
}
