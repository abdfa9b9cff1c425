/** An open interaction: the protocol's question, the flow so far, and the place its pages stand in. */
import type { EdgeContext } from '../../base/http/context.ts';
import type { View } from '../../base/http/views.ts';
import { DomainError, type FieldFault, FormError } from '../../base/kernel/errors.ts';
import { digest } from '../../base/kernel/sealing.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import type { Interaction } from '../../protocol/oidc/interactions.ts';
import { ownClient } from '../../protocol/oidc/own-client.ts';
import type { Place } from '../pages/pages.ts';
import type { InteractionDeps } from './deps.ts';
import { type Flow, flowSchema } from './flow.ts';

/** What the content of a page follows from: an open interaction, or whoever shows a page that nobody is at. */
export interface Standing {
  place: Pick<Place, 'experience'>;
  flow: Flow;
  base: string;
  ctx: { state: { visit: Pick<Visit, 'locale'> } };
}

/** Everything one request of an interaction works with. */
export interface Open {
  ctx: EdgeContext;
  interaction: Interaction;
  flow: Flow;
  client: ClientRecord;
  place: Place;
  /** Address of the interaction; its steps stand below it. */
  base: string;
  /** The flow's name in challenges: a digest, so that nothing leads back to the interaction. */
  binding: string;
}

/**
 * Opens the interaction of a request.
 * @param deps modules
 * @param ctx the request
 * @param uid the interaction's uid, from the path
 * @throws DomainError `interaction.unknown`, `client.disabled`
 */
export async function openInteraction(deps: InteractionDeps, ctx: EdgeContext, uid: string): Promise<Open> {
  const interaction = await deps.oidc.interactions.read(ctx, uid);
  const flow = flowSchema.parse((await deps.oidc.flows.read(uid)) ?? {});
  const client =
    interaction.clientId === ownClient.id
      ? ownClient.record(deps.issuer)
      : await deps.findClient(interaction.clientId);
  if (!client || client.disabledAt) throw new DomainError('client.disabled');
  if (client.id !== ownClient.id) deps.lastClient.remember(ctx, client.id);
  const base = `/interaction/${uid}`;
  const uiLocales = interaction.params.ui_locales;
  const place = deps.pages.place(ctx, {
    client,
    scope: uid,
    returnTo: base,
    languageAction: `${base}/language`,
    uiLocales: typeof uiLocales === 'string' ? uiLocales : undefined,
    chosenLocale: flow.locale,
  });
  return { ctx, interaction, flow, client, place, base, binding: digest(uid) };
}

/**
 * Keeps what a step found and goes back to the interaction's address, where the next step is named.
 * @param deps modules
 * @param open the open interaction
 * @param change what changes in the flow; `undefined` takes a value away
 */
export function proceed(deps: InteractionDeps, open: Open, change: Partial<Flow>): void {
  keep(deps, open, change);
  redirect(open.ctx, open.base);
}

/**
 * Keeps a change of the flow without answering.
 * @param deps modules
 * @param open the open interaction
 * @param change what changes
 */
export function keep(deps: InteractionDeps, open: Open, change: Partial<Flow>): void {
  Object.assign(open.flow, change);
  deps.oidc.flows.write(open.interaction.uid, open.flow);
}

/**
 * Redirects a browser after a POST (RFC 9700 section 4.12: 303, so that nothing posted travels on).
 * @param ctx the request
 * @param to where to
 */
export function redirect(ctx: EdgeContext, to: string): void {
  ctx.redirect(to);
  ctx.status = 303;
}

/**
 * A refusal as a form shows it again: status and faults, and a wait in words as well as in the header.
 * @param ctx the request
 * @param error the refusal
 */
export function refusal(ctx: EdgeContext, error: DomainError): { status: number; faults: FieldFault[] } {
  ctx.state.errorCode = error.code;
  const wait = error.retryAfter === undefined ? undefined : Math.max(1, Math.ceil(error.retryAfter));
  if (wait !== undefined) ctx.set('Retry-After', String(wait));
  const params = { ...(wait !== undefined && { seconds: wait }), ...error.params };
  const faults =
    error instanceof FormError ? [...error.faults] : [{ field: 'form', code: error.code, params }];
  return { status: error.status, faults };
}

/**
 * Does something once the person has their answer; what goes wrong then is logged, and costs nobody anything.
 * @param deps log
 * @param ctx the request
 * @param work what to do; it must not need the request's unit of work
 */
export function afterAnswer(
  deps: Pick<InteractionDeps, 'log'>,
  ctx: EdgeContext,
  work: () => Promise<unknown>,
): void {
  const { trace } = ctx.state.visit;
  ctx.res.once('close', () => {
    work().catch((error) => deps.log.warn({ trace, error }, 'work after an answer failed'));
  });
}

/** Where the browser may be led when a form of this interaction is answered. */
function formTargets(open: Open): string[] {
  const { redirect_uri: redirectUri } = open.interaction.params;
  return typeof redirectUri === 'string' && URL.canParse(redirectUri) ? [redirectUri] : [];
}

/**
 * Shows a page of the interaction.
 * @param deps modules
 * @param open the open interaction
 * @param page view and data; `error` shows a refused form again with its faults and what was entered
 */
export function showStep<T>(
  deps: InteractionDeps,
  open: Open,
  page: {
    view: View<T>;
    data: T;
    error?: unknown;
    values?: Readonly<Record<string, string>>;
    formAction?: string[];
  },
): void {
  deps.pages.show(open.ctx, open.place, {
    view: page.view,
    data: page.data,
    shown: {
      ...(page.error instanceof DomainError && refusal(open.ctx, page.error)),
      ...(page.values && { values: page.values }),
      formAction: [...formTargets(open), ...(page.formAction ?? [])],
    },
  });
}

/**
 * Runs a step; a refusal the person can act on is shown on the step's own page, anything else is thrown on.
 * @param work the step
 * @param again shows the form again
 */
export async function orAgain(
  work: () => Promise<void>,
  again: (error: DomainError) => void | Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DomainError) || !isCorrectable(error)) throw error;
    await again(error);
  }
}

/** What is wrong with an answer can always be corrected. */
function isCorrectable({ code }: DomainError): boolean {
  return code.startsWith('field.') || correctable.has(code);
}

/** Refusals that a form answers itself, beside those of its fields. */
const correctable = new Set<string>([
  'input.invalid',
  'email.required',
  'email.invalid',
  'password.required',
  'password.too_short',
  'password.too_long',
  'password.too_weak',
  'password.breached',
  'password.same_as_old',
  'age.required',
  'terms.required',
  'consent.text_changed',
  'choice.required',
  'credentials.invalid',
  'code.required',
  'code.invalid',
  'code.expired',
  'code.exhausted',
  'user_code.malformed',
  'user_code.unknown',
  'limit.reached',
  'overloaded',
  'identifier.taken',
  'link.taken',
]);
