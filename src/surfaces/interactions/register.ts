/** Registration: e-mail, a password where the brand has one, what it needs and what the law asks; then the proof of the address. */
import { DomainError, type FieldFault, FormError } from '../../base/kernel/errors.ts';
import { normaliseEmail } from '../../business/profiles/email-text.ts';
import type { ChallengePurpose, ProvenChallenge } from '../../people/credentials/challenges.ts';
import { checkPassword } from '../../people/credentials/policy.ts';
import type { Member } from '../../people/members/members.ts';
import type { PendingRegistration } from '../../people/members/registrations.ts';
import { passwordDemands, shownPasswordRules } from '../pages/password-rules.ts';
import { completeSignIn, createMember } from './complete.ts';
import { type Open, orAgain, proceed, redirect, type Standing, showStep } from './context.ts';
import type { InteractionDeps } from './deps.ts';
import { stepAfter } from './flow.ts';
import type { Fields } from './legal.ts';
import { counted, whoTries } from './limits.ts';
import { upstreamChoices } from './method-choices.ts';
import { offersAny, signInMethods, typedMethods } from './methods.ts';
import type { Registering } from './registering.ts';
import {
  keepPage,
  keptValues,
  type PageRead,
  pageAfter,
  pageBefore,
  type RegistrationPage,
  readPage,
  registrationPage,
  sentPage,
  shownPage,
  wholeForm,
} from './registration-form.ts';
import { type RegisterData, registerView, verifyCodeView } from './views.ts';

/** Life of a mailed code: the mail must have time to arrive. */
export const codeLifeMs = 15 * 60_000;

/**
 * What a page of the registration shows.
 * @param deps modules
 * @param at where it stands
 * @param page the page
 */
export function registerData(
  deps: Pick<InteractionDeps, 'upstreams' | 'passwordRules' | 'experiences'>,
  at: Pick<Standing, 'place' | 'base' | 'ctx'>,
  page: RegistrationPage,
): RegisterData {
  const methods = signInMethods(at.place.experience);
  const shown = shownPage(page, at, registerUrl(at));
  const { email, password } = page.kept;
  return {
    ...shown,
    ...(offersAny(methods, typedMethods) && { action: `${at.base}/register` }),
    ...(methods.includes('password') && {
      rules: shownPasswordRules(deps, at.place, undefined),
      passwordKept: password !== undefined && password.email === email,
    }),
    upstreams: shown.step?.back ? [] : upstreamChoices(deps, at),
    signInUrl: `${at.base}?view=sign-in`,
    cancelAction: `${at.base}/cancel`,
  };
}

/** The registration, at the page that is due or at the one that was refused. */
export function showRegister(
  deps: InteractionDeps,
  open: Open,
  again?: { error: DomainError; fields: Fields },
): void {
  const page = registrationPage(deps, open, 'typed', again && sentPage(again.fields));
  showStep(deps, open, {
    view: registerView,
    data: registerData(deps, open, page),
    values: again
      ? sentValues(again.fields, again.error)
      : { email: open.flow.email ?? '', ...keptValues(page) },
    formAction: deps.upstreams.formActionOrigins(),
    ...(again && { error: again.error }),
  });
}

const registerUrl = ({ base }: Pick<Standing, 'base'>) => `${base}?view=register`;

/**
 * What may be shown again: everything but secrets, which the renderer drops as well, and decisions on texts that have
 * changed since.
 * @param fields the form as sent
 * @param error why it is shown again
 */
export function sentValues(fields: Fields, error?: DomainError): Record<string, string> {
  const faults = error instanceof FormError ? error.faults : [];
  const anew = faults.some(({ code }) => code === 'consent.text_changed');
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || name === 'password' || name === '_csrf') continue;
    if (!anew || !/^(?:terms|purpose)\./.test(name)) values[name] = value;
  }
  return values;
}

/** Judges a page; after the last one the registration waits for its proof: the same for a known address. */
export async function submitRegistration(deps: InteractionDeps, open: Open, fields: Fields): Promise<void> {
  await orAgain(
    async () => {
      const page = registrationPage(deps, open, 'typed', sentPage(fields));
      const read = readPage(page, fields);
      if (fields.go === 'back') {
        keepPage(deps, open, page, { ...read, next: pageBefore(page, read.answers) });
        return redirect(open.ctx, registerUrl(open));
      }
      const account = await readAccount(deps, open, page, fields);
      const faults = [...account.faults, ...read.faults];
      if (faults.length > 0) throw new FormError(faults);
      const more = await keepAccount(deps, open, page, account);
      const next = pageAfter(page, read.answers);
      if (next === undefined) return finishForm(deps, open, page, { read, more });
      keepPage(deps, open, page, { ...read, next, more });
      redirect(open.ctx, registerUrl(open));
    },
    (error) => showRegister(deps, open, { error, fields }),
  );
}

