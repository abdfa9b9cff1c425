/** Where a call stands: its member, and what the layers say for the client's brand and the member's home market. */
import { isDeepStrictEqual } from 'node:util';
import type { Tx } from '../../base/db/transaction.ts';
import { callerOf, type EdgeContext } from '../../base/http/context.ts';
import { didYouMean, jsonPointer } from '../../base/http/document-faults.ts';
import {
  DocumentError,
  type DocumentFault,
  DomainError,
  type ErrorParams,
  type FieldFault,
} from '../../base/kernel/errors.ts';
import { shortDigest } from '../../base/kernel/sealing.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import type { Experience } from '../../business/experiences/experience.ts';
import { mayRead, type Reader } from '../../business/profiles/attribute-access.ts';
import type { AttributeDefinition } from '../../business/profiles/attribute-shape.ts';
import {
  type AttributeValue,
  parseValue,
  type ValueContext,
  type ValueFault,
} from '../../business/profiles/attribute-values.ts';
import type { ConsentState } from '../../people/consents/consents.ts';
import type { Member } from '../../people/members/members.ts';
import type { AccountApiDeps } from './deps.ts';

/** The member of a call. */
export interface MemberHere {
  member: Member;
  visit: Visit;
  experience: Experience;
}

/**
 * The member whose token is shown.
 * @param deps modules
 * @param ctx a request of a route that only members' tokens open
 * @param tx reads as this transaction sees it
 * @throws DomainError `member.unavailable`
 */
export async function memberHere(deps: AccountApiDeps, ctx: EdgeContext, tx?: Tx): Promise<MemberHere> {
  const { memberId } = callerOf(ctx);
  const member = memberId === undefined ? undefined : await deps.members.get(memberId, tx);
  if (member?.status !== 'active') throw new DomainError('member.unavailable');
  return placed(deps, ctx.state.visit, member);
}

/**
 * A member as the caller's brand sees them.
 * @param deps modules
 * @param visit the visit, which names the client and its brand
 * @param member the member
 */
export function placed(
  { experiences }: Pick<AccountApiDeps, 'experiences'>,
  visit: Visit,
  member: Member,
): MemberHere {
  const { clientId, brand } = visit;
  return { member, visit, experience: experiences.experienceFor({ clientId, brand, market: member.market }) };
}

/**
 * Which attributes the caller may see of a member: those whose `read` names it or a scope of its token, and what
 * belongs to a purpose only while the member agrees to it.
 * @param deps modules
 * @param ctx the request
 * @param member whose
 * @param standing where the member stands
 */
export function sightOf(
  deps: Pick<AccountApiDeps, 'consents'>,
  ctx: EdgeContext,
  member: Member,
  standing: Pick<ConsentState, 'purposes'>,
): (definition: AttributeDefinition) => boolean {
  const live = deps.consents.liveIn(standing, member, ctx.state.visit);
  const reader = readerOf(ctx);
  return (definition) =>
    (definition.purpose === undefined || live.has(definition.purpose)) && mayRead(definition, reader);
}

/**
 * The caller as access lists name it.
 * @param ctx the request
 */
export function readerOf(ctx: EdgeContext): Reader {
  const { clientId, scopes } = callerOf(ctx);
  return { kind: 'client', id: clientId, scopes: [...scopes] };
}

/**
 * The version of an answer, by what the caller sees: what it may not know does not stand in its way.
 * @param body the answer
 */
export function versionOf(body: unknown): string {
  return shortDigest(JSON.stringify(body), 22);
}

/** What a value that was sent comes to: a change (`null` removes), nothing to do, or faults. */
export type Judged = { change: AttributeValue | null } | { change: undefined } | { faults: DocumentFault[] };

/**
 * Judges one value of an attribute.
 * @param definition the attribute
 * @param sent the value, and where it stood in the document
 * @param kept the value that is there
 * @param context the day, and whose phone numbers
 */
export function judged(
  definition: AttributeDefinition,
  sent: { value: unknown; path: readonly string[] },
  kept: AttributeValue | undefined,
  context: ValueContext,
): Judged {
  const read = parseValue(definition, sent.value, context);
  if (read.fault) return { faults: faultsIn(read, sent.path) };
  const change = read.value ?? null;
  // Where values end with time, saying one again renews it.
  const renews = change !== null && definition.retentionDays !== undefined;
  return isDeepStrictEqual(change, kept ?? null) && !renews ? { change: undefined } : { change };
}

/**
 * What is wrong with a value, as a program is told.
 * @param read a value that was refused
 * @param path where it stood in the document
 */
export function faultsIn(
  { fault, more = [] }: { fault: ValueFault; more?: readonly ValueFault[] },
  path: readonly string[],
): DocumentFault[] {
  return [fault, ...more].map((each) => told(each, path));
}

/**
 * Faults of a form as a program is told them: names of fields become pointers.
 * @param faults as the rules of forms tell them
 */
export function documentErrorOf(faults: readonly FieldFault[]): DocumentError {
  return new DocumentError(faults.map(({ field, ...fault }) => told(fault, field.split('.'))));
}

/** Never with the value: what people say of themselves stays out of answers and logs. */
function told({ code, params, part }: ValueFault, path: readonly string[]): DocumentFault {
  const expected = params && expectedOf(params);
  return { path: jsonPointer(part ? [...path, part] : path), code, ...(expected && { expected }) };
}

function expectedOf({ min, max, step, meant }: ErrorParams): string | undefined {
  if (meant !== undefined) return didYouMean(String(meant));
  if (min !== undefined) return `at least ${min}`;
  if (max !== undefined) return `at most ${max}`;
  return step === undefined ? undefined : `steps of ${step}`;
}
