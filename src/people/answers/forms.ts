/**
 * Forms of signed-in members: what a form of an experience asks this very member, and keeping what they answer.
 * Surfaces draw forms and bring answers; what may be asked, shown and changed is decided here, the same for a page
 * and for an API. Never answers anything about anybody else.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Tx } from '../../base/db/transaction.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import { DomainError, FormError } from '../../base/kernel/errors.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import type { Experience } from '../../business/experiences/experience.ts';
import type { Experiences } from '../../business/experiences/experiences.ts';
import { mayRead, mayWrite } from '../../business/profiles/attribute-access.ts';
import type { AttributeDefinition } from '../../business/profiles/attribute-shape.ts';
import { type AttributeValue, valueContext } from '../../business/profiles/attribute-values.ts';
import {
  type AnswerSource,
  type FormAnswers,
  type FormContext,
  readForm,
} from '../../business/profiles/form-answers.ts';
import { type FormDefinition, formNamed, registrationForm } from '../../business/profiles/form-shape.ts';
import { isShown, type ShownText } from '../../business/purposes/asked-texts.ts';
import type { LegalQuery, Purposes, PurposeText } from '../../business/purposes/purposes.ts';
import { isLiveConsent, shortestAge, stepFor } from '../consents/consent-state.ts';
import type { ConsentState, Consents, CurrentDecision } from '../consents/consents.ts';
import type { AttributeChanges } from '../members/attributes.ts';
import type { Member, Members } from '../members/members.ts';

/** What a form asks somewhere, whoever answers. */
export interface AskedForm {
  form: FormDefinition;
  context: FormContext;
  /** The purposes the form can ask, in the texts that apply there. */
  purposes: readonly PurposeText[];
}

/** A form as it stands for one member. */
export interface MemberForm extends AskedForm {
  name: string;
  /** What the member answered before, as far as they and whoever draws the form may see it. */
  answers: FormAnswers;
  /** Everything that is known, to tell what differs when it is kept; never shown. */
  known: KnownAnswers;
  at: FormVisit;
}

/** What is known of a member whom a form asks. */
export interface KnownAnswers {
  attributes: Readonly<Record<string, AttributeValue>>;
  /** Where the member stands on the form's purposes. */
  decided: readonly CurrentDecision[];
  name: string | undefined;
}

/** Whose form, where, in which language. */
export interface FormVisit {
  experience: Experience;
  member: Member;
  /** BCP 47 language of the legal texts. */
  locale: string;
  /** What an app may see of the member; on our own pages the member sees what is theirs. */
  sight?: FormSight | undefined;
  /** Where the member stands, where that was read before; read where the form asks for a consent otherwise. */
  standing?: Pick<ConsentState, 'purposes'> | undefined;
}

/**
 * What an app that draws a form may see. To what it may not see it gets no hint either: hidden answers meet no
 * condition and fill no required field.
 */
export interface FormSight {
  attribute(definition: AttributeDefinition, name: string): boolean;
  consents: boolean;
  /** Name and language. */
  core: boolean;
}

/** How answers reached us. */
export interface AnsweredBy {
  visit: Visit;
  channel: 'web' | 'app' | 'api';
  /** The app it came through. */
  clientId?: string | undefined;
  /** By purpose the text that was shown, where the surface knows; a consent is recorded to no other. */
  shown?: Readonly<Record<string, ShownText>>;
}

/** Forms of members as other modules see them. */
export interface MemberForms {
  /** What the form of a name asks, whatever the member has answered. @throws DomainError `form.unknown` */
  asked(at: FormVisit, name: string): AskedForm;
  /**
   * The form of a name.
   * @param tx reads as this transaction sees it
   * @throws DomainError `form.unknown`
   */
  read(at: FormVisit, name: string, tx?: Tx): Promise<MemberForm>;
  /**
   * Judges answers to the whole form and keeps what differs, with its events, in the caller's transaction.
   * @param tx the transaction
   * @param form as it was read in this transaction
   * @throws FormError with every fault
   */
  keep(tx: Tx, form: MemberForm, source: AnswerSource, by: AnsweredBy): Promise<void>;
}

/** What the forms are made of. */
export interface MemberFormsDeps {
  clock: Clock;
  experiences: Pick<Experiences, 'experienceFor'>;
  purposes: Pick<Purposes, 'forVisit' | 'find'>;
  members: Members;
  consents: Consents;
  /** Languages a member can choose. */
  locales: readonly string[];
}

/**
 * Builds the forms of members.
 * @param deps clock, experiences, purposes, members, consents, languages
 */
