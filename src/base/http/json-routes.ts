/**
 * Routes of JSON APIs as data: one declaration says what comes in and what goes out; it checks the one, cuts the other
 * to size, and is what the OpenAPI document is made of. Decides no rule of its own.
 */
import type { z } from 'zod';
import type { Tx } from '../db/transaction.ts';
import { DocumentError, DomainError, type ErrorCode } from '../kernel/errors.ts';
import { bodyLimit, bodyTypes, fittedTo, readJson } from './body.ts';
import { type Conditions, conditionsOf, entityTag, isKnown } from './conditions.ts';
import type { EdgeContext } from './context.ts';
import { documentFaults } from './document-faults.ts';
import { documentJson, type FlatInput, flatInput, plainJson } from './flat-input.ts';
import { carryOutOnce, type WrittenAnswer } from './idempotency.ts';
import {
  type PathParams,
  type Route,
  type RouteGuards,
  type RouteMethod,
  refuseMalformedPath,
  required,
} from './routes.ts';

/** The token a route asks for. */
export interface ApiScopes {
  /** Name of the API: its tokens are for `<issuer>/api/<name>`. */
  api: string;
  /** One of these is enough. */
  scopes: readonly [string, ...string[]];
}

/** Schemas of the answers by status; null for one without content. */
export type AnswerSchemas = Readonly<Record<number, z.ZodType | null>>;

interface AnswerHead {
  /** Version of what the body shows: opaque text, without quotes. */
  etag?: string | undefined;
  /** Address of what was made. */
  location?: string | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
}

type AnswerOf<Status, Schema> = AnswerHead &
  (Schema extends z.ZodType
    ? { status: Status; body: z.input<Schema> }
    : { status: Status; body?: undefined });

/** What a handler returns: one of the declared answers. */
export type JsonAnswer<A extends AnswerSchemas> = { [S in keyof A]: AnswerOf<S, A[S]> }[keyof A];

/** Input that the schemas have accepted, and what the request says of versions and retries. */
export interface JsonInput<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  A extends AnswerSchemas,
> {
  params: z.output<P>;
  query: z.output<Q>;
  body: z.output<B>;
  /** `If-Match` and `If-None-Match` of a change. */
  conditions: Conditions;
  /**
   * Keeps the answer for a retry with the same `Idempotency-Key`, in the transaction of the change: then the request
   * is carried out once even when the process dies. Nothing happens when no key was sent.
   */
  keepAnswer(tx: Tx, answer: JsonAnswer<A>): Promise<void>;
}

/** What a JSON route says of itself, beside its handler. */
export interface ApiDeclaration {
  /** One line for the reference. */
  readonly summary: string;
  /** More, as Markdown. */
  readonly description?: string;
  /** Chapter of the reference. */
  readonly tag: string;
  readonly auth?: ApiScopes;
  readonly body?: z.ZodType;
  readonly answers: AnswerSchemas;
  /** Codes this route answers beyond those that follow from its declaration. */
  readonly errors?: readonly ErrorCode[];
  /**
   * `document`: names in the body are data (dots, `$`), it may be 32 levels deep, and refused values are shown in the
   * answer; for documents without personal data only. Default `plain`: fields, 8 levels, values are never repeated.
   */
  readonly json?: 'plain' | 'document';
  /** Largest body in bytes (default 64 KiB). */
  readonly bodyLimit?: number;
  /** Answers of 200 and 201 carry the version of what they show, and a GET heeds `If-None-Match`. */
  readonly versioned?: true;
  /** `required`: without `If-Match` the answer is 428. Say `optional` where the handler asks `conditions`. */
  readonly ifMatch?: 'required' | 'optional';
  /** Whether `Idempotency-Key` is heeded, or asked for; needs `auth`. */
  readonly idempotency?: 'required' | 'optional';
}

/** One JSON route as a surface declares it. */
export interface JsonRouteDefinition<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  A extends AnswerSchemas,
> extends Omit<ApiDeclaration, 'body' | 'answers'> {
  /** Stable name: log, metrics and limits know the route by it; in the reference it is the `operationId`. */
  name: string;
  method: RouteMethod;
  /** With `:name` for a part and `*name` for all the rest. */
  path: string;
  /** What the path, the query and the body hold. What is not declared is not read. */
  input?: { params?: P; query?: Q; body?: B };
  answers: A;
  limiter?: string;
  handle(
    ctx: EdgeContext,
    input: JsonInput<P, Q, B, NoInfer<A>>,
  ): JsonAnswer<NoInfer<A>> | Promise<JsonAnswer<NoInfer<A>>>;
}

type Empty = z.ZodObject<Record<never, never>>;
type AnyDefinition = JsonRouteDefinition<z.ZodObject, z.ZodObject, z.ZodType, AnswerSchemas>;
type AnyInput = JsonInput<z.ZodObject, z.ZodObject, z.ZodType, AnswerSchemas>;
type AnyAnswer = AnswerHead & { status: number; body?: unknown };

/**
 * Declares a JSON route. Errors are problem+json whatever the caller accepts; answers are cut to their schema.
 * @param definition the route as data, and its handler
 * @throws Error at start-up when a route that changes something asks for no proof of who calls
 */
