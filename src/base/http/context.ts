/** What this module keeps on a Koa request, typed: the only place that says what `ctx.state` holds. */
import type { Middleware, ParameterizedContext } from 'koa';
import type { ErrorCode } from '../kernel/errors.ts';
import type { Visit } from '../kernel/visit.ts';

/** The state of one request. */
export interface EdgeState {
  visit: Visit;
  /** Name of the route that answered, for log and metrics; the path itself may hold ids. */
  route?: string;
  /** The code of the error that was answered. */
  errorCode?: ErrorCode;
  /** How errors of this route are answered, where the `Accept` header shall not decide. */
  errorsAs?: 'page' | 'problem';
}

/** A Koa context with our state. */
export type EdgeContext = ParameterizedContext<EdgeState>;

/** A Koa middleware over our state. */
export type EdgeMiddleware = Middleware<EdgeState>;
