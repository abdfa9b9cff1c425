/**
 * Forms that bring a file (`multipart/form-data`, RFC 7578). Read whole, within a limit, and then taken apart by the
 * platform; the name that a file had elsewhere is never read.
 */
import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream/promises';
import { DomainError, type ErrorCode, FormError } from '../kernel/errors.ts';
import { readBody, requireType } from './body.ts';
import type { EdgeContext } from './context.ts';
import { type FlatInput, fieldsOf } from './flat-input.ts';

/** The file of a form. */
export interface UploadedFile {
  /** Media type that the browser gave it. */
  type: string;
  bytes: Uint8Array;
}

/** Which file a form may bring. */
export interface FileRule {
  /** Name of its input. */
  input: string;
  /** Largest body in all, in bytes. */
  limit: number;
  /** What a larger one is refused with, at the input. */
  tooLarge: ErrorCode;
}

/** A form with its file, where one was chosen. */
export interface Upload {
  fields: FlatInput;
  file: UploadedFile | undefined;
}

/** Quoted or not (RFC 2046 section 5.1.1); browsers send letters, digits and hyphens. */
const boundary = /^boundary=(?:"[\w'()+,./:=? -]{1,70}"|[\w'+.-]{1,70})$/i;
/** A body that is no longer than this is read to its end before it is refused: only then does a browser show why. */
const mostDrained = 16 * 1024 * 1024;

/**
 * Reads a form that may bring a file.
 * @param ctx the request
 * @param rule the file
 * @throws FormError `rule.tooLarge`; DomainError `input.unsupported_type`, `input.too_large`, `input.malformed`
 */
export async function readUpload(ctx: EdgeContext, { input, limit, tooLarge }: FileRule): Promise<Upload> {
  requireType(ctx, ['multipart/form-data'], boundary);
  const length = Number(ctx.req.headers['content-length']);
  if (length > limit && length <= mostDrained) {
    await drained(ctx.req);
    throw new FormError([{ field: input, code: tooLarge }]);
  }
  const body = await readBody(ctx, limit);
  const fields: [string, string][] = [];
  let file: UploadedFile | undefined;
  for (const [name, value] of await parts(ctx, body)) {
    if (typeof value === 'string') fields.push([name, value]);
    else if (name !== input || file) throw new DomainError('input.malformed');
    else file = { type: value.type, bytes: new Uint8Array(await value.arrayBuffer()) };
  }
  return {
    fields: fieldsOf(fields),
    // An input that was left open comes as an empty file.
    file: file && file.bytes.byteLength > 0 ? file : undefined,
  };
}

async function drained(request: IncomingMessage): Promise<void> {
  try {
    await finished(request.resume());
  } catch (cause) {
    throw new DomainError('input.malformed', { cause });
  }
}

async function parts(ctx: EdgeContext, body: Buffer): Promise<[string, string | Blob][]> {
  const headers = { 'content-type': ctx.get('Content-Type') };
  try {
    return [...(await new Response(new Uint8Array(body), { headers }).formData())];
  } catch (cause) {
    throw new DomainError('input.malformed', { cause });
  }
}
