/**
 * The registration as a form of one or more pages: which page is due, what is on it, and what its answers become. What
 * was answered waits in the flow; nothing is decided by what a browser says about steps it has not been shown.
 */
import type { FieldFault } from '../../base/kernel/errors.ts';
import { mayWrite } from '../../business/profiles/attribute-access.ts';
import { isBirthDate } from '../../business/profiles/attribute-names.ts';
import type { AttributeDefinition } from '../../business/profiles/attribute-shape.ts';
import type { AttributeValue } from '../../business/profiles/attribute-values.ts';
import { valueContext } from '../../business/profiles/attribute-values.ts';
import {
  answerInputs,
  type FormAnswers,
  type FormContext,
  isAsked,
  noAnswers,
  readFields,
  readForm,
  sentForm,
  sentJson,
  stepBefore,
  stepFrom,
} from '../../business/profiles/form-answers.ts';
import type { FormDefinition, FormField } from '../../business/profiles/form-shape.ts';
import { ageOn } from '../../business/profiles/iso-day.ts';
import { registrationOf } from '../../business/profiles/registration-form.ts';
import { inLanguage } from '../../business/profiles/text-shape.ts';
import { textsAtRegistration } from '../../business/purposes/asked-texts.ts';
import type { LegalTexts } from '../../business/purposes/purposes.ts';
import type { AttributeWrite } from '../../people/members/attributes.ts';
import type { PendingDecision, PendingRegistration } from '../../people/members/registrations.ts';
import { shownFields } from '../pages/form-fields.ts';
import { keep, type Open, type Standing } from './context.ts';
import type { InteractionDeps } from './deps.ts';
import { type Fields, legalQuestions, readDecisions, textsOf } from './legal.ts';
import { signInMethods } from './methods.ts';
import type { Registering } from './registering.ts';
import type { FormPage } from './views.ts';

/** How somebody registers: with an address and, where there is one, a password; or through an upstream. */
export type RegistrationWay = 'typed' | 'upstream';

/** One page of a registration. */
export interface RegistrationPage {
  form: Pick<FormDefinition, 'steps'>;
  context: FormContext;
  /** Texts of the whole registration, without the purposes that are fields. */
  texts: LegalTexts;
  /** Purposes that are fields. */
  asFields: LegalTexts['purposes'];
  kept: Registering;
  answers: FormAnswers;
  at: number;
  /** Whether the law's questions are on this page. */
  last: boolean;
  /** Youngest age at which the market's law lets a person register. */
  minimumAge: number;
  /** The same, where it is to be stated because no day of birth tells it. */
  statedAge: number | undefined;
}

const nothingKept: Registering = { at: 0, reached: 0, attributes: {}, consents: {}, decisions: [] };

/**
 * The page a registration is at.
 * @param deps modules
 * @param open where the page stands
 * @param way how somebody registers
 * @param sent index of the page that was sent, where one was; a page that was never reached is not taken
 */
export function registrationPage(
  deps: Pick<InteractionDeps, 'clock' | 'i18n'> & Parameters<typeof textsOf>[0],
  open: Standing,
  way: RegistrationWay,
  sent?: number,
): RegistrationPage {
  const { experience } = open.place;
  const applying = textsOf(deps, open);
  const texts = textsAtRegistration(applying, experience.settings.purposes.askAtRegistration);
  const all = registrationOf(experience.forms);
  const asked = new Set(all.steps.flatMap(({ fields }) => fields.flatMap(({ consent }) => consent ?? [])));
  const asFields = applying.purposes.filter(({ id }) => asked.has(id));
  const form = formFor(all, way, signInMethods(experience).includes('password'));
  const context = {
    ...valueContext(deps.clock.now(), experience.market),
    attributes: experience.attributes,
    purposes: asFields.map(({ id }) => id),
    locales: experience.locales.offered ?? deps.i18n.locales.map(({ code }) => code),
  };
  const kept = open.flow.registering ?? startOf(open, way);
  const answers = answersOf(kept);
  const wanted = sent !== undefined && sent <= kept.reached ? sent : kept.at;
  const at = stepFrom(form, wanted, answers, context) ?? form.steps.length;
  const purposes = texts.purposes.filter(({ id }) => !asked.has(id));
  const last = isLast(form, at, context);
  const { minimumAge } = experience.settings.legal;
  const statedAge = minimumAge > 0 && !asksBirthDate(form, context) ? minimumAge : undefined;
  const questions = { texts: { ...texts, purposes }, asFields, minimumAge, statedAge };
  return { form, context, ...questions, kept, answers, at, last };
}

/** Whether everybody has to say when they were born. */
function asksBirthDate({ steps }: RegistrationPage['form'], { attributes }: FormContext): boolean {
  return steps.some(({ fields }) =>
    fields.some(({ attribute: name = '', required, when }) => {
      const definition = attributes[name];
      return required && !when && definition !== undefined && isBirthDate(name, definition);
    }),
  );
}

