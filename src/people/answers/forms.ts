/**
 * Forms of signed-in members: what a form of an experience asks this very member, and keeping what they answer.
 * Surfaces draw forms and bring answers; what may be asked, shown and changed is decided here, the same for a page
 * and for an API. Never answers anything about anybody else.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Database } from '../../base/db/connection.ts';
import { inTransaction, type Tx } from '../../base/db/transaction.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import { DomainError, FormError } from '../../base/kernel/errors.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import type { Experience } from '../../business/experiences/experience.ts';
import type { Experiences } from '../../business/experiences/experiences.ts';
import { mayRead, mayWrite } from '../../business/profiles/attribute-access.ts';
import type { AttributeValue } from '../../business/profiles/attribute-values.ts';
import { valueContext } from '../../business/profiles/attribute-values.ts';
import {
  type AnswerSource,
  type FormAnswers,
  type FormContext,
  readForm,
} from '../../business/profiles/form-answers.ts';
import { type FormDefinition, formNamed, registrationForm } from '../../business/profiles/form-shape.ts';
import type { Purposes, PurposeText } from '../../business/purposes/purposes.ts';
import type { Consents } from '../consents/consents.ts';
import type { Member, Members } from '../members/members.ts';

/** A form as it stands for one member. */
export interface MemberForm {
  name: string;
  form: FormDefinition;
  context: FormContext;
  /** What the member answered before and may read; a consent only where it was decided. */
  answers: FormAnswers;
  /** The purposes the form can ask, in the texts that apply to the member. */
  purposes: readonly PurposeText[];
}

/** Whose form, where, in which language. */
export interface FormVisit {
  experience: Experience;
  member: Member;
  /** BCP 47 language of the legal texts. */
  locale: string;
}

/** How answers reached us. */
export interface AnsweredBy {
  visit: Visit;
  channel: 'web' | 'app' | 'api';
  /** The app it came through. */
  clientId?: string | undefined;
}

/** Forms of members as other modules see them. */
export interface MemberForms {
  /** The form of a name. @throws DomainError `form.unknown` */
  read(at: FormVisit, name: string): Promise<MemberForm>;
  /** Reads answers to the whole form and keeps them. @throws FormError with every fault @returns names of what changed */
  submit(at: FormVisit, name: string, source: AnswerSource, by: AnsweredBy): Promise<string[]>;
}

/** What the forms are made of. */
export interface MemberFormsDeps {
  db: Database;
  clock: Clock;
  experiences: Pick<Experiences, 'experienceFor'>;
  purposes: Pick<Purposes, 'forVisit'>;
  members: Members;
  consents: Consents;
  /** Languages a member can choose. */
  locales: readonly string[];
}

/**
 * Builds the forms of members.
 * @param deps databases, clock, experiences, purposes, members, consents, languages
 */