export function jsonRoute<
  A extends AnswerSchemas,
  P extends z.ZodObject = Empty,
  Q extends z.ZodObject = Empty,
  B extends z.ZodType = z.ZodUndefined,
>(definition: JsonRouteDefinition<P, Q, B, A>): Route;
export function jsonRoute(definition: AnyDefinition): Route {
  const { name, method, path, limiter, auth, input = {}, idempotency } = definition;
  const safe = method === 'GET';
  // Cookies never count here, so that nobody's browser can be made to call.
  if (!safe && !auth) throw new Error(`the route ${name} changes something and needs auth`);
  if (idempotency && !auth) throw new Error(`the route ${name} needs auth: a key belongs to a caller`);
  const { handle: _handle, ...declared } = definition;
  return {
    name,
    method,
    path,
    kind: 'json',
    csrf: safe ? 'safe' : 'exempt',
    limiter,
    file: undefined,
    api: { ...declared, ...(input.body && { body: input.body }) },
    input: {
      ...(input.params && { params: input.params }),
      ...(input.query && { query: input.query }),
    },
    run: (ctx, params, guards) => run(ctx, definition, params, guards),
  };
}

/** Limit first, because it is cheap; then who calls, then what is said. */
async function run(
  ctx: EdgeContext,
  definition: AnyDefinition,
  params: PathParams,
  guards: RouteGuards,
): Promise<void> {
  const { name, limiter, auth, ifMatch, idempotency } = definition;
  refuseMalformedPath(ctx.path);
  if (limiter !== undefined) await required(guards.limit, name)(ctx, limiter);
  if (auth) await required(guards.authorize, name)(ctx, auth);
  const input = await parseInput(ctx, definition, params);
  if (ifMatch === 'required' && !input.conditions.named) throw new DomainError('precondition.required');
  const carryOut = async (more: Pick<AnyInput, 'keepAnswer'>) =>
    written(definition, await definition.handle(ctx, { ...input, ...more }));
  const answer = idempotency
    ? await carryOutOnce(ctx, required(guards.idempotencyKeys, name), idempotency === 'required', (kept) =>
        carryOut({
          keepAnswer: async (tx, given) => kept?.keep(JSON.stringify(written(definition, given)), tx),
        }),
      )
    : await carryOut({ keepAnswer: async () => undefined });
  send(ctx, answer);
}

async function parseInput(
  ctx: EdgeContext,
  definition: AnyDefinition,
  params: PathParams,
): Promise<Omit<AnyInput, 'keepAnswer'>> {
  const { method, input = {}, json, bodyLimit: limit = bodyLimit } = definition;
  const conditions = conditionsOf(ctx);
  const flat = {
    params: input.params && flatOf(input.params, params, 'path'),
    query: input.query && flatOf(input.query, flatInput(ctx.querystring), 'query'),
  };
  let body: unknown;
  if (input.body && method !== 'GET') {
    const rule = json === 'document' ? documentJson : plainJson;
    const sent = await readJson(ctx, { types: bodyTypes(method), limit, rule });
    const parsed = input.body.safeParse(sent);
    if (!parsed.success) {
      const telling = { echo: json === 'document' };
      throw new DocumentError(documentFaults(parsed.error, sent, input.body, telling));
    }
    body = parsed.data;
  }
  return { params: flat.params ?? {}, query: flat.query ?? {}, body, conditions };
}

function flatOf(schema: z.ZodObject, sent: FlatInput, where: 'path' | 'query'): Record<string, unknown> {
  const fitted = fittedTo(schema, sent);
  const parsed = schema.safeParse(fitted);
  if (!parsed.success)
    throw new DocumentError(documentFaults(parsed.error, fitted, schema, { echo: false, in: where }));
  return parsed.data;
}

/** Cuts an answer to what is declared: what a handler has read too much never leaves. */
function written({ name, answers, versioned }: AnyDefinition, answer: AnyAnswer): WrittenAnswer {
  const { status, etag, location, headers, body } = answer;
  const schema = answers[status];
  if (schema === undefined) throw new Error(`the route ${name} does not declare an answer ${status}`);
  if (schema && (etag !== undefined) !== (versioned === true) && status < 202)
    throw new Error(`the route ${name} declares a version and gives none, or the other way round`);
  return {
    status,
    headers: {
      ...headers,
      ...(etag !== undefined && { ETag: entityTag(etag) }),
      ...(location !== undefined && { Location: location }),
    },
    body: schema ? JSON.stringify(schema.parse(body)) : undefined,
  };
}

function send(ctx: EdgeContext, { status, headers, body }: WrittenAnswer): void {
  ctx.set({ ...headers });
  const etag = /^"(.*)"$/.exec(headers.ETag ?? '')?.[1];
  if (etag !== undefined && status === 200 && isRead(ctx) && isKnown(ctx, etag)) {
    ctx.status = 304;
    ctx.body = null;
    return;
  }
  ctx.body = body ?? null;
  // After the body, which has ideas of its own about the status of an empty answer.
  ctx.status = status;
  if (body !== undefined) ctx.type = 'application/json; charset=utf-8';
}

function isRead(ctx: EdgeContext): boolean {
  return ctx.method === 'GET' || ctx.method === 'HEAD';
}