/** What a page says of address and password; nothing where it does not ask them. */
interface Account {
  email: string | undefined;
  /** As typed; undefined where none is asked, or where the one chosen before is kept. */
  password: string | undefined;
  faults: FieldFault[];
}

async function readAccount(
  deps: InteractionDeps,
  open: Open,
  { form, at, kept }: RegistrationPage,
  fields: Fields,
): Promise<Account> {
  const asks = (core: 'email' | 'password') => form.steps[at]?.fields.some((field) => field.core === core);
  const email = asks('email') ? normaliseEmail(fields.email ?? '') : kept.email;
  const faults = asks('email') ? emailFaults(fields.email, email) : [];
  const password = fields.password ?? '';
  const stays = password === '' && kept.password !== undefined && kept.password.email === email;
  if (!asks('password') || stays) return { email, password: undefined, faults };
  return { email, password, faults: [...faults, ...(await passwordFaults(deps, open, { password, email }))] };
}

/** Counts the registration, once for an address, and hashes its password. */
async function keepAccount(
  deps: InteractionDeps,
  open: Open,
  { kept }: RegistrationPage,
  { email, password }: Account,
): Promise<Partial<Registering>> {
  if (!email || password === undefined) return { email };
  if (kept.counted !== email) await countRegistration(deps, open, email);
  await refuseBreached(deps, password);
  return { email, counted: email, password: { encoded: await deps.hasher.hash(password), email } };
}

function countRegistration(deps: InteractionDeps, open: Open, email: string): Promise<void> {
  return deps.throttles.attempt('register', { identifier: email, ip: open.ctx.state.visit.ip });
}

/** Everything is answered: the registration waits, and its address is asked to prove itself. */
async function finishForm(
  deps: InteractionDeps,
  open: Open,
  page: RegistrationPage,
  { read, more }: { read: PageRead; more: Partial<Registering> },
): Promise<void> {
  const byPassword = signInMethods(open.place.experience).includes('password');
  const { email, password, counted } = { ...page.kept, ...more };
  const whole = wholeForm(page, read);
  const lost = !email || (byPassword && password?.email !== email);
  if (lost || 'missingAt' in whole) {
    keepPage(deps, open, page, {
      ...read,
      next: lost || !('missingAt' in whole) ? 0 : whole.missingAt,
      more,
    });
    return redirect(open.ctx, registerUrl(open));
  }
  if (counted !== email) await countRegistration(deps, open, email);
  // Whoever comes back to correct the address begins at the first page, with everything filled in.
  keepPage(deps, open, page, { ...read, next: 0, more: { ...more, counted: undefined } });
  const { attributes, name, locale } = whole.answers;
  await askForProof(deps, open, {
    email,
    name: name ?? undefined,
    ...(locale && { locale }),
    encodedPassword: byPassword ? password?.encoded : undefined,
    attributes,
    release: open.place.experience.release,
    decisions: whole.decisions,
    ...(whole.statedAge !== undefined && { statedAge: whole.statedAge }),
    upstream: undefined,
    via: byPassword ? 'password' : 'mail-code',
  });
}

function emailFaults(typed: string | undefined, email: string | undefined): FieldFault[] {
  if (email) return [];
  return [{ field: 'email', code: typed?.trim() ? 'email.invalid' : 'email.required' }];
}

/**
 * Faults of a new password by the program's rules, before anything costly.
 * @param deps modules
 * @param open place, for the brands' names
 * @param entered password, the address it is for, and whose it will be where there is a member
 */
export async function passwordFaults(
  deps: InteractionDeps,
  open: Pick<Open, 'place'>,
  entered: { password: string; email: string | undefined; member?: Member },
): Promise<FieldFault[]> {
  if (entered.password === '') return [{ field: 'password', code: 'password.required' }];
  const { look } = open.place.experience;
  const context = [look.name, look.programName, ...look.siblings, entered.email?.split('@')[0] ?? ''];
  const fault = await checkPassword(entered.password, {
    ...passwordDemands(deps, open.place, entered.member),
    context,
  });
  return fault ? [{ field: 'password', ...fault }] : [];
}

/**
 * Refuses a password that is known from breaches; a service that does not answer lets it through, on record.
 * @param deps modules
 * @param password the new password
 * @throws FormError `password.breached`
 */
export async function refuseBreached(deps: InteractionDeps, password: string): Promise<void> {
  const verdict = await deps.breachCheck(password);
  if (verdict === 'breached') throw new FormError([{ field: 'password', code: 'password.breached' }]);
  if (verdict === 'unavailable') await deps.outbox.add({ kind: 'breach-check-unavailable', payload: {} });
}

/** Keeps the registration until its proof and mails what proves the address. */
async function askForProof(
  deps: InteractionDeps,
  open: Open,
  registration: PendingRegistration,
): Promise<void> {
  await mailProof(deps, open, { id: await deps.registrations.start(registration), registration });
}

