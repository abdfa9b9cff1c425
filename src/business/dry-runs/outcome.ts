/** What a person meets on a journey, told by the rules that pages and protocol go by. Pure: no database, no clock. */
import type { Experience } from '../experiences/experience.ts';
import { createExperiences, type Experiences } from '../experiences/experiences.ts';
import { attributesOfScope } from '../experiences/released-attributes.ts';
import type { Json } from '../layers/json.ts';
import type { DueQuestion } from '../profiles/profiling.ts';
import { requiredTerms, termsOfMember, textsAtRegistration } from '../purposes/asked-texts.ts';
import { createPurposes, type LegalText, type LegalTexts, type Purposes } from '../purposes/purposes.ts';
import type { LiveConfiguration } from '../releases/live.ts';
import {
  type AskedField,
  askedFields,
  askedOnAccount,
  askedQuestions,
  consentFields,
} from './asked-fields.ts';
import type { Journey } from './journey.ts';
import { type LookFacts, lookFacts } from './look-facts.ts';

/** What the pages of a journey follow from. */
export interface PageFacts {
  kind: Journey['kind'];
  /** The way the person takes. */
  method: string;
  /** Ways to sign in that are offered and work. */
  methods: readonly string[];
  firstParty: boolean;
  /** Whether required terms are still to be agreed to. */
  termsMissing: boolean;
  /** Whether questions are put before the client gets anything. */
  questionsDue: boolean;
}

/** Least demands on a new password. */
export interface PasswordDemands {
  minLength: number;
  minStrength: number;
}

/** What speaks for a language on a journey. */
export interface LanguageAsked {
  acceptLanguage: string;
  brandDefault: string;
  offered: readonly string[] | undefined;
}

/** Rules of later layers that a journey goes by: the very functions that pages and protocol use. */
export interface JourneyRules {
  /** The pages of ours that the person sees, in order. */
  pages(facts: PageFacts): readonly string[];
  /** Of the ways that an experience offers those that work in this process. */
  workingMethods(methods: readonly string[]): readonly string[];
  /** The strictest of what the process and several places ask of a password. */
  passwordDemands(...more: readonly Experience['settings']['password'][]): PasswordDemands;
  /** Claims that a scope releases by itself. */
  claimsOfScope(scope: string): readonly string[];
  /** The language of an answer. */
  negotiate(wishes: LanguageAsked): string;
}

/** A configuration as members would meet it. */
export interface World {
  experiences: Experiences;
  purposes: Pick<Purposes, 'forVisit'>;
}

/** A legal text that is asked. */
export interface AskedText {
  id: string;
  kind: LegalText['kind'];
  version: string;
  language: string;
  hash: string;
}

/** What somebody meets on a journey; parts that a kind of journey does not touch are absent. */
export interface Outcome {
  language: string;
  jurisdiction: string;
  look?: LookFacts;
  /** Texts of the brand's own, in the language. */
  texts?: Readonly<Record<string, string>>;
  signIn?: {
    /** What can be typed to say who one is. */
    identifier: string;
    /** In the order in which they are offered. */
    methods: readonly string[];
    /** Whether the way that the person takes is among them. */
    possible: boolean;
  };
  pages?: readonly string[];
  fields?: readonly AskedField[];
  /** What the forms of the account pages ask, by form. */
  forms?: Readonly<Record<string, readonly AskedField[]>>;
  /** What is asked beside forms, of somebody who has answered nothing. */
  questions?: readonly DueQuestion[];
  legal?: readonly AskedText[];
  purposes?: readonly (AskedText & { given?: boolean })[];
  /** Absent where there are no passwords. */
  password?: PasswordDemands;
  age?: { minimum: number; admitted: 'yes' | 'no' | 'unknown' };
  /** What is still to be agreed to before the client gets anything. */
  missingTerms?: readonly AskedText[];
  /** How old a sign-in may be, and the levels that scopes need. */
  session?: { freshSeconds?: number; levels: Readonly<Record<string, Json>> };
  /** Claims by scope. */
  claims?: Readonly<Record<string, readonly string[]>>;
  mails?: { sender: string; replyTo?: string };
}

/**
 * A configuration as members would meet it at a moment.
 * @param live what is live, or would be
 * @param at milliseconds since the epoch: which versions of legal texts are in force
 */