/** Whoever comes from an upstream has a proven address; where there is no password, none is asked. */
function formFor(
  { steps }: FormDefinition,
  way: RegistrationWay,
  byPassword: boolean,
): RegistrationPage['form'] {
  const isLeftOut = ({ core }: FormField) =>
    (core === 'email' && way === 'upstream') || (core === 'password' && (way === 'upstream' || !byPassword));
  return {
    steps: steps.map((step) => ({ ...step, fields: step.fields.filter((field) => !isLeftOut(field)) })),
  };
}

function startOf({ flow }: Standing, way: RegistrationWay): Registering {
  return way === 'upstream' && flow.profile?.name ? { ...nothingKept, name: flow.profile.name } : nothingKept;
}

function answersOf({ attributes, consents, name, locale }: Registering): FormAnswers {
  return {
    attributes: attributes as Readonly<Record<string, AttributeValue | null>>,
    consents,
    ...(name !== undefined && { name }),
    ...(locale !== undefined && { locale }),
  };
}

/** No later page asks anything, whatever is answered here. */
function isLast(form: RegistrationPage['form'], at: number, context: FormContext): boolean {
  const later = form.steps.slice(at + 1).flatMap(({ fields }) => fields);
  return !later.some((field) => isAsked({ ...field, when: undefined }, noAnswers, context));
}

/**
 * What a page shows.
 * @param page the page
 * @param open where the page stands
 * @param backTo path that legal texts lead back to
 */
export function shownPage(page: RegistrationPage, open: Pick<Standing, 'ctx'>, backTo: string): FormPage {
  const { form, answers, context, at, asFields, last } = page;
  const { locale } = open.ctx.state.visit;
  const { purposes } = legalQuestions({ terms: [], notices: [], purposes: asFields }, backTo);
  const pages = form.steps.flatMap((_, index) =>
    stepFrom(form, index, answers, context) === index ? [index] : [],
  );
  const lastStep = pages.at(-1);
  if (lastStep === undefined || !isLast(form, lastStep, context)) pages.push(form.steps.length);
  const step = form.steps[at];
  return {
    fields: shownFields(step?.fields ?? [], { answers, context, locale, purposes }),
    ...(stepTexts(page).purposes.length > 0 && { shownTexts: legalQuestions(stepTexts(page), backTo).shown }),
    legal: last ? { ...legalQuestions(page.texts, backTo), minimumAge: page.statedAge } : undefined,
    ...(pages.length > 1 && {
      step: {
        index: at,
        number: pages.indexOf(at) + 1,
        total: pages.length,
        title: step?.title && inLanguage(step.title, locale),
        back: pages.indexOf(at) > 0,
      },
    }),
  };
}

/**
 * What the inputs of a page hold of what was answered before.
 * @param page the page
 */
export function keptValues({ form, at, answers, kept }: RegistrationPage): Record<string, string> {
  return {
    ...answerInputs(form.steps[at]?.fields ?? [], answers),
    ...(kept.email && { email: kept.email }),
  };
}

/** What a page brought. */
export interface PageRead {
  answers: FormAnswers;
  /** On purposes that are fields of this page. */
  decisions: PendingDecision[];
  /** What the law wants decided, where this page asked it. */
  legal: PendingDecision[];
  faults: FieldFault[];
}

/**
 * Reads what was sent for a page.
 * @param page the page
 * @param fields as sent
 */
export function readPage(page: RegistrationPage, fields: Fields): PageRead {
  const { form, at, context, texts, last } = page;
  const asked = form.steps[at]?.fields ?? [];
  const read = readFields(asked, sentForm(fields), { before: page.answers, context });
  const here = stepTexts(page);
  const own = here.purposes.length > 0 ? readDecisions(here, fields, fields['texts.fields']) : nothingDecided;
  const legal = last ? readDecisions(texts, fields) : nothingDecided;
  return {
    answers: read.answers,
    // One whose condition does not hold was not asked.
    decisions: own.decisions.filter(({ textId }) => Object.hasOwn(read.answers.consents, textId)),
    legal: legal.decisions,
    faults: [
      ...read.faults,
      ...tooYoung(page, asked, read.answers),
      ...(last ? ageUnstated(page, fields) : []),
      ...own.faults,
      ...legal.faults,
    ],
  };
}

const nothingDecided: ReturnType<typeof readDecisions> = { decisions: [], faults: [] };

/** The purposes that are fields of the page. */
function stepTexts({ form, at, asFields }: RegistrationPage): LegalTexts {
  const here = new Set(form.steps[at]?.fields.flatMap(({ consent }) => consent ?? []));
  return { terms: [], notices: [], purposes: asFields.filter(({ id }) => here.has(id)) };
}

function ageUnstated({ statedAge }: RegistrationPage, fields: Fields): FieldFault[] {
  if (statedAge === undefined || fields.age === 'stated') return [];
  return [{ field: 'age', code: 'age.required', params: { min: statedAge } }];
}

