/**
 * What a client may exchange tokens for (RFC 8693): an operator's setting, nothing by default. Pure; the exchange itself
 * is done by the protocol.
 */
import { z } from 'zod';
import type { ClientShape } from './client-input.ts';
import { tokenExchangeGrant } from './client-metadata.ts';
import { type Report, subjectTypeOf } from './client-rules.ts';

const resources = z.array(z.url()).min(1).max(50);
const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/);
const scopes = z.array(scope).min(1).max(100);

/** A service that acts for a member whose token it was given. */
const delegation = z.strictObject({
  /** Whose tokens it may exchange: resource indicators they are for, or ids of clients they were issued to. */
  from: z.array(z.string().min(1).max(300)).min(1).max(50),
  /** Resource indicators it may get tokens for. */
  resources,
  /** The most that those tokens may say. */
  scopes,
});

/** A support tool whose agents act as a member. */
const impersonation = z.strictObject({ resources, scopes });

/** The policy; an empty one allows nothing. */
export const exchangePolicy = z
  .strictObject({ delegation: delegation.optional(), impersonation: impersonation.optional() })
  .default({});

/** What a client may exchange tokens for. */
export type ExchangePolicy = z.output<typeof exchangePolicy>;

/** They belong to a sign-in of the member's own; no exchange can give them. */
const neverExchanged = ['openid', 'offline_access'];

/**
 * Looks at what goes together with a policy.
 * @param client the description
 * @param report told of each fault
 */
export function checkExchange(client: ClientShape, report: Report): void {
  const { tokenExchange: policy, metadata } = client;
  const grants: readonly string[] = metadata.grant_types;
  if (Object.keys(policy).length > 0 && !grants.includes(tokenExchangeGrant))
    report(['tokenExchange'], `of no use without the grant ${tokenExchangeGrant}`);
  for (const use of ['delegation', 'impersonation'] as const) {
    const never = policy[use]?.scopes.find((each) => neverExchanged.includes(each));
    if (never) report(['tokenExchange', use, 'scopes'], `${never} cannot be exchanged for`);
  }
  if (!policy.impersonation) return;
  // An agent names a member by the id that the program's own clients know.
  if (!client.firstParty || subjectTypeOf(client.firstParty, metadata) !== 'public')
    report(['tokenExchange', 'impersonation'], 'for first-party clients with public subjects only');
}
