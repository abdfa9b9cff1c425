/**
 * Backchannel authentication (OpenID Connect CIBA Core 1.0, poll and ping) as the library's feature: what a client may
 * ask, how often, and for whom. The member is asked elsewhere; what they say comes back through `backchannel-requests`.
 */
import { type Client, type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { DomainError } from '../../base/kernel/errors.ts';
import type { Throttles } from '../../people/risk/throttles.ts';
import { backchannelKind } from './artefacts/backchannel-adapter.ts';
import { artefactId } from './artefacts/model.ts';
import { pollInterval } from './artefacts/polling.ts';
import { currentUnit } from './artefacts/unit.ts';
import { accountOfAddress, type BackchannelAccountDeps } from './backchannel-accounts.ts';
import { isFapi } from './fapi.ts';

/** What the feature asks other modules. */
export interface BackchannelDeps extends BackchannelAccountDeps {
  throttles: Pick<Throttles, 'attempt'>;
  backchannel: {
    /** How many requests of a client wait for an account's answer. */
    waitingOf(accountId: string, clientId: string): Promise<number>;
    /** Sees to it that the member hears of a request, durably; asked for nobody as well. */
    ask(request: { id: string; memberId: string }): Promise<void>;
  };
}

/** Seconds a request may wait for its member. */
const shortestLife = 30;
const longestLife = 600;

/** Requests of one client that may wait for one member at the same time: the member answers, or they run out. */
const mostWaiting = 3;

const longestMessage = 64;

/** Printable, without marks that turn the direction of text or hide in it, and without leading or trailing blanks. */
const printable = /^(?! )[^\p{C}\p{Zl}\p{Zp}]+(?<! )$/u;
/** What a mail program would make a link of. */
const address = /:\/\/|www\.|[\p{L}\p{N}]\.\p{L}{2,}/iu;

/**
 * Builds the feature.
 * @param deps members, keys, limits, and who asks the member
 */
export function backchannel(
  deps: BackchannelDeps,
): NonNullable<NonNullable<Configuration['features']>['ciba']> {
  return {
    enabled: true,
    deliveryModes: ['poll', 'ping'],
    async processLoginHint(ctx, hint) {
      const account = await accountOfAddress(deps, clientOf(ctx).clientId, hint ?? '');
      if (!account) throw new errors.InvalidRequest('login_hint must be an e-mail address');
      return account;
    },
    processLoginHintToken() {
      throw new errors.InvalidRequest('login_hint_token is not supported; use login_hint or id_token_hint');
    },
    // What is not supported is left unread (CIBA section 7.1); a signed request is the rule for FAPI clients.
    validateRequestContext(ctx) {
      if (isFapi(ctx.oidc.client) && !ctx.oidc.trusted?.length)
        throw new errors.InvalidRequest('a signed authentication request is needed');
    },
    validateBindingMessage(ctx, message) {
      if (message === undefined) {
        if (isFapi(ctx.oidc.client)) throw new errors.InvalidBindingMessage('binding_message is needed');
        return;
      }
      if (!printable.test(message) || [...message].length > longestMessage || address.test(message))
        throw new errors.InvalidBindingMessage(
          `binding_message must be 1 to ${longestMessage} printable characters without an address`,
        );
    },
    async verifyUserCode(ctx, account, userCode) {
      if (userCode !== undefined) throw new errors.InvalidRequest('user_code is not supported');
      await limit(deps, ctx, account.accountId);
    },
    async triggerAuthenticationDevice(ctx, request, account) {
      if (typeof ctx.body === 'object' && ctx.body !== null)
        ctx.body = { ...ctx.body, interval: pollInterval };
      // The request stands before anybody is asked to answer it.
      await currentUnit().flush();
      const id = handleOf(artefactId(backchannelKind, request.jti));
      await deps.backchannel.ask({ id, memberId: account.accountId });
    },
  };
}

/**
 * How long a request lives, in seconds.
 * @param ctx the request; `requested_expiry` has been found to be a whole number above zero
 */
export function backchannelLife(ctx: KoaContextWithOIDC | undefined): number {
  const asked = Number(ctx?.oidc?.params?.requested_expiry ?? longestLife);
  return Math.min(longestLife, Math.max(shortestLife, asked));
}

/**
 * The library says that it takes user codes; we do not.
 * @param ctx the request
 * @param next the library
 */
export async function withoutUserCodes(ctx: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<void> {
  await next();
  if (ctx.oidc?.route !== 'discovery' || ctx.status !== 200) return;
  ctx.body = { ...(ctx.body as object), backchannel_user_code_parameter_supported: false };
}

/**
 * What an account page calls a request by: of no use to a client.
 * @param artefact `_id` of the artefact
 */
export function handleOf(artefact: string): string {
  return artefact.slice(artefact.indexOf(':') + 1);
}

/** Counts alike for a member and for nobody. */
async function limit(deps: BackchannelDeps, ctx: KoaContextWithOIDC, accountId: string): Promise<void> {
  const { clientId } = clientOf(ctx);
  if ((await deps.backchannel.waitingOf(accountId, clientId)) >= mostWaiting)
    throw tooMany(`${mostWaiting} requests wait for this person already`);
  try {
    await deps.throttles.attempt('backchannel', { identifier: `${clientId} ${accountId}` });
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'limit.reached') throw error;
    if (error.retryAfter !== undefined) ctx.set('Retry-After', String(error.retryAfter));
    throw tooMany('this person was asked too often; try again later');
  }
}

function tooMany(description: string): errors.OIDCProviderError {
  const refusal = new errors.OIDCProviderError(429, 'temporarily_unavailable');
  return Object.assign(refusal, { error_description: description });
}

function clientOf(ctx: KoaContextWithOIDC): Client {
  if (!ctx.oidc.client) throw new Error('the endpoint knows its client');
  return ctx.oidc.client;
}
