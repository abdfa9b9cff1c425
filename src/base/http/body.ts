/**
 * Input at the edge: reads forms, JSON and queries strictly and hands on plain values that a schema has accepted.
 * What is ambiguous is refused, never guessed. Never runs in front of the protocol library's own routes.
 */
import { TextDecoder, types } from 'node:util';
import getRawBody from 'raw-body';
import { z } from 'zod';
import { DomainError } from '../kernel/errors.ts';
import type { EdgeContext } from './context.ts';
import { type FlatInput, flatInput, type JsonRule, refuseDeepJson } from './flat-input.ts';
import { formErrorOf } from './form-faults.ts';
import { unwrapped } from './unwrapped.ts';

/** Largest body in bytes, where a route says nothing else. */
export const bodyLimit = 64 * 1024;

/**
 * Media types in which a method's JSON body may come.
 * @param method of the request
 */
export function bodyTypes(method: string): readonly string[] {
  return method === 'PATCH' ? ['application/merge-patch+json', 'application/json'] : ['application/json'];
}

/** Bodies are read once: CSRF check and handler share what was read. */
const bodies = new WeakMap<object, Promise<Buffer>>();

/**
 * The fields of a urlencoded form, as sent: a null-prototype record of texts (or texts per repeated key).
 * @param ctx the request
 * @param limit largest body in bytes
 * @throws DomainError `input.unsupported_type`, `input.too_large`, `input.malformed`
 */
export async function readForm(ctx: EdgeContext, limit = bodyLimit): Promise<FlatInput> {
  requireType(ctx, ['application/x-www-form-urlencoded']);
  return flatInput(decoded(await readBody(ctx, limit)));
}

/**
 * The query string as its schema wants it, with the same strictness as a form.
 * @param schema the object schema
 * @param ctx the request
 * @throws DomainError `input.malformed`; FormError
 */
export function parseQuery<T extends z.ZodObject>(schema: T, ctx: EdgeContext): z.output<T> {
  return parseFlat(schema, flatInput(ctx.querystring));
}

/** How a JSON body is read. */
export interface JsonReading {
  /** Media types that are taken. */
  types: readonly string[];
  /** Largest body in bytes. */
  limit: number;
  /** Which names it may hold, and how deep it may be. */
  rule: JsonRule;
}

/**
 * A JSON body as sent, before any schema (APIs only).
 * @param ctx the request
 * @param reading what is taken
 * @throws DomainError `input.unsupported_type`, `input.too_large`, `input.malformed`
 */
export async function readJson(ctx: EdgeContext, reading: JsonReading): Promise<unknown> {
  requireType(ctx, reading.types);
  const text = decoded(await readBody(ctx, reading.limit));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DomainError('input.malformed', { cause });
  }
  refuseDeepJson(value, reading.rule);
  return value;
}

/**
 * The bytes of a body that was read; none when there was no body to read.
 * @param ctx the request
 */
export async function bodyBytes(ctx: EdgeContext): Promise<Buffer> {
  return (await bodies.get(ctx.req)) ?? Buffer.alloc(0);
}

/**
 * Flat fields as their schema wants them.
 * @param schema the object schema
 * @param input fields as sent
 * @throws DomainError `input.malformed` for a repeated key; FormError
 */
export function parseFlat<T extends z.ZodObject>(schema: T, input: FlatInput): z.output<T> {
  const fitted = fittedTo(schema, input);
  const parsed = schema.safeParse(fitted);
  if (!parsed.success) throw formErrorOf(parsed.error, fitted);
  return parsed.data;
}

/**
 * Flat fields in the form a schema reads: a lone value where it declares a list becomes one.
 * @param schema the object schema
 * @param input fields as sent
 * @throws DomainError `input.malformed` for a key that was repeated where no list is declared
 */
export function fittedTo(schema: z.ZodObject, input: FlatInput): Record<string, string | string[]> {
  const fitted: Record<string, string | string[]> = Object.create(null);
  for (const [key, value] of Object.entries(input)) {
    const field = Object.hasOwn(schema.shape, key) ? schema.shape[key] : undefined;
    const repeatable = field !== undefined && unwrapped(field) instanceof z.ZodArray;
    if (Array.isArray(value) && !repeatable) throw new DomainError('input.malformed');
    fitted[key] = repeatable && !Array.isArray(value) ? [value] : value;
  }
  return fitted;
}

/**
 * Refuses a body of another media type, or one that is compressed.
 * @param ctx the request
 * @param taken media types that are taken
 * @param parameter what a parameter of the type may be
 * @throws DomainError `input.unsupported_type`
 */
export function requireType(
  ctx: EdgeContext,
  taken: readonly string[],
  parameter = /^charset="?utf-8"?$/i,
): void {
  const header = ctx.req.headers['content-type'] ?? '';
  const [type = '', ...parameters] = header.split(';').map((part) => part.trim());
  const media = type.toLowerCase();
  const utf8 = parameters.every((each) => each === '' || parameter.test(each));
  const encoding = ctx.req.headers['content-encoding'];
  const plain = encoding === undefined || encoding.toLowerCase() === 'identity';
  if (!taken.includes(media) || !utf8 || !plain) throw new DomainError('input.unsupported_type');
}

/**
 * The bytes of a body, read once however often they are asked for.
 * @param ctx the request
 * @param limit largest length, in bytes
 * @throws DomainError `input.too_large`, `input.malformed`
 */
export function readBody(ctx: EdgeContext, limit: number): Promise<Buffer> {
  const known = bodies.get(ctx.req);
  if (known) return known;
  const reading = readOnce(ctx, limit);
  bodies.set(ctx.req, reading);
  return reading;
}

async function readOnce(ctx: EdgeContext, limit: number): Promise<Buffer> {
  try {
    return await getRawBody(ctx.req, { length: ctx.req.headers['content-length'] ?? null, limit });
  } catch (cause) {
    const tooLarge = types.isNativeError(cause) && 'type' in cause && cause.type === 'entity.too.large';
    // The rest of the body is not read: the connection cannot be used again.
    ctx.set('Connection', 'close');
    throw new DomainError(tooLarge ? 'input.too_large' : 'input.malformed', { cause });
  }
}

function decoded(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (cause) {
    throw new DomainError('input.malformed', { cause });
  }
}
