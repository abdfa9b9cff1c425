/** The session of the present browser, for the account pages: who is signed in here, and keeping it over a change. */
import type { Provider } from 'oidc-provider';
import type { EdgeContext } from '../../base/http/context.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import { artefactId } from './artefacts/model.ts';
import { currentUnit } from './artefacts/unit.ts';
import { cookieNames } from './cookies.ts';

/** Who is signed in at this browser. */
export interface BrowserSession {
  uid: string;
  memberId: string;
  /** When they last proved who they are. */
  signedInAt: Date;
  amr: readonly string[];
}

/** The session of the present browser. */
export interface BrowserSessions {
  /** The live session of the request's cookie. */
  read(ctx: EdgeContext): Promise<BrowserSession | undefined>;
  /** Renews the session under a new cookie and a new security epoch; what was issued under the old one stays dead. */
  renew(ctx: EdgeContext, epoch: number): Promise<void>;
  /** Forgets the session cookie of this browser; the session itself is ended by `Sessions`. */
  forget(ctx: EdgeContext): void;
}

/**
 * Builds the browser sessions.
 * @param current the provider of the moment
 * @param deps issuer and clock
 */
export function createBrowserSession(
  current: () => Provider,
  deps: { issuer: string; clock: Clock },
): BrowserSessions {
  const name = cookieNames(deps.issuer).session;
  const options = { signed: true, httpOnly: true, overwrite: true, sameSite: 'lax' as const };
  return {
    async read(ctx) {
      const session = await current().Session.get(ctx as never);
      if (!session.accountId || !session.uid) return undefined;
      return {
        uid: session.uid,
        memberId: session.accountId,
        signedInAt: new Date((session.loginTs ?? 0) * 1000),
        amr: session.amr ?? [],
      };
    },
    async renew(ctx, epoch) {
      const session = await current().Session.get(ctx as never);
      if (!session.accountId) return;
      const unit = currentUnit();
      const stored = await unit.find(artefactId('Session', session.uid));
      if (!stored) return;
      unit.patch({ ...stored, epoch }, { epoch });
      session.resetIdentifier();
      await session.persist();
      ctx.cookies.set(name, session.jti, { ...options, expires: new Date((session.exp ?? 0) * 1000) });
    },
    forget(ctx) {
      ctx.cookies.set(name, null, options);
    },
  };
}
