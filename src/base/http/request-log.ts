/** One structured line per request, and its measurement. Route names, never paths: a path may hold an id. */
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../observability/log.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { EdgeContext, EdgeMiddleware } from './context.ts';

/** The fields of a request's line, with what they hold: the table of docs/request-log.md. */
const requestLogFields = {
  method: 'HTTP method',
  route: 'name of the route that answered, `unmatched` when there is none',
  status: 'HTTP status of the answer',
  code: 'error code, when an error was answered (docs/errors.md)',
  ms: 'milliseconds until the answer was written',
  bytes: 'length of the body, where it is known',
  trace: 'trace id, the same as in the `Trace-Id` header, the error page and the event',
  client: 'client the visit was for',
  brand: 'brand the visit was for',
  aborted: 'true when the caller went away before the end',
} as const;

/** What {@link requestLog} needs. */
export interface RequestLogDeps {
  log: Log;
  clock: Clock;
  metrics: Pick<Metrics, 'httpRequest'>;
}

const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * Middleware that writes the line once the answer has left (or the caller has).
 * @param deps log, clock and metrics
 */
export function requestLog(deps: RequestLogDeps): EdgeMiddleware {
  return async (ctx, next) => {
    const started = deps.clock.now();
    ctx.res.once('close', () => write(ctx, deps, deps.clock.now() - started));
    await next();
  };
}

function write(ctx: EdgeContext, deps: RequestLogDeps, ms: number): void {
  const { visit, route = 'unmatched', errorCode } = ctx.state;
  const method = knownMethods.has(ctx.method) ? ctx.method : 'OTHER';
  const status = ctx.res.statusCode;
  const length = Number(ctx.res.getHeader('content-length'));
  deps.metrics.httpRequest({ route, method, status, ms });
  deps.log.info(
    {
      method,
      route,
      status,
      code: errorCode,
      ms,
      bytes: Number.isFinite(length) ? length : undefined,
      trace: visit?.trace,
      client: visit?.clientId,
      brand: visit?.brand,
      aborted: ctx.res.writableFinished ? undefined : true,
    },
    'request',
  );
}

/** The page docs/request-log.md. */
export function requestLogDocs(): string {
  return [
    '# The line of a request',
    '',
    '<!-- Generated from src/base/http/request-log.ts by scripts/generate.mjs; edit there. -->',
    '',
    'Every request leaves one JSON line on standard output, beside `level`, `time` and `msg` (which is `request`).',
    'It holds no path, query, body, cookie, header or address.',
    '',
    '| field | what it holds |',
    '|---|---|',
    ...Object.entries(requestLogFields).map(([field, text]) => `| \`${field}\` | ${text} |`),
    '',
  ].join('\n');
}