/** Mails what proves the address; a known address gets another mail, and the same page. */
async function mailProof(
  deps: InteractionDeps,
  open: Open,
  waiting: { id: string; registration: PendingRegistration },
): Promise<void> {
  const { id, registration } = waiting;
  const known = await deps.members.findByIdentifier({ type: 'email', value: registration.email });
  const sent = await deps.challenges.create({
    purpose: 'verify',
    binding: open.binding,
    ttlMs: codeLifeMs,
    subject: { registration: id },
  });
  const mail = {
    to: registration.email,
    locale: open.ctx.state.visit.locale,
    brand: open.place.experience.mailBrand,
  };
  if (known) {
    const data = {
      signInUrl: `${deps.issuer}/account`,
      ...(registration.encodedPassword !== undefined && { recoverUrl: `${deps.issuer}/recover` }),
    };
    await deps.mailer.enqueue(undefined, { template: 'already-registered', ...mail, data });
  } else {
    const url = `${deps.issuer}${open.base}/confirm?t=${sent.linkToken}`;
    const data = { code: sent.code, url, expiresInSeconds: codeLifeMs / 1000 };
    await deps.mailer.enqueue(undefined, { template: 'verify-address', ...mail, data });
  }
  proceed(deps, open, {
    step: stepAfter.register,
    email: registration.email,
    registration: id,
    codeExpiresAt: deps.clock.now() + codeLifeMs,
  });
}

/** The code page of a registration. */
export function showVerify(deps: InteractionDeps, open: Open, error?: DomainError): void {
  showStep(deps, open, {
    view: verifyCodeView,
    data: {
      action: `${open.base}/verify`,
      purpose: 'verify',
      address: open.flow.email ?? '',
      expiresInSeconds: secondsLeft(deps, open),
      digits: 8,
      resendAction: `${open.base}/verify/resend`,
      changeUrl: `${open.base}?view=register`,
      cancelAction: `${open.base}/cancel`,
    },
    ...(error && { error }),
  });
}

/** Seconds the mailed code has left. */
export function secondsLeft(deps: InteractionDeps, open: Pick<Open, 'flow'>): number {
  return Math.max(0, Math.round(((open.flow.codeExpiresAt ?? 0) - deps.clock.now()) / 1000));
}

/** Judges the code and makes the member. */
export async function submitVerify(deps: InteractionDeps, open: Open, code: string): Promise<void> {
  await orAgain(
    async () => {
      const proven = await proveCode(deps, open, { purpose: 'verify', code });
      await finishRegistration(deps, open, String(proven.subject.registration));
    },
    (error) => showVerify(deps, open, error),
  );
}

/**
 * Judges a mailed code of this flow; a refusal is tied to the field, so that summary and input say it.
 * @param deps modules
 * @param open the open interaction
 * @param answer what the code is for, and the code as typed
 * @throws FormError `code.required`, `code.invalid`, `code.expired`, `code.exhausted`; DomainError `limit.reached`
 */
export async function proveCode(
  deps: InteractionDeps,
  open: Open,
  answer: { purpose: ChallengePurpose; code: string },
): Promise<ProvenChallenge> {
  const { ctx, flow, binding } = open;
  const { purpose, code } = answer;
  if (code.trim() === '') throw new FormError([{ field: 'code', code: 'code.required' }]);
  try {
    return await counted(deps, { limiter: 'code-try', ctx, email: flow.email ?? '' }, () =>
      deps.challenges.redeemCode({ purpose, binding, code }),
    );
  } catch (error) {
    if (error instanceof DomainError && error.code.startsWith('code.')) {
      throw new FormError([{ field: 'code', code: error.code, params: error.params }]);
    }
    throw error;
  }
}

/** The address is proven: the member comes into being and is signed in. */
export async function finishRegistration(deps: InteractionDeps, open: Open, id: string): Promise<void> {
  const registration = await deps.registrations.read(id);
  if (!registration) throw new DomainError('code.expired');
  const member = await createMember(deps, open, registration);
  const typed = registration.encodedPassword === undefined ? 'otp' : 'pwd';
  const amr = [registration.upstream ? 'fed' : typed];
  await completeSignIn(deps, open, member, { method: 'registration', amr, registered: registration.via });
}

/** Mails another code for the same registration; the guesses made so far go on counting. */
export async function resendVerify(deps: InteractionDeps, open: Open): Promise<void> {
  await orAgain(
    async () => {
      const { email } = open.flow;
      const id = open.flow.registration;
      if (!email || !id) throw new DomainError('code.expired');
      await deps.throttles.attempt('mail-code', (await whoTries(deps, open.ctx, email)).keys);
      const registration = await deps.registrations.read(id);
      if (!registration) throw new DomainError('code.expired');
      await mailProof(deps, open, { id, registration });
    },
    (error) => showVerify(deps, open, error),
  );
}
