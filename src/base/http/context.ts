/** What this module keeps on a Koa request, typed: the only place that says what `ctx.state` holds. */
import type { Middleware, ParameterizedContext } from 'koa';
import type { ErrorCode } from '../kernel/errors.ts';
import type { Visit } from '../kernel/visit.ts';

/** Who calls an API, as its access token proves. */
export interface Caller {
  /** The client the token was issued to. */
  clientId: string;
  /** The member who allowed it; undefined where the client acts for itself. */
  memberId: string | undefined;
  scopes: ReadonlySet<string>;
}

/** The state of one request. */
export interface EdgeState {
  visit: Visit;
  /** Name of the route that answered, for log and metrics; the path itself may hold ids. */
  route?: string;
  /** The code of the error that was answered. */
  errorCode?: ErrorCode;
  /** How errors of this route are answered, where the `Accept` header shall not decide. */
  errorsAs?: 'page' | 'problem';
  /** Where an error page leads back to, with the key of its name; the app or the brand's home when undefined. */
  backTo?: { url: string; nameKey: string };
  /** Who calls, on routes of APIs that ask for a token. */
  caller?: Caller;
}

/** A Koa context with our state. */
export type EdgeContext = ParameterizedContext<EdgeState>;

/** A Koa middleware over our state. */
export type EdgeMiddleware = Middleware<EdgeState>;

/**
 * Who calls this route.
 * @param ctx a request of a route that asks for a token
 */
export function callerOf(ctx: EdgeContext): Caller {
  const { caller } = ctx.state;
  if (!caller) throw new Error('this route asks for no token');
  return caller;
}
