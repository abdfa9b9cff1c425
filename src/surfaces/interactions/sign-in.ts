/** Signing in: identifier, then password. The pages are the same whoever is or is not known. */
import type { EdgeContext } from '../../base/http/context.ts';
import { type DomainError, FormError } from '../../base/kernel/errors.ts';
import { normaliseEmail } from '../../people/members/identifiers.ts';
import { completeSignIn, noteEvent, upstreamNames } from './complete.ts';
import { afterAnswer, keep, type Open, orAgain, proceed, showStep } from './context.ts';
import type { InteractionDeps } from './deps.ts';
import { whoTries } from './limits.ts';
import { passwordView, signInView, type UpstreamChoice } from './views.ts';

/** Cookie that remembers the way a browser signed in last; holds the way's name and nothing of the person. */
const lastUsedCookie = 'last_used';
const yearSeconds = 365 * 86_400;
/** Code points; nothing longer is ever hashed (ASVS 5.0 6.2.9 asks for 64 at least). */
const longestPassword = 256;

/**
 * The upstreams the brand offers, as buttons.
 * @param deps modules
 * @param open the open interaction
 */
export function upstreamChoices(deps: InteractionDeps, open: Open): UpstreamChoice[] {
  const offered = open.place.experience.upstreams;
  return deps.upstreams
    .list()
    .filter(({ id }) => offered.includes(id))
    .map(({ id }) => ({ id, name: upstreamNames[id], action: `${open.base}/upstream/${id}` }));
}

/** The first page. */
export function showSignIn(
  deps: InteractionDeps,
  open: Open,
  again?: { error: DomainError; identifier: string },
): void {
  const hint = open.interaction.params.login_hint;
  const identifier =
    again?.identifier ?? open.flow.email ?? (typeof hint === 'string' ? hint.slice(0, 254) : '');
  const upstreams = upstreamChoices(deps, open);
  const ways = ['password', ...upstreams.map(({ id }) => id)];
  const used = deps.cookies.read(open.ctx, lastUsedCookie);
  showStep(deps, open, {
    view: signInView,
    data: {
      action: `${open.base}/identifier`,
      identifierKind: open.place.experience.identifierKind,
      upstreams,
      lastUsed: ways.find((way) => way === used),
      registerUrl: `${open.base}?view=register`,
      cancelAction: `${open.base}/cancel`,
    },
    values: { identifier },
    formAction: deps.upstreams.formActionOrigins(),
    ...(again && { error: again.error }),
  });
}

/** The second page. */
export function showPassword(deps: InteractionDeps, open: Open, error?: DomainError): void {
  showStep(deps, open, {
    view: passwordView,
    data: {
      action: `${open.base}/password`,
      identifier: open.flow.email ?? '',
      changeUrl: `${open.base}?view=sign-in`,
      forgotUrl: `${open.base}?view=recover`,
      cancelAction: `${open.base}/cancel`,
    },
    ...(error && { error }),
  });
}

/** Keeps the identifier; the next page is the same for everyone. */
export async function submitIdentifier(deps: InteractionDeps, open: Open, identifier: string): Promise<void> {
  await orAgain(
    async () => proceed(deps, open, { email: requireEmail(identifier, 'identifier'), step: 'password' }),
    (error) => showSignIn(deps, open, { error, identifier: identifier.slice(0, 254) }),
  );
}

/**
 * The normal form of a typed address.
 * @param typed what was typed
 * @param field name of the input, for the fault
 * @throws FormError `email.required`, `email.invalid`
 */
export function requireEmail(typed: string, field: string): string {
  if (typed.trim() === '') throw new FormError([{ field, code: 'email.required' }]);
  const email = normaliseEmail(typed);
  if (!email) throw new FormError([{ field, code: 'email.invalid' }]);
  return email;
}

/** Judges a password and signs in. */
export async function submitPassword(
  deps: InteractionDeps,
  open: Open,
  form: { username: string; password: string },
): Promise<void> {
  await orAgain(
    async () => {
      // A password manager may fill in another name than the one typed before: what was sent counts.
      const email = normaliseEmail(form.username) ?? open.flow.email;
      if (!email) throw new FormError([{ field: 'username', code: 'email.required' }]);
      if (email !== open.flow.email) keep(deps, open, { email, step: 'password' });
      if (form.password === '') throw new FormError([{ field: 'password', code: 'password.required' }]);
      const member = await provePassword(deps, open.ctx, { email, password: form.password });
      deps.cookies.write(open.ctx, lastUsedCookie, 'password', { maxAgeSeconds: yearSeconds });
      await completeSignIn(deps, open, member, { method: 'password', amr: ['pwd'] });
    },
    (error) => showPassword(deps, open, error),
  );
}

/** Remembers on this browser which upstream was used. */
export function rememberWay(deps: InteractionDeps, ctx: EdgeContext, way: string): void {
  deps.cookies.write(ctx, lastUsedCookie, way, { maxAgeSeconds: yearSeconds });
}

/**
 * Checks a password, the same way for known and unknown, locked and passwordless members: one count before, one
 * look-up, one hash.
 * @param deps modules
 * @param ctx the request
 * @param claim address and password
 * @returns the member, whatever their status
 * @throws DomainError `limit.reached`, `credentials.invalid`, `overloaded`
 */
export async function provePassword(
  deps: InteractionDeps,
  ctx: EdgeContext,
  claim: { email: string; password: string },
) {
  if ([...claim.password].length > longestPassword) {
    const params = { max: longestPassword };
    throw new FormError([{ field: 'password', code: 'password.too_long', params }]);
  }
  const { visit } = ctx.state;
  const { member, keys } = await whoTries(deps, ctx, claim.email);
  await deps.throttles.attempt('sign-in', keys);
  const verdict = await deps.passwords.verify(member?._id, claim.password);
  if (!verdict.ok || !member) {
    deps.metrics.signIn({ method: 'password', outcome: 'failure', reason: 'credentials.invalid' });
    if (member) recordFailure(deps, ctx, member);
    throw new FormError([{ field: 'password', code: 'credentials.invalid' }]);
  }
  await deps.throttles.reward('sign-in', keys);
  const { rehash } = verdict;
  if (rehash) afterAnswer(deps, ctx, () => deps.passwords.rehash(member._id, claim.password, rehash, visit));
  return member;
}

/** A wrong proof for a known member is a fact of their history, written when the answer no longer waits for it. */
function recordFailure(deps: InteractionDeps, ctx: EdgeContext, member: { _id: string; home: string }): void {
  const { visit } = ctx.state;
  const payload = {
    type: 'member.sign_in_failed',
    memberId: member._id,
    visit: { ...visit },
    data: { method: 'password' },
  };
  afterAnswer(deps, ctx, () => deps.outbox.add({ kind: noteEvent, payload }));
}
