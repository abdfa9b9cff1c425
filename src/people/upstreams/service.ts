/**
 * Upstreams: signing in through Google and Facebook.
 *
 * Owns the conversation with the providers: where to send the browser, what to ask with the code that comes back,
 * and how to read the answer. Keeps nothing: what must survive the round trip is handed to the caller, who seals it
 * into the interaction it belongs to; links live with the members module, as identifiers. Never decides who a person
 * is here (decide.ts says what follows, the caller does it) and never passes on a provider's own words.
 */
import type { FacebookConfig, GoogleConfig } from '../../base/config/load.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { Ids } from '../../base/kernel/ids.ts';
import { constantTimeEqual } from '../../base/kernel/sealing.ts';
import type { ProviderId, UpstreamProfile } from './profile.ts';
import type { Outcome, Provider, StateSlot } from './strategies.ts';
import { facebookProvider, googleProvider } from './strategies.ts';
import type { Limits } from './transport.ts';
import { defaultLimits } from './transport.ts';

/** What the module needs; a provider that is not configured is not offered. */
export interface UpstreamsDeps {
  google?: GoogleConfig | undefined;
  facebook?: FacebookConfig | undefined;
  /** The one fixed address a provider sends the browser back to: `<issuer>/callback/<provider>`. */
  callbackUrl(provider: ProviderId): string;
  clock: Clock;
  ids: Ids;
  limits?: Limits;
}

/** What one round trip must remember: the caller seals it into its interaction and uses it once. */
export interface PendingUpstream {
  provider: ProviderId;
  /** `<interaction uid>.<192 random bits>`. */
  state: string;
  /** PKCE code verifier (RFC 7636). */
  verifier: string;
  /** Milliseconds since the Unix epoch. */
  startedAt: number;
}

/** What the caller knows when a round trip begins. */
export interface BeginUpstream {
  /** Stands in front of the state, so that the fixed callback finds the interaction again. */
  interactionUid: string;
  /** An address to suggest to the provider. */
  loginHint?: string | undefined;
  /** BCP 47 language of the provider's pages. */
  locale?: string | undefined;
}

/** The module's functions. */
export interface Upstreams {
  /** The providers on offer, in the order they are shown. */
  list(): { id: ProviderId; label: string }[];
  /** Origins for `form-action`: the browser goes there from one of our forms (CSP Level 3). */
  formActionOrigins(): string[];
  /**
   * Starts a round trip.
   * @throws DomainError `upstream.unknown` when the provider is not configured
   */
  begin(provider: string, input: BeginUpstream): Promise<{ redirectTo: string; pending: PendingUpstream }>;
  /**
   * Ends a round trip: checks the state, exchanges the code, reads the profile. The caller forgets `pending` before
   * calling, so that one answer is used once.
   * @param query the callback's query as plain strings
   * @throws DomainError `upstream.unknown`, `upstream.state_mismatch`, `upstream.refused`, `upstream.unavailable`,
   *   `upstream.invalid_answer`
   */
  finish(provider: string, query: CallbackQuery, pending: PendingUpstream): Promise<UpstreamProfile>;
}

/** A parsed query; a parameter that came twice is a list and counts as broken. */
export type CallbackQuery = Readonly<Record<string, string | readonly string[] | undefined>>;

/** How long a person may take at the provider. */
const roundTripMs = 15 * 60_000;

/**
 * Builds the module.
 * @param deps provider configurations, callback address, clock, ids and (in tests) other limits
 */
export function createUpstreams(deps: UpstreamsDeps): Upstreams {
  const limits = deps.limits ?? defaultLimits;
  const providers = new Map<string, Provider>();
  if (deps.google) providers.set('google', googleProvider(deps.google));
  if (deps.facebook) providers.set('facebook', facebookProvider(deps.facebook));

  function known(id: string): Provider {
    const provider = providers.get(id);
    if (!provider) throw new DomainError('upstream.unknown');
    return provider;
  }

  function step(
    provider: Provider,
    slot: StateSlot,
    query: Record<string, string>,
    options: object,
  ): Promise<Outcome> {
    return provider.step(query, options, { callbackUrl: deps.callbackUrl(provider.id), slot, limits });
  }

  return {
    list: () => [...providers.values()].map(({ id, label }) => ({ id, label })),
    formActionOrigins: () => [...new Set([...providers.values()].flatMap((each) => each.browserOrigins))],
    async begin(id, input) {
      const provider = known(id);
      const state = `${input.interactionUid}.${deps.ids.secret(24)}`;
      const slot: StateSlot = { state, verifier: undefined };
      const outcome = await step(
        provider,
        slot,
        {},
        { loginHint: input.loginHint, prompt: 'select_account' },
      );
      if (outcome.kind !== 'redirect' || slot.verifier === undefined) {
        throw new DomainError('upstream.invalid_answer');
      }
      return {
        redirectTo: inLanguage(provider.id, outcome.to, input.locale),
        pending: { provider: provider.id, state, verifier: slot.verifier, startedAt: deps.clock.now() },
      };
    },
    async finish(id, query, pending) {
      const provider = known(id);
      const plain = plainQuery(query);
      checkState(provider.id, plain, pending, deps.clock.now());
      refuseErrors(plain);
      const slot = { state: pending.state, verifier: pending.verifier };
      const outcome = await step(provider, slot, plain, {});
      if (outcome.kind !== 'profile') throw new DomainError('upstream.invalid_answer');
      return outcome.profile;
    },
  };
}

/** The interaction a callback belongs to, read from its state; undefined when the state is not one of ours. */
export function interactionUidOf(state: unknown): string | undefined {
  return typeof state === 'string' ? /^(?<uid>[\w-]{1,128})\.[\w-]{32}$/.exec(state)?.groups?.uid : undefined;
}

/** Google's pages take a language as `hl`; the strategy has no option for it. Facebook uses the person's own. */
function inLanguage(provider: ProviderId, redirectTo: string, locale: string | undefined): string {
  if (provider !== 'google' || locale === undefined) return redirectTo;
  const url = new URL(redirectTo);
  url.searchParams.set('hl', locale);
  return url.href;
}

/** Only single, bounded texts count: a doubled parameter must not reach a library that picks one (security). */
function plainQuery(query: CallbackQuery): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const key of ['state', 'code', 'error', 'error_code', 'error_reason']) {
    const value = query[key];
    if (value === undefined) continue;
    if (typeof value !== 'string' || value.length > 4096) throw new DomainError('upstream.state_mismatch');
    plain[key] = value;
  }
  return plain;
}

function checkState(
  provider: ProviderId,
  query: Record<string, string>,
  pending: PendingUpstream,
  now: number,
): void {
  const sameRound = pending.provider === provider && constantTimeEqual(query.state ?? '', pending.state);
  if (!sameRound || now - pending.startedAt > roundTripMs) throw new DomainError('upstream.state_mismatch');
}

/** An answer without a code is the provider's no: by the person, by the provider, or a passing trouble of its own. */
function refuseErrors(query: Record<string, string>): void {
  const error = query.error;
  if (error === 'server_error' || error === 'temporarily_unavailable') {
    throw new DomainError('upstream.unavailable');
  }
  if (error !== undefined || query.error_code !== undefined) throw new DomainError('upstream.refused');
  if (!query.code) throw new DomainError('upstream.invalid_answer');
}
