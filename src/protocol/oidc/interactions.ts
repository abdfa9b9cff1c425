/**
 * Interactions: what the library asks a person, and how the surfaces answer. An interaction belongs to the browser
 * that holds its cookie; the surfaces never see the library's objects.
 */
import { errors, type Provider } from 'oidc-provider';
import type { EdgeContext } from '../../base/http/context.ts';
import { type Clock, epochSeconds } from '../../base/kernel/clock.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import { accountChoice } from './account-choice.ts';
import { type AskedAttributeDeps, askedAttributes } from './asked-attributes.ts';
import { type DecidedAccess, decide } from './grant-decision.ts';
import { levelOf } from './levels.ts';
import { questionsPrompt } from './questions.ts';
import { approvalOf, type Redemption, redemptionOf } from './redemptions.ts';
import { requestedClaims } from './requested-claims.ts';

/** What a person is asked, for whom. */
export interface Interaction {
  uid: string;
  /** `device`, `select_account`, `login`, `terms`, `questions`, `consent`. */
  prompt: string;
  reasons: readonly string[];
  details: Readonly<Record<string, unknown>>;
  /** The authorization request's parameters, as checked by the library. */
  params: Readonly<Record<string, unknown>>;
  clientId: string;
  /** Claims about the member that are asked for by name, attributes included. */
  claims: readonly string[];
  /** Attributes that asked scopes give, by scope. */
  attributes: Readonly<Record<string, readonly string[]>>;
  /** A payment with points that is asked for (RFC 9396). */
  redemption: Redemption | undefined;
  /** The member signed in so far. */
  memberId: string | undefined;
  grantId: string | undefined;
  /** Where the browser goes on when the interaction is answered. */
  returnTo: string;
  /** Whether an answer is kept already (back button, second tab). */
  answered: boolean;
}

/** A proven sign-in. */
export interface LoginResult {
  memberId: string;
  /** Security epoch of the member when the proof was taken. */
  epoch: number;
  /** RFC 8176 methods. */
  amr: readonly string[];
  /** Keep the session in the browser beyond its end (default true). */
  remember?: boolean;
  /** Whether the program has questions to this member now, which can be skipped. */
  asks?: boolean;
}

/** What a member decided on a consent page. */
export interface ConsentResult {
  memberId: string;
  allowed: DecidedAccess;
  refused: DecidedAccess;
  /** The redemption this request asks for is allowed, once. */
  redeems?: boolean;
  /** The grant held so far is over: begin a new one. */
  afresh?: boolean;
}

/** Interactions as the surfaces use them. */
export interface Interactions {
  /** The interaction of the request's cookie. Throws `interaction.unknown` when there is none or it is another's. */
  read(ctx: EdgeContext, uid: string): Promise<Interaction>;
  /** Answers a sign-in; returns where to go on. */
  signIn(ctx: EdgeContext, result: LoginResult): Promise<string>;
  /** Answers the choice of an account: it is the one that is signed in. */
  keepAccount(ctx: EdgeContext): Promise<string>;
  /** Answers that the waiting device is the person's own. */
  confirmDevice(ctx: EdgeContext): Promise<string>;
  /** Answers the terms prompt. */
  acceptTerms(ctx: EdgeContext): Promise<string>;
  /** Answers the questions prompt: they were answered or skipped. */
  answerQuestions(ctx: EdgeContext): Promise<string>;
  /** Answers a consent prompt with a grant that holds exactly what was allowed. */
  consent(ctx: EdgeContext, result: ConsentResult): Promise<string>;
  /** Ends with an error for the client, such as `access_denied`. */
  refuse(ctx: EdgeContext, error: string, description: string): Promise<string>;
}

/**
 * Builds the interactions.
 * @param current the provider of the moment
 * @param deps clock, clients, experiences
 */
export function createInteractions(
  current: () => Provider,
  deps: AskedAttributeDeps & { clock: Clock },
): Interactions {
  const details = async (ctx: EdgeContext) => {
    try {
      return await current().interactionDetails(ctx.req, ctx.res);
    } catch (error) {
      if (error instanceof errors.SessionNotFound)
        throw new DomainError('interaction.unknown', { cause: error });
      throw error;
    }
  };
  const answer = async (ctx: EdgeContext, result: Parameters<Provider['interactionResult']>[2]) => {
    try {
      return await current().interactionResult(ctx.req, ctx.res, result);
    } catch (error) {
      if (error instanceof errors.SessionNotFound)
        throw new DomainError('interaction.unknown', { cause: error });
      throw error;
    }
  };
  return {
    async read(ctx, uid) {
      const found = await details(ctx);
      if (found.uid !== uid) throw new DomainError('interaction.unknown');
      const clientId = String(found.params.client_id);
      const attributes = await askedAttributes(deps, clientId, found.params);
      return {
        uid,
        prompt: found.prompt.name,
        reasons: found.prompt.reasons,
        details: found.prompt.details,
        params: found.params,
        clientId,
        claims: [...requestedClaims(found.params), ...attributes.byName],
        attributes: attributes.ofScopes,
        redemption: redemptionOf(found.params),
        memberId: found.session?.accountId,
        grantId: found.grantId,
        returnTo: found.returnTo,
        answered: Boolean(found.result),
      };
    },
    signIn(ctx, { memberId, epoch, amr, remember = true, asks = false }) {
      // The time is named: the library merges this answer into later ones of the same request, and without it each
      // of them would count as a fresh proof.
      const how = { amr: [...amr], acr: levelOf(amr), ts: epochSeconds(deps.clock) };
      return answer(ctx, { login: { accountId: memberId, remember, epoch, asks, ...how } });
    },
    keepAccount: (ctx) => answer(ctx, { [accountChoice]: {} }),
    confirmDevice: (ctx) => answer(ctx, { device: {} }),
    acceptTerms: (ctx) => answer(ctx, { terms: {} }),
    answerQuestions: (ctx) => answer(ctx, { [questionsPrompt]: {} }),
    async consent(ctx, { memberId, allowed, refused, afresh, redeems }) {
      const found = await details(ctx);
      const { Grant } = current();
      const known = found.grantId && !afresh ? await Grant.find(found.grantId) : undefined;
      const grant = known ?? new Grant({ accountId: memberId, clientId: String(found.params.client_id) });
      decide(grant, allowed, refused);
      const redemption = redeems ? approvalOf(memberId, found.params) : undefined;
      return answer(ctx, { consent: { grantId: await grant.save(), ...(redemption && { redemption }) } });
    },
    refuse: (ctx, error, description) => answer(ctx, { error, error_description: description }),
  };
}