/** A day of birth that this page asks, of somebody whom the law does not let register yet (GDPR Art. 8). */
function tooYoung(
  { context, minimumAge }: RegistrationPage,
  asked: readonly FormField[],
  { attributes }: FormAnswers,
): FieldFault[] {
  return asked.flatMap(({ attribute: name = '' }) => {
    const definition = context.attributes[name];
    const born = attributes[name];
    if (!definition || typeof born !== 'string' || !isBirthDate(name, definition)) return [];
    if (ageOn(born, context.today) >= minimumAge) return [];
    return [{ field: `field.${name}`, code: 'field.too_young' as const, params: { min: minimumAge } }];
  });
}

/**
 * The page after one that was read; undefined where that was the last.
 * @param page the page
 * @param answers with those to the page
 */
export function pageAfter(
  { form, at, last, context }: RegistrationPage,
  answers: FormAnswers,
): number | undefined {
  return stepFrom(form, at + 1, answers, context) ?? (last ? undefined : form.steps.length);
}

/** The page before; the first one has none and stays. */
export function pageBefore({ form, at, context }: RegistrationPage, answers: FormAnswers): number {
  return stepBefore(form, at, answers, context) ?? at;
}

/**
 * Keeps what a page brought, and where to go on.
 * @param deps modules
 * @param open the open interaction
 * @param page the page
 * @param brought what was read, the page to go on with, and what else is kept
 */
export function keepPage(
  deps: InteractionDeps,
  open: Open,
  page: RegistrationPage,
  brought: Pick<PageRead, 'answers' | 'decisions'> & { next: number; more?: Partial<Registering> },
): void {
  const { answers, decisions, next, more } = brought;
  const { name, locale } = answers;
  keep(deps, open, {
    registering: {
      ...page.kept,
      attributes: answers.attributes as Registering['attributes'],
      consents: { ...answers.consents },
      name,
      locale,
      decisions: decisionsWith(page.kept.decisions, decisions),
      at: next,
      reached: Math.max(page.kept.reached, next),
      ...more,
    },
  });
}

/**
 * Everything that was answered, once the last page is read: what is no longer asked is left out.
 * @param page the last page
 * @param read what it brought
 * @returns the answers, or the page on which something is missing (a form may have changed in the meantime)
 */
export function wholeForm(
  page: RegistrationPage,
  read: PageRead,
): (Pick<PendingRegistration, 'decisions' | 'statedAge'> & { answers: FormAnswers }) | { missingAt: number } {
  const { form, context } = page;
  const { answers, faults } = readForm(form, sentJson({}), { before: read.answers, context });
  if (faults.length > 0) {
    const missingAt = form.steps.findIndex(
      ({ fields }) => readFields(fields, sentJson({}), { before: read.answers, context }).faults.length > 0,
    );
    return { missingAt: Math.max(0, missingAt) };
  }
  // What was entered on the way back was kept, and judged by nobody.
  const tooYoungAt = form.steps.findIndex(({ fields }) => tooYoung(page, fields, answers).length > 0);
  if (tooYoungAt >= 0) return { missingAt: tooYoungAt };
  const asked = decisionsWith(page.kept.decisions, read.decisions).filter(({ textId }) =>
    Object.hasOwn(answers.consents, textId),
  );
  const { statedAge } = page;
  return { answers, decisions: [...asked, ...read.legal], ...(statedAge !== undefined && { statedAge }) };
}

/** Earlier decisions, those on the same texts replaced. */
function decisionsWith(
  earlier: readonly PendingDecision[],
  decisions: readonly PendingDecision[],
): PendingDecision[] {
  const decided = new Set(decisions.map(({ textId }) => textId));
  return [...earlier.filter(({ textId }) => !decided.has(textId)), ...decisions];
}

/** Index of the page that was sent. */
export function sentPage(fields: Fields): number | undefined {
  return /^\d{1,2}$/.test(fields.step ?? '') ? Number(fields.step) : undefined;
}

/**
 * What a new member is made of, without what is no longer theirs to say: a registration waits for its proof for a day.
 * @param open the open interaction
 * @param registration what waited
 */
export function answersToKeep(
  open: Open,
  { attributes, release }: Pick<PendingRegistration, 'attributes' | 'release'>,
): AttributeWrite {
  const { attributes: definitions, brand } = open.place.experience;
  const { clientId } = open.ctx.state.visit;
  return {
    // A registration that began before an update of the program has none.
    values: Object.fromEntries(
      Object.entries(attributes ?? {}).filter(([name]) => isMembersOwn(definitions[name])),
    ),
    definitions,
    source: {
      by: 'member',
      brand: brand.id,
      ...(release && { release }),
      ...(clientId && { client: clientId }),
    },
  };
}

function isMembersOwn(definition: AttributeDefinition | undefined): boolean {
  return definition !== undefined && mayWrite(definition, { kind: 'member' });
}