export function createMemberForms(deps: MemberFormsDeps): MemberForms {
  const asks = (at: FormVisit, name: string): AskedForm => {
    const form = name === registrationForm ? undefined : formNamed(at.experience.forms, name);
    if (!form) throw new DomainError('form.unknown');
    return formAsked(deps, form, at.experience, legalQuery(deps, at));
  };
  return {
    asked: asks,
    async read(at, name, tx) {
      const asked = asks(at, name);
      const known = await knownAnswers(deps, at, asked.form, tx);
      return { ...asked, name, known, answers: seenAnswers(deps, at, known), at };
    },
    async keep(tx, form, source, by) {
      const { answers, faults } = readForm(form.form, source, {
        before: form.answers,
        context: form.context,
      });
      const consents = consentSteps(deps, form, answers, by);
      const outdated = consents.flatMap(({ id, text }) =>
        text ? [] : [{ field: `consents.${id}`, code: 'consent.text_changed' as const }],
      );
      if (faults.length + outdated.length > 0) throw new FormError([...faults, ...outdated]);
      await write(deps, tx, { form, answers, consents }, by);
    },
  };
}

/**
 * What a form asks somewhere, whoever answers.
 * @param deps clock, purposes, languages a member can choose
 * @param form the form
 * @param experience where it stands
 * @param law whose legal texts apply, in which language
 */
export function formAsked(
  deps: Pick<MemberFormsDeps, 'clock' | 'locales'> & { purposes: Pick<Purposes, 'forVisit'> },
  form: FormDefinition,
  experience: Experience,
  law: LegalQuery,
): AskedForm {
  const asked = asksIn(form, 'consent');
  const applying = asked.size === 0 ? [] : deps.purposes.forVisit(law).purposes;
  const purposes = applying.filter(({ id }) => asked.has(id));
  const context: FormContext = {
    ...valueContext(deps.clock.now(), experience.market),
    attributes: writable(experience),
    purposes: purposes.map(({ id }) => id),
    locales: deps.locales,
  };
  return { form, context, purposes };
}

/** Writes what differs. */
async function write(
  deps: MemberFormsDeps,
  tx: Tx,
  { form, answers, consents }: { form: MemberForm; answers: FormAnswers; consents: readonly ConsentStep[] },
  { visit, channel, clientId }: AnsweredBy,
): Promise<void> {
  const { experience, member } = form.at;
  const { _id: memberId, home } = member;
  const values = changedValues(form, answers);
  const source = {
    by: 'member' as const,
    release: experience.release,
    brand: experience.brand.id,
    ...(clientId && { client: clientId }),
  };
  if (Object.keys(values).length > 0) {
    const definitions = form.context.attributes;
    await deps.members.setAttributes(tx, member, { values, definitions, source }, visit);
  }
  const name = changedName(form, answers);
  if (name !== undefined) await deps.members.updateProfile(tx, member, { name }, visit);
  if (answers.locale !== undefined && answers.locale !== member.locale)
    await deps.members.setLocale(tx, member, answers.locale, visit);
  for (const { id, step, text } of consents) {
    if (step === 'withdraw') {
      await deps.consents.withdrawWithin(tx, { memberId, purposeId: id }, visit, channel);
    } else if (text) {
      const decisions = [{ text, kind: step === 'give' ? ('given' as const) : ('refused' as const) }];
      await deps.consents.record(tx, { memberId, home, decisions, visit, channel });
    }
  }
}

/** Attributes that a member may write; whatever a form says, no other is asked. */
function writable({ attributes }: Pick<Experience, 'attributes'>): Experience['attributes'] {
  const known = writableOf.get(attributes);
  if (known) return known;
  const kept = Object.entries(attributes).filter(([, definition]) =>
    mayWrite(definition, { kind: 'member' }),
  );
  const made = Object.fromEntries(kept);
  writableOf.set(attributes, made);
  return made;
}

const writableOf = new WeakMap<object, Experience['attributes']>();

function asksIn(form: FormDefinition, kind: 'attribute' | 'consent'): ReadonlySet<string> {
  return new Set(form.steps.flatMap(({ fields }) => fields.flatMap((field) => field[kind] ?? [])));
}

/** The law of the member's home market counts, whatever site the form stands on. */
function lawOf({ experiences }: MemberFormsDeps, { experience, member }: FormVisit): Experience {
  return experiences.experienceFor({ brand: experience.brand.id, market: member.market });
}

function legalQuery(deps: MemberFormsDeps, at: FormVisit): LegalQuery {
  const { brand, market, jurisdiction } = lawOf(deps, at);
  return { brand: brand.id, market: market.id, jurisdiction, locale: at.locale };
}

const noValues: Readonly<Record<string, AttributeValue>> = {};

