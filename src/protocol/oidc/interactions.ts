/**
 * Interactions: what the library asks a person, and how the surfaces answer. An interaction belongs to the browser
 * that holds its cookie; the surfaces never see the library's objects.
 */
import { errors, type Provider } from 'oidc-provider';
import type { EdgeContext } from '../../base/http/context.ts';
import { type Clock, epochSeconds } from '../../base/kernel/clock.ts';
import { DomainError } from '../../base/kernel/errors.ts';

/** What a person is asked, for whom. */
export interface Interaction {
  uid: string;
  /** `login`, `terms`, `consent`. */
  prompt: string;
  reasons: readonly string[];
  details: Readonly<Record<string, unknown>>;
  /** The authorization request's parameters, as checked by the library. */
  params: Readonly<Record<string, unknown>>;
  clientId: string;
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
}

/** What a member decided on a consent page. */
export interface ConsentResult {
  memberId: string;
  allowed: {
    scopes: readonly string[];
    resources: Readonly<Record<string, readonly string[]>>;
    claims: readonly string[];
  };
  refused: { scopes: readonly string[]; resources: Readonly<Record<string, readonly string[]>> };
  /** The grant held so far is over: begin a new one. */
  afresh?: boolean;
}

/** Interactions as the surfaces use them. */
export interface Interactions {
  /** The interaction of the request's cookie. Throws `interaction.unknown` when there is none or it is another's. */
  read(ctx: EdgeContext, uid: string): Promise<Interaction>;
  /** Answers a sign-in; returns where to go on. */
  signIn(ctx: EdgeContext, result: LoginResult): Promise<string>;
  /** Answers the terms prompt. */
  acceptTerms(ctx: EdgeContext): Promise<string>;
  /** Answers a consent prompt with a grant that holds exactly what was allowed. */
  consent(ctx: EdgeContext, result: ConsentResult): Promise<string>;
  /** Ends with an error for the client, such as `access_denied`. */
  refuse(ctx: EdgeContext, error: string, description: string): Promise<string>;
}

/**
 * Builds the interactions.
 * @param current the provider of the moment
 * @param clock the injected clock
 */
export function createInteractions(current: () => Provider, clock: Clock): Interactions {
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
      return {
        uid,
        prompt: found.prompt.name,
        reasons: found.prompt.reasons,
        details: found.prompt.details,
        params: found.params,
        clientId: String(found.params.client_id),
        memberId: found.session?.accountId,
        grantId: found.grantId,
        returnTo: found.returnTo,
        answered: Boolean(found.result),
      };
    },
    signIn(ctx, { memberId, epoch, amr, remember = true }) {
      // The time is named: the library merges this answer into later ones of the same request, and without it each
      // of them would count as a fresh proof.
      const login = { accountId: memberId, amr: [...amr], remember, epoch, ts: epochSeconds(clock) };
      return answer(ctx, { login });
    },
    acceptTerms: (ctx) => answer(ctx, { terms: {} }),
    async consent(ctx, { memberId, allowed, refused, afresh }) {
      const found = await details(ctx);
      const { Grant } = current();
      const known = found.grantId && !afresh ? await Grant.find(found.grantId) : undefined;
      const grant = known ?? new Grant({ accountId: memberId, clientId: String(found.params.client_id) });
      if (allowed.scopes.length > 0) grant.addOIDCScope(allowed.scopes.join(' '));
      if (refused.scopes.length > 0) grant.rejectOIDCScope(refused.scopes.join(' '));
      if (allowed.claims.length > 0) grant.addOIDCClaims([...allowed.claims]);
      for (const [resource, scopes] of Object.entries(allowed.resources)) {
        grant.addResourceScope(resource, scopes.join(' '));
      }
      for (const [resource, scopes] of Object.entries(refused.resources)) {
        if (scopes.length > 0) grant.rejectResourceScope(resource, scopes.join(' '));
      }
      return answer(ctx, { consent: { grantId: await grant.save() } });
    },
    refuse: (ctx, error, description) => answer(ctx, { error, error_description: description }),
  };
}
