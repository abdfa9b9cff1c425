/**
 * Routes as data: each surface declares a table, this module walks it. A route says its name, its input, its limit
 * and its protection; a test reads the same table. Decides no rule of its own.
 */
import Router, { type RouterContext } from '@koa/router';
import type { z } from 'zod';
import { DomainError, FormError } from '../kernel/errors.ts';
import { parseFlat, parseQuery, readForm } from './body.ts';
import type { EdgeContext, EdgeMiddleware, EdgeState } from './context.ts';
import { type Csrf, csrfField } from './csrf.ts';
import type { FlatInput } from './flat-input.ts';
import type { IdempotencyKeys } from './idempotency-keys.ts';
import type { ApiDeclaration, ApiScopes } from './json-routes.ts';
import { type FileRule, readUpload, type Upload, type UploadedFile } from './upload.ts';

/** HTTP methods of routes; HEAD follows GET by itself. */
export type RouteMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

type Empty = z.ZodObject<Record<never, never>>;

/** Input that the schemas have accepted. */
export interface RouteInput<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodObject> {
  params: z.output<P>;
  query: z.output<Q>;
  body: z.output<B>;
  /** The file of the form, where the route takes one and one was chosen. */
  file: UploadedFile | undefined;
}

/** One route as a surface declares it. */
export interface RouteDefinition<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodObject> {
  /** Stable name: log, metrics and limits know the route by it. */
  name: string;
  method: RouteMethod;
  path: string;
  /** What the path, the query and the body hold. What is not declared is not read. */
  input?: { params?: P; query?: Q; body?: B };
  /** The one file that its form may bring: the form is `multipart/form-data` then. */
  file?: FileRule;
  /** Scope of the CSRF token by path parameters; `exempt` only where the caller is not a browser. */
  csrf?: ((params: Readonly<Record<string, string>>, ctx: EdgeContext) => string) | 'exempt';
  /** Tag of the limit that guards the route. */
  limiter?: string;
  /** Largest form in bytes, where documents are sent in one. */
  bodyLimit?: number;
  /** Answers a refused form in its own page; without it the error page is shown. */
  invalid?(ctx: EdgeContext, error: FormError, sent: FlatInput): void | Promise<void>;
  handle(ctx: EdgeContext, input: RouteInput<P, Q, B>): void | Promise<void>;
}

/** Guards of routes, by their tags. */
export interface RouteGuards {
  csrf: Pick<Csrf, 'require'>;
  /** Throws `limit.reached` when the route's limit is used up. */
  limit?(ctx: EdgeContext, limiter: string): Promise<void>;
  /** Puts the caller of an API on the request. Throws when no token gives one of the scopes. */
  authorize?(ctx: EdgeContext, auth: ApiScopes): Promise<void>;
  /** Where the keys of requests that are carried out once are kept. */
  idempotencyKeys?: IdempotencyKeys;
}

/** A declared route. */
export interface Route {
  readonly name: string;
  readonly method: RouteMethod;
  readonly path: string;
  readonly kind: 'page' | 'json';
  readonly csrf: 'checked' | 'exempt' | 'safe';
  readonly limiter: string | undefined;
  /** The file that its form may bring. */
  readonly file: FileRule | undefined;
  /** What a JSON route has said of itself; undefined for pages. */
  readonly api: ApiDeclaration | undefined;
  readonly input: {
    readonly params?: z.ZodObject;
    readonly query?: z.ZodObject;
    readonly body?: z.ZodObject;
  };
  run(ctx: EdgeContext, params: Readonly<Record<string, string>>, guards: RouteGuards): Promise<void>;
}

type AnyDefinition = RouteDefinition<z.ZodObject, z.ZodObject, z.ZodObject>;

/** What the router has read of the path. */
export type PathParams = Readonly<Record<string, string>>;

/**
 * Declares a route of pages; those of APIs are declared by `jsonRoute`.
 * @param definition the route as data, and its handler
 * @throws Error at start-up when a route that changes something has no `csrf`
 */
export function route<
  P extends z.ZodObject = Empty,
  Q extends z.ZodObject = Empty,
  B extends z.ZodObject = Empty,
