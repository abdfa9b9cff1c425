/**
 * The `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header): a request that may have been lost is sent
 * again and carried out once. Reads the header and gives the first answer again; where keys are kept is not its business.
 *
 * Only an answer that says "done" is kept; a refusal has changed nothing, so the next request is judged anew. Should
 * the process die between the change and the keeping of its answer, the request is carried out again after two
 * minutes, unless the handler has kept the answer in the transaction of the change.
 */
import { afterCommit } from '../db/transaction.ts';
import { DomainError } from '../kernel/errors.ts';
import { digest } from '../kernel/sealing.ts';
import { bodyBytes } from './body.ts';
import type { EdgeContext } from './context.ts';
import type { IdempotencyKeys, Run } from './idempotency-keys.ts';

/** An answer as it leaves: what is kept and given again. */
export interface WrittenAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** JSON text; undefined for an answer without content. */
  body: string | undefined;
}

const keyHeader = 'Idempotency-Key';
/** A string of structured fields (RFC 9651 section 3.3.3), as the draft asks, or the bare key that many send. */
const keyShape = /^(?:"([\x20-\x21\x23-\x5b\x5d-\x7e]{1,200})"|([\x21\x23-\x5b\x5d-\x7e]{1,200}))$/;

/**
 * Carries a request out once for its key.
 * @param ctx the request, its body read
 * @param keys where keys are kept
 * @param required whether a request without a key is refused
 * @param work carries it out; gets the run under the key, if there is one
 * @throws DomainError `idempotency.required`, `idempotency.in_flight`, `idempotency.mismatch`, `input.malformed`
 */
export async function carryOutOnce(
  ctx: EdgeContext,
  keys: IdempotencyKeys,
  required: boolean,
  work: (run: Run | undefined) => Promise<WrittenAnswer>,
): Promise<WrittenAnswer> {
  const key = keyOf(ctx, required);
  if (key === undefined) return work(undefined);
  const { caller } = ctx.state;
  if (!caller) throw new Error('an idempotency key needs a caller');
  // An answer shows what its token opens: a narrower one asks for something else.
  const scopes = [...caller.scopes].sort().join(' ');
  const content = [ctx.method, ctx.path, ctx.querystring, ctx.get('If-Match'), scopes, await bodyDigest(ctx)];
  const begun = await keys.begin({
    caller: `${caller.clientId} ${caller.memberId ?? ''}`,
    key,
    content,
  });
  if ('answer' in begun) {
    ctx.set('Idempotency-Replayed', 'true');
    return JSON.parse(begun.answer);
  }
  let kept = false;
  const run: Run = {
    async keep(answer, tx) {
      await begun.run.keep(answer, tx);
      if (tx) afterCommit(tx, () => (kept = true));
    },
    release: begun.run.release,
  };
  const answer = await orRelease(run, () => work(run));
  if (!kept) await run.keep(JSON.stringify(answer));
  return answer;
}

/** A refusal frees the key; a failure to keep the answer of what was done does not. */
async function orRelease(run: Run, work: () => Promise<WrittenAnswer>): Promise<WrittenAnswer> {
  try {
    return await work();
  } catch (error) {
    await run.release();
    throw error;
  }
}

async function bodyDigest(ctx: EdgeContext): Promise<string> {
  return digest((await bodyBytes(ctx)).toString('base64'));
}

function keyOf(ctx: EdgeContext, required: boolean): string | undefined {
  const header = ctx.get(keyHeader);
  if (header === '') {
    if (required) throw new DomainError('idempotency.required');
    return undefined;
  }
  const match = keyShape.exec(header.trim());
  if (!match) throw new DomainError('input.malformed');
  return match[1] ?? match[2];
}