export function createMemberForms(deps: MemberFormsDeps): MemberForms {
  async function read({ experience, member, locale }: FormVisit, name: string): Promise<MemberForm> {
    const form = name === registrationForm ? undefined : formNamed(experience.forms, name);
    if (!form) throw new DomainError('form.unknown');
    const purposes = purposesOf(deps, { experience, member, locale }, form);
    const context: FormContext = {
      ...valueContext(deps.clock.now(), experience.market),
      attributes: writable(experience),
      purposes: purposes.map(({ id }) => id),
      locales: deps.locales,
    };
    return { name, form, context, purposes, answers: await knownAnswers(deps, { experience, member }, form) };
  }

  /** Keeps answers in one transaction with their events; only what differs is written. */
  async function save(
    at: FormVisit,
    { context, purposes, answers: before }: MemberForm,
    answers: FormAnswers,
    by: AnsweredBy,
  ): Promise<string[]> {
    const { experience, member } = at;
    const values = changedValues(experience, before, answers);
    const consents = Object.entries(answers.consents).filter(
      ([purpose, given]) => before.consents[purpose] !== given,
    );
    const renamed = answers.name !== undefined && (answers.name ?? '') !== (before.name ?? '');
    const relocated = answers.locale !== undefined && answers.locale !== member.locale;
    const { visit, channel, clientId } = by;
    await inTransaction(deps.db, async (tx) => {
      const source = {
        by: 'member' as const,
        release: experience.release,
        ...(clientId && { client: clientId }),
      };
      const write = { values, definitions: context.attributes, source };
      if (Object.keys(values).length > 0) await deps.members.setAttributes(tx, member, write, visit);
      if (renamed) await deps.members.updateProfile(tx, member, { name: answers.name ?? '' }, visit);
      if (relocated) await deps.members.setLocale(tx, member, answers.locale ?? member.locale, visit);
      for (const [id, given] of consents) {
        const text = purposes.find((purpose) => purpose.id === id);
        if (text)
          await decide(deps, tx, { member, text, given, before: before.consents[id] }, { visit, channel });
      }
    });
    return [
      ...Object.keys(values),
      ...(renamed ? ['name'] : []),
      ...(relocated ? ['locale'] : []),
      ...consents.map(([purpose]) => purpose),
    ];
  }

  return {
    read,
    async submit(at, name, source, by) {
      const form = await read(at, name);
      const { answers, faults } = readForm(form.form, source, {
        before: form.answers,
        context: form.context,
      });
      if (faults.length > 0) throw new FormError(faults);
      return save(at, form, answers, by);
    },
  };
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
function purposesOf(
  deps: MemberFormsDeps,
  { experience, member, locale }: FormVisit,
  form: FormDefinition,
): PurposeText[] {
  const asked = asksIn(form, 'consent');
  if (asked.size === 0) return [];
  const brand = experience.brand.id;
  const { jurisdiction, market } = deps.experiences.experienceFor({ brand, market: member.market });
  const { purposes } = deps.purposes.forVisit({ brand, market: market.id, jurisdiction, locale });
  return purposes.filter(({ id }) => asked.has(id));
}

const noValues: Readonly<Record<string, AttributeValue>> = {};

async function knownAnswers(
  deps: MemberFormsDeps,
  { experience, member }: Pick<FormVisit, 'experience' | 'member'>,
  form: FormDefinition,
): Promise<FormAnswers> {
  const attributes = asksIn(form, 'attribute');
  const consents = asksIn(form, 'consent');
  const asksName = form.steps.some(({ fields }) => fields.some(({ core }) => core === 'name'));
  // Name and attributes read the member's key, in one command.
  const [values, { purposes: decided }, { name }] = await Promise.all([
    attributes.size > 0 ? deps.members.attributes(member) : noValues,
    consents.size > 0 ? deps.consents.current(member._id) : { purposes: [] },
    asksName ? deps.members.profile(member) : { name: undefined },
  ]);
  const readable = Object.entries(values).filter(([name]) => {
    const definition = Object.hasOwn(experience.attributes, name) ? experience.attributes[name] : undefined;
    return attributes.has(name) && definition && mayRead(definition, { kind: 'member' });
  });
  return {
    attributes: Object.fromEntries(readable),
    consents: Object.fromEntries(
      decided
        .filter(({ purposeId }) => consents.has(purposeId))
        .map(({ purposeId, kind }) => [purposeId, kind === 'given']),
    ),
    ...(name !== undefined && { name }),
    locale: member.locale,
  };
}

/** What differs; a value that the member cannot see is not taken away by leaving its field empty. */
function changedValues(
  { attributes }: Pick<Experience, 'attributes'>,
  before: FormAnswers,
  answers: FormAnswers,
): Record<string, AttributeValue | null> {
  const changed = Object.entries(answers.attributes).filter(([name, value]) => {
    const definition = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    const known = Object.hasOwn(before.attributes, name) ? before.attributes[name] : undefined;
    if (!definition || !mayWrite(definition, { kind: 'member' })) return false;
    return value === null ? known !== undefined : !isDeepStrictEqual(value, known);
  });
  return Object.fromEntries(changed);
}

/** Given is taken back by withdrawing it; anything else is a decision on the text. */
async function decide(
  deps: Pick<MemberFormsDeps, 'consents'>,
  tx: Tx,
  decided: { member: Member; text: PurposeText; given: boolean; before: boolean | undefined },
  { visit, channel }: Pick<AnsweredBy, 'visit' | 'channel'>,
): Promise<void> {
  const { member, text, given, before } = decided;
  const { _id: memberId, home } = member;
  if (before === true && !given) {
    await deps.consents.withdrawWithin(tx, { memberId, purposeId: text.id }, visit, channel);
    return;
  }
  const decisions = [{ text, kind: given ? ('given' as const) : ('refused' as const) }];
  await deps.consents.record(tx, { memberId, home, decisions, visit, channel });
}