>(definition: RouteDefinition<P, Q, B>): Route;
export function route(definition: AnyDefinition): Route {
  const { name, method, path, csrf, limiter, file, input = {} } = definition;
  const safe = method === 'GET';
  if (!safe && csrf === undefined) throw new Error(`the route ${name} changes something and needs csrf`);
  return {
    name,
    method,
    path,
    kind: 'page',
    csrf: safe ? 'safe' : csrf === 'exempt' ? 'exempt' : 'checked',
    limiter,
    file,
    api: undefined,
    input,
    run: (ctx, params, guards) => run(ctx, definition, params, guards),
  };
}

/** Limit first, because it is cheap; then where the request comes from, who sends it, and what it says. */
async function run(
  ctx: EdgeContext,
  definition: AnyDefinition,
  params: PathParams,
  guards: RouteGuards,
): Promise<void> {
  const { name, method, csrf, limiter } = definition;
  refuseMalformedPath(ctx.path);
  if (limiter !== undefined) await required(guards.limit, name)(ctx, limiter);
  let sent: Upload = { fields: {}, file: undefined };
  let input: RouteInput<z.ZodObject, z.ZodObject, z.ZodObject>;
  try {
    if (method !== 'GET') sent = await readSent(ctx, definition);
    if (method !== 'GET' && typeof csrf === 'function') {
      guards.csrf.require(ctx, csrf(params, ctx), sent.fields[csrfField]);
    }
    input = parseInput(ctx, definition, params, sent);
  } catch (error) {
    if (!(error instanceof FormError) || !definition.invalid) throw error;
    await definition.invalid(ctx, error, sent.fields);
    return;
  }
  await definition.handle(ctx, input);
}

async function readSent(ctx: EdgeContext, { file, bodyLimit }: AnyDefinition): Promise<Upload> {
  return file ? readUpload(ctx, file) : { fields: await readForm(ctx, bodyLimit), file: undefined };
}

/**
 * The router hands on what it cannot decode; here it is refused like any other malformed input.
 * @param path as sent
 * @throws DomainError `input.malformed`
 */
export function refuseMalformedPath(path: string): void {
  let plain: string;
  try {
    plain = decodeURIComponent(path);
  } catch (cause) {
    throw new DomainError('input.malformed', { cause });
  }
  if (plain.includes('\0')) throw new DomainError('input.malformed');
}

/**
 * A guard that a route names.
 * @param guard what was provided
 * @param name of the route
 */
export function required<T>(guard: T | undefined, name: string): T {
  if (guard === undefined) throw new Error(`the route ${name} names a guard that nobody provides`);
  return guard;
}

function parseInput(
  ctx: EdgeContext,
  { method, input = {} }: AnyDefinition,
  params: PathParams,
  { fields, file }: Upload,
): RouteInput<z.ZodObject, z.ZodObject, z.ZodObject> {
  // The body first: what no browser sends is malformed, whatever the address says.
  const body = input.body && method !== 'GET' ? parseFlat(input.body, fields) : {};
  return {
    params: input.params ? parseFlat(input.params, params) : {},
    query: input.query ? parseQuery(input.query, ctx) : {},
    body,
    file,
  };
}

/** The routes of all surfaces, mounted. */
export interface Routes {
  /** Answers the routes; what is no route goes on to the next middleware. */
  readonly middleware: EdgeMiddleware;
  /** Every route, for tests and documentation. */
  listRoutes(): readonly Route[];
}

/**
 * Mounts routes.
 * @param routes the tables of all surfaces
 * @param guards CSRF, limits and proofs by tag
 * @throws Error at start-up when two routes share a name, or method and path
 */
export function createRoutes(routes: readonly Route[], guards: RouteGuards): Routes {
  refuseDoubles(routes);
  const router = new Router<EdgeState>({ strict: false, sensitive: true });
  for (const entry of routes) {
    router.register(entry.path, [entry.method], async (ctx) => {
      ctx.state.route = entry.name;
      if (entry.kind === 'json') ctx.state.errorsAs = 'problem';
      await entry.run(ctx, ctx.params, guards);
    });
  }
  const matched = router.routes();
  const others = router.allowedMethods();
  return {
    // The router's types ask for fields that the router itself sets.
    middleware: (ctx, next) => matched(ctx as Routed, () => others(ctx as Routed, next)),
    listRoutes: () => routes,
  };
}

type Routed = RouterContext<EdgeState>;

function refuseDoubles(routes: readonly Route[]): void {
  const seen = new Set<string>();
  for (const { name, method, path } of routes) {
    for (const key of [name, `${method} ${path}`]) {
      if (seen.has(key)) throw new Error(`two routes are called ${key}`);
      seen.add(key);
    }
  }
}
