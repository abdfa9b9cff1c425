/**
 * Turns: the forms of one browser are answered one after the other, and a form that was sent twice in a moment gets
 * its first answer again, so that a double click has one effect. It owns nothing durable: where two processes share
 * the work, what is spent once is still spent once by the database; only the second answer is then less friendly.
 */
import type { EdgeContext, EdgeMiddleware } from '../../base/http/context.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import { digest } from '../../base/kernel/sealing.ts';

/** The turns of the hosted forms. */
export interface Turns {
  /** Stands in front of the unit of work: a turn ends when everything it wrote is durable. */
  middleware: EdgeMiddleware;
  /**
   * Whether this very form has been answered a moment ago; the answer is then given again.
   * @param ctx the request
   * @param fields the form as accepted
   */
  repeated(ctx: EdgeContext, fields: object): boolean;
}

/** An answer as it left. */
interface Answer {
  at: number;
  status: number;
  body: unknown;
  headers: [string, string | string[]][];
}

/** A second click comes within moments; whoever sends the same form later means it. */
const momentMs = 3_000;
/** A browser's own clicks never come near; beyond it the oldest answers are forgotten. */
const mostAnswers = 2_000;
const keptHeaders = ['Location', 'Content-Type', 'Content-Security-Policy', 'Retry-After', 'Set-Cookie'];
const forms = /^\/(?:interaction|recover|device)(?:\/|$)/;

/**
 * Builds the turns.
 * @param clock the house's time
 */
export function createTurns(clock: Clock): Turns {
  const waiting = new Map<string, Promise<void>>();
  const answers = new Map<string, Answer>();
  const keys = new WeakMap<object, string>();

  const keep = (ctx: EdgeContext) => {
    const key = keys.get(ctx.req);
    if (key === undefined) return;
    const headers = keptHeaders.flatMap((name): [string, string | string[]][] => {
      const value = ctx.res.getHeader(name);
      return value === undefined ? [] : [[name, Array.isArray(value) ? value : String(value)]];
    });
    answers.delete(key);
    answers.set(key, { at: clock.now(), status: ctx.status, body: ctx.body, headers });
    for (const [old, { at }] of answers) {
      if (answers.size <= mostAnswers && clock.now() - at <= momentMs) break;
      answers.delete(old);
    }
  };

  return {
    async middleware(ctx, next) {
      const { deviceId } = ctx.state.visit;
      if (ctx.method !== 'POST' || !deviceId || !forms.test(ctx.path)) return next();
      const before = waiting.get(deviceId);
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.set(deviceId, promise);
      try {
        await before;
        await next();
        keep(ctx);
      } finally {
        if (waiting.get(deviceId) === promise) waiting.delete(deviceId);
        resolve();
      }
    },
    repeated(ctx, fields) {
      const { deviceId = '' } = ctx.state.visit;
      const key = digest(JSON.stringify([deviceId, ctx.url, fields]));
      const known = answers.get(key);
      if (!known || clock.now() - known.at > momentMs) {
        keys.set(ctx.req, key);
        return false;
      }
      for (const [name, value] of known.headers) ctx.set(name, value);
      ctx.status = known.status;
      ctx.body = known.body;
      return true;
    },
  };
}