export function worldOf(live: LiveConfiguration, at: number): World {
  const frozen = { current: () => live, onChange: () => undefined };
  const clock = { now: () => at };
  const purposes = createPurposes({ clock, live: frozen, published: [] });
  const texts = new Map<string, LegalTexts>();
  return {
    experiences: createExperiences(frozen),
    purposes: {
      // Nothing changes here, and hundreds of journeys ask for the same texts.
      forVisit(query) {
        const key = JSON.stringify([query.brand, query.market, query.jurisdiction, query.locale]);
        const known = texts.get(key) ?? purposes.forVisit(query);
        texts.set(key, known);
        return known;
      },
    },
  };
}

/**
 * What somebody meets on a journey.
 * @param world a configuration
 * @param journey who wants what where
 * @param rules rules of later layers
 * @returns undefined where there is no such brand or market
 */
export function journeyOutcome(world: World, journey: Journey, rules: JourneyRules): Outcome | undefined {
  const { brand, market, clientId } = journey;
  const experience = world.experiences.experienceFor({ clientId, brand, market });
  if (experience.brand.id !== brand || experience.market.id !== market) return undefined;
  const meeting = meet(world, journey, experience, rules);
  const make = outcomes[journey.kind];
  return { language: meeting.language, jurisdiction: experience.jurisdiction, ...make(meeting) };
}

/** A journey at its place. */
interface Meeting {
  world: World;
  journey: Journey;
  experience: Experience;
  rules: JourneyRules;
  language: string;
  methods: readonly string[];
}

function meet(world: World, journey: Journey, experience: Experience, rules: JourneyRules): Meeting {
  const { locales, methods } = experience;
  const language = rules.negotiate({
    acceptLanguage: journey.locale,
    brandDefault: locales.default,
    offered: locales.offered,
  });
  return { world, journey, experience, rules, language, methods: rules.workingMethods(methods) };
}

type Part = (meeting: Meeting) => Partial<Outcome>;

const outcomes: Readonly<Record<Journey['kind'], Part>> = {
  register: (meeting) => ({
    ...seen(meeting),
    ...waysIn(meeting),
    fields: askedFields(meeting.experience, meeting.language),
    ...asked(meeting),
    ...password(meeting),
    ...age(meeting),
    ...mails(meeting),
  }),
  'sign-in': (meeting) => ({
    ...seen(meeting),
    ...waysIn(meeting),
    ...missing(meeting),
    ...questions(meeting),
    ...session(meeting),
  }),
  recover: (meeting) => ({ ...seen(meeting), ...waysIn(meeting), ...password(meeting), ...mails(meeting) }),
  account: (meeting) => ({
    ...seen(meeting),
    ...offered(meeting),
    ...forms(meeting),
    ...choices(meeting),
    ...password(meeting),
  }),
  consent: (meeting) => ({ ...seen(meeting), ...pages(meeting), ...missing(meeting), ...claims(meeting) }),
  token: (meeting) => ({ ...missing(meeting), ...session(meeting), ...claims(meeting) }),
};

function seen({ experience, language }: Meeting): Partial<Outcome> {
  const texts = experience.settings.texts[language];
  return { look: lookFacts(experience.look), ...(texts && { texts }) };
}

function offered({ experience, methods, journey }: Meeting): Partial<Outcome> {
  const possible = methods.includes(journey.method);
  return { signIn: { identifier: experience.identifierKind, methods, possible } };
}

function waysIn(meeting: Meeting): Partial<Outcome> {
  return { ...offered(meeting), ...pages(meeting) };
}

function pages(meeting: Meeting): Partial<Outcome> {
  const { kind, method, firstParty } = meeting.journey;
  const termsMissing = kind !== 'register' && missingTerms(meeting).length > 0;
  const questionsDue = kind === 'sign-in' && questionsOf(meeting).length > 0;
  const facts = { kind, method, methods: meeting.methods, firstParty, termsMissing, questionsDue };
  return { pages: meeting.rules.pages(facts) };
}

function textsHere({ world, experience, language }: Meeting): LegalTexts {
  const { brand, market, jurisdiction } = experience;
  return world.purposes.forVisit({ brand: brand.id, market: market.id, jurisdiction, locale: language });
}

