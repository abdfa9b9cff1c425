/** The request for an exchange (RFC 8693 section 2.1): what is asked, checked as far as the parameters alone tell. Pure. */
import { errors } from 'oidc-provider';

/** Names of token types (RFC 8693 section 3), and our own for a member that is named. */
export const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
const idTokenType = 'urn:ietf:params:oauth:token-type:id_token';
const memberIdType = 'urn:symbolon:params:oauth:token-type:member-id';

/** The parameters of the grant. */
export const parameters = [
  'subject_token',
  'subject_token_type',
  'actor_token',
  'actor_token_type',
  'requested_token_type',
  'resource',
  'audience',
  'scope',
  'reason',
];

/** Why an agent may act as a member; each has words in the catalogues (`support.reason.…`). */
export const reasons = ['member_request', 'complaint', 'security', 'fault'] as const;

/** Why an agent acts as a member. */
export type Reason = (typeof reasons)[number];

/** What is asked. */
export type ExchangeRequest = { target: string; scopes: readonly string[] | undefined } & (
  | { use: 'delegation'; token: string }
  | {
      use: 'impersonation';
      memberId: string;
      agent: { token: string; type: typeof accessTokenType | typeof idTokenType };
      reason: Reason;
    }
);

/**
 * Reads the parameters.
 * @param params as sent; `resource` and `audience` may have come more than once
 * @throws errors.InvalidRequest, errors.InvalidTarget
 */
export function readRequest(params: Readonly<Record<string, unknown>>): ExchangeRequest {
  const text = (name: string) => {
    const value = params[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const token = text('subject_token') ?? refuse('missing required parameter(s) (subject_token)');
  const type = text('subject_token_type') ?? refuse('missing required parameter(s) (subject_token_type)');
  if ((text('requested_token_type') ?? accessTokenType) !== accessTokenType)
    refuse('requested_token_type must be that of an access token');
  if ((text('actor_token') === undefined) !== (text('actor_token_type') === undefined))
    refuse('actor_token and actor_token_type go together');
  const asked = { target: targetOf(params), scopes: text('scope')?.split(' ') };
  if (type === accessTokenType) {
    if (text('actor_token') !== undefined) refuse('the client itself acts: actor_token is not taken here');
    return { ...asked, use: 'delegation', token };
  }
  if (type !== memberIdType) refuse('subject_token_type is not supported');
  const agentToken = text('actor_token') ?? refuse('actor_token must be a token of the agent');
  const agentType = text('actor_token_type');
  if (agentType !== accessTokenType && agentType !== idTokenType)
    return refuse('actor_token_type is not supported');
  const reason =
    reasons.find((known) => known === params.reason) ?? refuse(`reason must be one of ${reasons.join(', ')}`);
  return {
    ...asked,
    use: 'impersonation',
    memberId: token,
    agent: { token: agentToken, type: agentType },
    reason,
  };
}

/** One API, named as `resource`, as `audience`, or as both (section 2.1; RFC 8707 section 2). */
function targetOf({ resource, audience }: Readonly<Record<string, unknown>>): string {
  const named = new Set([resource, audience].flat().filter((each) => each !== undefined));
  const [target] = named;
  if (named.size !== 1 || typeof target !== 'string')
    throw new errors.InvalidTarget('name one resource that the token shall be for');
  return target;
}

function refuse(description: string): never {
  throw new errors.InvalidRequest(description);
}
