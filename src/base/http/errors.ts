/**
 * The one place where errors become answers: a page or problem+json (RFC 9457), with the status of the code and the
 * trace id, never with a stack, a host or a raw value. Unexpected errors are logged once and answered `internal`.
 */
import { types } from 'node:util';
import { isStorageUnavailable } from '../db/storage-errors.ts';
import {
  DocumentError,
  type DocumentFault,
  DomainError,
  type ErrorCode,
  type ErrorParams,
  type FieldFault,
  FormError,
} from '../kernel/errors.ts';
import type { Log } from '../observability/log.ts';
import type { EdgeContext, EdgeMiddleware } from './context.ts';
import type { Cookies } from './cookies.ts';
import { deviceCookie } from './visit.ts';

/** What an error page may show. */
export interface ShownError {
  code: ErrorCode;
  status: number;
  params: ErrorParams;
  /** The trace id, for the member to quote. */
  reference: string;
  faults: readonly FieldFault[];
}

/** What {@link errorHandler} needs. */
export interface ErrorHandlerDeps {
  log: Log;
  cookies: Cookies;
  /** Renders the error page in the visit's language and brand. */
  renderError(ctx: EdgeContext, error: ShownError): string;
  /** The text of a code in the visit's language, for problem+json. */
  describe(ctx: EdgeContext, code: ErrorCode, params: ErrorParams): string;
  /** Address of the page that explains the codes; `#<code>` is appended. */
  docsUrl: string;
}

const retryAfterDefaults: Partial<Record<ErrorCode, number>> = {
  'storage.unavailable': 5,
  overloaded: 2,
  draining: 2,
};

/** Statuses of errors thrown by libraries, and what they mean in this house. */
const libraryCodes: Readonly<Record<number, ErrorCode>> = {
  400: 'input.malformed',
  404: 'route.not_found',
  405: 'route.method_not_allowed',
  413: 'input.too_large',
  415: 'input.unsupported_type',
  501: 'route.method_not_allowed',
};

/**
 * Middleware that answers every error thrown behind it, and every request that nobody answered (404, 405).
 * @param deps log, cookies and the texts
 */
export function errorHandler(deps: ErrorHandlerDeps): EdgeMiddleware {
  return async (ctx, next) => {
    try {
      await next();
      const unanswered = ctx.respond !== false && !ctx.headerSent && isEmpty(ctx.body);
      const code = unanswered ? libraryCodes[ctx.status] : undefined;
      if (code === undefined || ctx.status < 404) return;
      throw new DomainError(code);
    } catch (error) {
      answer(ctx, deps, error);
    }
  };
}

function isEmpty(body: unknown): boolean {
  return body === undefined || body === null;
}

function answer(ctx: EdgeContext, deps: ErrorHandlerDeps, thrown: unknown): void {
  const error = asDomainError(thrown);
  ctx.state.errorCode = error.code;
  report(ctx, deps.log, error, thrown);
  if (ctx.headerSent) {
    // Half an answer is worse than none: the caller must not take it for a whole one.
    ctx.res.destroy();
    return;
  }
  const retryAfter = error.retryAfter ?? retryAfterDefaults[error.code];
  // Nothing that the failed request meant to grant leaves with the refusal.
  deps.cookies.takeBack(ctx, [deviceCookie]);
  for (const name of ['Location', 'ETag', 'Last-Modified', 'Content-Encoding', 'Content-Disposition']) {
    ctx.remove(name);
  }
  ctx.respond = true;
  ctx.status = error.status;
  ctx.set('Cache-Control', 'no-store');
  if (retryAfter !== undefined) ctx.set('Retry-After', String(Math.max(1, Math.ceil(retryAfter))));
  // A wait is told in words as well as in the header.
  const params = { ...(retryAfter !== undefined && { seconds: Math.ceil(retryAfter) }), ...error.params };
  if (wantsProblem(ctx)) writeProblem(ctx, deps, error, params);
  else writePage(ctx, deps, error, params);
}

function asDomainError(thrown: unknown): DomainError {
  if (thrown instanceof DomainError) return thrown;
  if (isStorageUnavailable(thrown)) return new DomainError('storage.unavailable', { cause: thrown });
  const status = types.isNativeError(thrown) && 'status' in thrown ? Number(thrown.status) : Number.NaN;
  const code =
    libraryCodes[status] ??
    (types.isNativeError(thrown) && thrown.name === 'URIError' ? 'input.malformed' : 'internal');
  return new DomainError(code, { cause: thrown });
}

function report(ctx: EdgeContext, log: Log, error: DomainError, thrown: unknown): void {
  const fields = { trace: ctx.state.visit?.trace, route: ctx.state.route, code: error.code };
  if (error.code === 'internal') log.error({ ...fields, error: thrown }, 'a request failed unexpectedly');
  else if (error.status >= 500) log.warn({ ...fields, error: error.cause }, 'a request could not be served');
}

/** A page unless the route or the caller asks for data; nobody browses the APIs, not even where they have no route. */
function wantsProblem(ctx: EdgeContext): boolean {
  if (ctx.path.startsWith('/api/')) return true;
  if (ctx.state.errorsAs) return ctx.state.errorsAs === 'problem';
  return ctx.accepts('text/html', 'application/json', 'application/problem+json') !== 'text/html';
}

function writeProblem(
  ctx: EdgeContext,
  deps: ErrorHandlerDeps,
  error: DomainError,
  params: ErrorParams,
): void {
  const faults = problemFaults(error);
  ctx.body = JSON.stringify({
    type: `${deps.docsUrl}#${error.code}`,
    title: deps.describe(ctx, error.code, params),
    status: error.status,
    code: error.code,
    trace: ctx.state.visit?.trace,
    ...(faults.length > 0 && { errors: faults }),
  });
  ctx.type = 'application/problem+json';
}

/** Of a form its fields, of a document where in it something is wrong. */
function problemFaults(error: DomainError): readonly (DocumentFault | Pick<FieldFault, 'field' | 'code'>)[] {
  if (error instanceof DocumentError) return error.faults;
  return faultsOf(error).map(({ field, code }) => ({ field, code }));
}

function writePage(ctx: EdgeContext, deps: ErrorHandlerDeps, error: DomainError, params: ErrorParams): void {
  const reference = ctx.state.visit?.trace ?? '';
  let html: string;
  try {
    const { code, status } = error;
    html = deps.renderError(ctx, { code, status, params, reference, faults: faultsOf(error) });
  } catch (failure) {
    deps.log.error({ trace: reference, error: failure }, 'the error page could not be rendered');
    html = `<!doctype html><html lang="en"><title>${error.status}</title><p>${error.code}</p><p>${reference}</p></html>`;
  }
  ctx.body = html;
  ctx.type = 'text/html; charset=utf-8';
}

function faultsOf(error: DomainError): readonly FieldFault[] {
  return error instanceof FormError ? error.faults : [];
}