/** What the member may see of what is known. */
async function knownAnswers(
  deps: MemberFormsDeps,
  { experience, member, standing }: FormVisit,
  form: FormDefinition,
  tx: Tx | undefined,
): Promise<KnownAnswers> {
  const attributes = asksIn(form, 'attribute');
  const consents = asksIn(form, 'consent');
  const asksName = form.steps.some(({ fields }) => fields.some(({ core }) => core === 'name'));
  // Name and attributes read the member's key, in one command.
  const [values, { purposes: decided }, { name }] = await Promise.all([
    attributes.size > 0 ? deps.members.attributes(member) : noValues,
    standing ?? (consents.size > 0 ? deps.consents.current(member._id, tx) : { purposes: [] }),
    asksName ? deps.members.profile(member) : { name: undefined },
  ]);
  const readable = Object.entries(values).filter(([name]) => {
    const definition = definitionOf(experience, name);
    return attributes.has(name) && definition && mayRead(definition, { kind: 'member' });
  });
  return {
    attributes: Object.fromEntries(readable),
    decided: decided.filter(({ purposeId }) => consents.has(purposeId)),
    name,
  };
}

function definitionOf(
  { attributes }: Pick<Experience, 'attributes'>,
  name: string,
): AttributeDefinition | undefined {
  return Object.hasOwn(attributes, name) ? attributes[name] : undefined;
}

/** What whoever draws the form may see of what the member may see. */
function seenAnswers(deps: MemberFormsDeps, at: FormVisit, known: KnownAnswers): FormAnswers {
  const { experience, member, sight } = at;
  const seen = Object.entries(known.attributes).filter(([name]) => {
    const definition = definitionOf(experience, name);
    return !sight || (definition !== undefined && sight.attribute(definition, name));
  });
  // What was given so long ago that it does not count any more is asked anew.
  const standing = known.decided.filter((current) => !isExpired(deps, at, current));
  const decided = sight?.consents === false ? [] : standing;
  return {
    attributes: Object.fromEntries(seen),
    consents: Object.fromEntries(decided.map(({ purposeId, kind }) => [purposeId, kind === 'given'])),
    ...(sight?.core !== false && {
      locale: member.locale,
      ...(known.name !== undefined && { name: known.name }),
    }),
  };
}

/** What differs; a value that nobody saw is not taken away by leaving its field empty. */
function changedValues({ answers: before, known }: MemberForm, answers: FormAnswers): AttributeChanges {
  const own = (values: FormAnswers['attributes'], name: string) =>
    Object.hasOwn(values, name) ? values[name] : undefined;
  const changed = Object.entries(answers.attributes).filter(([name, value]) =>
    value === null
      ? own(before.attributes, name) !== undefined
      : !isDeepStrictEqual(value, own(known.attributes, name)),
  );
  return Object.fromEntries(changed);
}

/** The same for the name. */
function changedName({ answers: before, known }: MemberForm, { name }: FormAnswers): string | undefined {
  const changed = name === null ? Boolean(before.name) : name !== (known.name ?? '');
  return name !== undefined && changed ? (name ?? '') : undefined;
}

/** What is to be recorded on a purpose. */
interface ConsentStep {
  id: string;
  step: 'give' | 'withdraw' | 'refuse';
  /** What it is recorded to; undefined where another text was shown than the one in force. */
  text: PurposeText | undefined;
}

/** A yes that stands in a form as it was found there says nothing new; one that names its text does. */
function consentSteps(
  deps: MemberFormsDeps,
  form: MemberForm,
  answers: FormAnswers,
  { shown: texts = {} }: AnsweredBy,
): ConsentStep[] {
  return Object.entries(answers.consents).flatMap(([id, given]): ConsentStep[] => {
    const shown = given && Object.hasOwn(texts, id) ? texts[id] : undefined;
    if (!shown && form.answers.consents[id] === given) return [];
    const inForce = form.purposes.find((purpose) => purpose.id === id);
    const text = shown ? textShown(deps, form.at, id, shown) : inForce;
    if (!text) return [{ id, step: 'give', text }];
    const current = form.known.decided.find(({ purposeId }) => purposeId === id);
    const expired = current !== undefined && isExpired(deps, form.at, current);
    const step = stepFor({ text, current, expired }, given ? 'give' : 'withdraw');
    return step ? [{ id, step, text }] : [];
  });
}

function isExpired(deps: MemberFormsDeps, at: FormVisit, current: CurrentDecision): boolean {
  const age = shortestAge([lawOf(deps, at), at.experience]);
  return current.kind === 'given' && !isLiveConsent(current, deps.clock.now(), age);
}

/** The text in force, if it is the one that was shown. */
function textShown(
  deps: MemberFormsDeps,
  at: FormVisit,
  id: string,
  shown: ShownText,
): PurposeText | undefined {
  const text = deps.purposes.find(id, legalQuery(deps, { ...at, locale: shown.language }));
  return text?.kind === 'purpose' && isShown(text, shown) ? text : undefined;
}
