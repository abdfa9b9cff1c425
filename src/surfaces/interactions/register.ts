/** Registration: e-mail, a password where the brand has one, what it needs and what the law asks; then the proof of the address. */
import { DomainError, type FieldFault, FormError } from '../../base/kernel/errors.ts';
import { normaliseEmail } from '../../business/profiles/email-text.ts';
import { textsAtRegistration } from '../../business/purposes/asked-texts.ts';
import type { LegalTexts } from '../../business/purposes/purposes.ts';
import type { ChallengePurpose, ProvenChallenge } from '../../people/credentials/challenges.ts';
import { checkPassword } from '../../people/credentials/policy.ts';
import type { Member } from '../../people/members/members.ts';
import type { PendingRegistration } from '../../people/members/registrations.ts';
import { passwordDemands } from '../pages/password-rules.ts';
import { completeSignIn, createMember } from './complete.ts';
import { type Open, orAgain, proceed, showStep } from './context.ts';
import type { InteractionDeps } from './deps.ts';
import { stepAfter } from './flow.ts';
import { type Fields, legalQuestions, readDecisions } from './legal.ts';
import { counted, whoTries } from './limits.ts';
import { upstreamChoices } from './method-choices.ts';
import { signInMethods, typedMethods } from './methods.ts';
import { registrationAnswers, registrationQuestions } from './questions.ts';
import { registerView, verifyCodeView } from './views.ts';

/** Life of a mailed code: the mail must have time to arrive. */
export const codeLifeMs = 15 * 60_000;

/** The legal texts of the interaction's place, in the visit's language. */
export function textsOf(deps: InteractionDeps, open: Open): LegalTexts {
  const { experience } = open.place;
  const { locale } = open.ctx.state.visit;
  return deps.purposes.forVisit({
    brand: experience.brand.id,
    market: experience.market.id,
    jurisdiction: experience.jurisdiction,
    locale,
  });
}

/** Of these texts what a registration asks: every term and notice, and the purposes that the layers name. */
export function registrationTexts(deps: InteractionDeps, open: Open): LegalTexts {
  const { askAtRegistration } = open.place.experience.settings.purposes;
  return textsAtRegistration(textsOf(deps, open), askAtRegistration);
}

/** The registration page. */
export function showRegister(
  deps: InteractionDeps,
  open: Open,
  again?: { error: DomainError; fields: Fields },
): void {
  const methods = signInMethods(open.place.experience);
  showStep(deps, open, {
    view: registerView,
    data: {
      ...(typedMethods.some((way) => methods.includes(way)) && { action: `${open.base}/register` }),
      ...(methods.includes('password') && {
        rules: { min: passwordDemands(deps, open.place, undefined).minLength, max: 256 },
      }),
      upstreams: upstreamChoices(deps, open),
      fields: registrationQuestions(deps, open),
      legal: legalQuestions(registrationTexts(deps, open), `${open.base}?view=register`),
      signInUrl: `${open.base}?view=sign-in`,
      cancelAction: `${open.base}/cancel`,
    },
    values: again ? sentValues(again.fields) : { email: open.flow.email ?? '' },
    formAction: deps.upstreams.formActionOrigins(),
    ...(again && { error: again.error }),
  });
}

/** What may be shown again: everything but secrets, which the renderer drops as well. */
export function sentValues(fields: Fields): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined && name !== 'password' && name !== '_csrf') values[name] = value;
  }
  return values;
}

/** Judges the form, keeps the registration until its proof, and mails; the same for a known address. */
export async function submitRegistration(deps: InteractionDeps, open: Open, fields: Fields): Promise<void> {
  await orAgain(
    async () => {
      const email = normaliseEmail(fields.email ?? '');
      const texts = registrationTexts(deps, open);
      const { decisions, faults: legalFaults } = readDecisions(texts, fields);
      const { answers, faults: fieldFaults } = registrationAnswers(deps, open, fields);
      const byPassword = signInMethods(open.place.experience).includes('password');
      const password = fields.password ?? '';
      const faults = [
        ...emailFaults(fields.email, email),
        ...(byPassword ? await passwordFaults(deps, open, { password, email }) : []),
        ...fieldFaults,
        ...legalFaults,
      ];
      if (faults.length > 0 || !email) throw new FormError(faults);
      await deps.throttles.attempt('register', { identifier: email, ip: open.ctx.state.visit.ip });
      if (byPassword) await refuseBreached(deps, password);
      const encodedPassword = byPassword ? await deps.hasher.hash(password) : undefined;
      await askForProof(deps, open, {
        email,
        name: undefined,
        encodedPassword,
        attributes: answers,
        release: open.place.experience.release,
        decisions,
        upstream: undefined,
        via: byPassword ? 'password' : 'mail-code',
      });
    },
    (error) => showRegister(deps, open, { error, fields }),
  );
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