function asked(meeting: Meeting): Partial<Outcome> {
  const { askAtRegistration } = meeting.experience.settings.purposes;
  const here = textsHere(meeting);
  const asFields = consentFields(meeting.experience);
  const texts = textsAtRegistration(here, askAtRegistration);
  const further = here.purposes.filter(
    (text) => asFields.includes(text.id) && !texts.purposes.includes(text),
  );
  return {
    legal: [...requiredTerms(texts), ...texts.notices].map(textFacts),
    purposes: [...texts.purposes, ...further].map(textFacts),
  };
}

/** Of the home market, whatever site the member came from. */
function forms(meeting: Meeting): Partial<Outcome> {
  const { brand, market, person } = meeting.journey;
  const experience = meeting.world.experiences.experienceFor({ brand, market: person.market ?? market });
  const { purposes } = textsHere({ ...meeting, experience });
  return { forms: askedOnAccount(experience, meeting.language, purposes) };
}

/** The purposes that the member can decide on at any time. */
function choices(meeting: Meeting): Partial<Outcome> {
  const { given } = meeting.journey.person;
  const { purposes } = textsHere(meeting);
  const facts = purposes.map((text) => ({
    ...textFacts(text),
    ...(given && { given: given.includes(text.id) }),
  }));
  return { purposes: facts };
}

function missing(meeting: Meeting): Partial<Outcome> {
  return { missingTerms: missingTerms(meeting).map(textFacts) };
}

function questionsOf({ experience, journey }: Meeting): DueQuestion[] {
  return askedQuestions(experience, { clientId: journey.clientId ?? '', scopes: journey.scopes });
}

/** Absent where there are none, as for almost everybody. */
function questions(meeting: Meeting): Partial<Outcome> {
  const due = questionsOf(meeting);
  return due.length > 0 ? { questions: due } : {};
}

function missingTerms({ world, journey, experience, language }: Meeting): LegalText[] {
  const { agreed, market = experience.market.id } = journey.person;
  if (!agreed) return [];
  const terms = termsOfMember(world, { brand: experience.brand.id, market, locale: language });
  return terms.filter(({ id, version }) => !agreed.includes(`${id} ${version}`));
}

/**
 * What somebody has agreed to who has agreed to everything, as `id version`.
 * @param world a configuration
 * @param journey who and where
 */
export function everythingAgreed(world: World, journey: Journey): string[] {
  const market = journey.person.market ?? journey.market;
  const terms = termsOfMember(world, { brand: journey.brand, market, locale: journey.locale });
  return terms.map(({ id, version }) => `${id} ${version}`);
}

function textFacts({ id, kind, version, language, hash }: LegalText): AskedText {
  return { id, kind, version, language, hash };
}

function password({ world, journey, experience, rules, methods }: Meeting): Partial<Outcome> {
  if (!methods.includes('password')) return {};
  const { market } = journey.person;
  const home = market && world.experiences.experienceFor({ brand: experience.brand.id, market });
  const more = home ? [home.settings.password] : [];
  return { password: rules.passwordDemands(experience.settings.password, ...more) };
}

function age({ experience, journey }: Meeting): Partial<Outcome> {
  const { minimumAge: minimum } = experience.settings.legal;
  const [from, to] = journey.person.age ?? [0, 150];
  const admitted = from >= minimum ? 'yes' : to < minimum ? 'no' : 'unknown';
  return { age: { minimum, admitted } };
}

function session({ experience, journey }: Meeting): Partial<Outcome> {
  const { session: rules, acr } = experience.settings;
  const levels = Object.fromEntries(
    journey.scopes.flatMap((scope) => {
      const level = Object.hasOwn(acr, scope) ? acr[scope] : undefined;
      return level ? [[scope, level as Json] as const] : [];
    }),
  );
  const { freshSeconds } = rules;
  return { session: { levels, ...(freshSeconds !== undefined && { freshSeconds }) } };
}

function claims({ experience, journey, rules }: Meeting): Partial<Outcome> {
  const { clientId = '', scopes } = journey;
  const released = scopes.map((scope) => {
    const attributes = attributesOfScope(experience.settings, { clientId, scopes }, scope);
    return [scope, [...new Set([...rules.claimsOfScope(scope), ...attributes])].sort()] as const;
  });
  return { claims: Object.fromEntries(released.filter(([, names]) => names.length > 0)) };
}

function mails({ experience }: Meeting): Partial<Outcome> {
  const { senderName, replyTo } = experience.settings.mails;
  return { mails: { sender: senderName ?? experience.look.name, ...(replyTo && { replyTo }) } };
}
