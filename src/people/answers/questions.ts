/**
 * Progressive questions: what a member is asked on the way to an app, beside the forms. Owns the memory of what was
 * put to whom. Never shows a page, and never decides what a rule says.
 */
import type { Database } from '../../base/db/connection.ts';
import { inTransaction, type Tx } from '../../base/db/transaction.ts';
import type { Events } from '../../base/events/record.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import type { Experience } from '../../business/experiences/experience.ts';
import type { AttributeValue } from '../../business/profiles/attribute-values.ts';
import type { KnownValues } from '../../business/profiles/condition.ts';
import { dayIn } from '../../business/profiles/iso-day.ts';
import {
  type DueQuestion,
  dueQuestions,
  type ProfilingVisit,
  possibleQuestions,
  rulesFor,
  waitingScopes,
} from '../../business/profiles/profiling.ts';
import { attributeNames } from '../members/attributes.ts';
import type { Member, Members } from '../members/members.ts';
import { createQuestionMemory, nothingRemembered, type Remembered } from './question-memory.ts';

/** Where a member is on the way to. */
export interface QuestionVisit {
  experience: Pick<Experience, 'attributes' | 'brand' | 'profiling' | 'market' | 'release'>;
  clientId: string;
  /** Scopes that the client asks for. */
  scopes: readonly string[];
}

/** What came of questions. */
export interface PutQuestions {
  due: readonly DueQuestion[];
  /** By attribute; what is `null` or absent was left open. */
  answers: Readonly<Record<string, AttributeValue | null>>;
  visit: Visit;
}

/** Progressive questions as other modules see them. */
export interface Questions {
  /** Counts a sign-in in its transaction. One command where there are rules for the app, none where there are not. @returns whether something is due */
  signedIn(tx: Tx, member: Member, at: QuestionVisit): Promise<boolean>;
  /** What must be answered before anything is issued. Reads nothing unless a rule waits for a number of sign-ins, or for a sealed box to be ticked. */
  missing(member: Member, at: QuestionVisit): Promise<DueQuestion[]>;
  /** Those of the scopes that wait for an answer; reads what `missing` does, however many scopes there are. */
  waitingScopes(member: Member, at: QuestionVisit): Promise<string[]>;
  /** Whether a member whose session leads to the client can be asked something. */
  mayAsk(member: Member, at: QuestionVisit): Promise<boolean>;
  /** The questions to put now, at most two. */
  due(member: Member, at: QuestionVisit & { atSignIn: boolean }): Promise<DueQuestion[]>;
  /** Keeps answers, and that the rest was skipped, in one transaction. A required question cannot be skipped. */
  keep(member: Member, at: QuestionVisit, put: PutQuestions): Promise<void>;
}

/** What the questions are made of. */
export interface QuestionsDeps {
  db: Database;
  clock: Clock;
  members: Pick<Members, 'setAttributes' | 'attributes'>;
  events: Events;
}

/**
 * Builds the questions.
 * @param deps databases, clock, members, events
 */
export function createQuestions(deps: QuestionsDeps): Questions {
  const memory = createQuestionMemory({ connection: deps.db.main, clock: deps.clock });

  const visitOf = async (member: Member, at: QuestionVisit): Promise<ProfilingVisit> => ({
    clientId: at.clientId,
    scopes: at.scopes,
    today: dayIn(deps.clock.now(), at.experience.market.timeZone),
    values: await knownOf(deps, member, at.experience),
  });

  /** The rules without whose answer nothing is issued, where one of them could wait for one. */
  async function neededOf(member: Member, at: QuestionVisit) {
    const rules = Object.entries(at.experience.profiling).filter(([, { required }]) => required);
    if (rules.length === 0) return undefined;
    const profiling = Object.fromEntries(rules);
    const asking = { ...(await visitOf(member, at)), atSignIn: false };
    const { any, certain } = possibleQuestions(profiling, asking, false);
    return any ? { profiling, asking, certain } : undefined;
  }

  /** Reads the memory only where it can make a difference. */
  async function due(member: Member, at: QuestionVisit & { atSignIn: boolean }): Promise<DueQuestion[]> {
    const { profiling } = at.experience;
    if (Object.keys(profiling).length === 0) return [];
    const asking = { ...(await visitOf(member, at)), atSignIn: at.atSignIn };
    const { any } = possibleQuestions(profiling, asking, at.atSignIn);
    return any ? choose(profiling, asking, await memory.read(member._id)) : [];
  }

  return {
    due,
    async signedIn(tx, member, at) {
      const rules = rulesFor(at.experience.profiling, at.clientId);
      if (Object.keys(rules).length === 0) return false;
      const remembered = await memory.countSignIn(tx, member);
      return choose(rules, { ...(await visitOf(member, at)), atSignIn: true }, remembered).length > 0;
    },
    async missing(member, at) {
      const needed = await neededOf(member, at);
      if (!needed) return [];
      const { profiling, asking, certain } = needed;
      return choose(profiling, asking, certain ? nothingRemembered : await memory.read(member._id));
    },
    async waitingScopes(member, at) {
      const needed = await neededOf(member, at);
      if (!needed) return [];
      const { profiling, asking } = needed;
      // Only a rule that waits for a number of sign-ins asks what was before.
      const counts = Object.values(profiling).some(({ when }) => when?.signIns !== undefined);
      const { signIns } = counts ? await memory.read(member._id) : nothingRemembered;
      return waitingScopes(profiling, { ...asking, signIns, asked: new Set() });
    },
    mayAsk: async (member, at) => (await due(member, { ...at, atSignIn: false })).length > 0,
    async keep(member, at, { due: put, answers, visit }) {
      const { attributes, brand, release } = at.experience;
      const given = put.flatMap(({ attribute }): [string, AttributeValue][] => {
        const value = Object.hasOwn(answers, attribute) ? answers[attribute] : null;
        return value === null || value === undefined ? [] : [[attribute, value]];
      });
      const values = Object.fromEntries(given);
      const skipped = put.filter(({ attribute, required }) => !required && !Object.hasOwn(values, attribute));
      const kept = put.filter(({ attribute }) => Object.hasOwn(values, attribute));
      const record = (rule: string, outcome: 'answered' | 'skipped') => ({
        rule,
        outcome,
        release,
        client: at.clientId,
      });
      await inTransaction(deps.db, async (tx) => {
        const source = { by: 'member' as const, release, brand: brand.id, client: at.clientId };
        await deps.members.setAttributes(tx, member, { values, definitions: attributes, source }, visit);
        await memory.note(tx, member, {
          ...Object.fromEntries(kept.map(({ attribute, rule }) => [attribute, record(rule, 'answered')])),
          ...Object.fromEntries(skipped.map(({ attribute, rule }) => [attribute, record(rule, 'skipped')])),
        });
        await deps.events.record(tx, {
          type: 'member.questioned',
          memberId: member._id,
          home: member.home,
          visit,
          data: { answered: namesOf(kept), skipped: namesOf(skipped), client: at.clientId },
        });
      });
    },
  };
}

/** What is to be asked now, by what is remembered of the member. */
function choose(
  profiling: Experience['profiling'],
  asking: ProfilingVisit & { atSignIn: boolean },
  { signIns, asked }: Remembered,
): DueQuestion[] {
  return dueQuestions(profiling, { ...asking, signIns, asked: new Set(Object.keys(asked)) });
}

function namesOf(questions: readonly DueQuestion[]): string {
  return questions.map(({ attribute }) => attribute).join(' ');
}

/** What is known of a member: ordinary traits, and that the others are there; opened are only boxes that must be ticked. */
async function knownOf(
  { members }: Pick<QuestionsDeps, 'members'>,
  member: Member,
  { profiling, attributes }: QuestionVisit['experience'],
): Promise<KnownValues> {
  const known = attributeNames(member).map((name) => [name, member.traits[name] ?? true] as const);
  const needed = Object.values(profiling).flatMap(({ ask, required }) => (required ? ask : []));
  const boxes = known.flatMap(([name]) =>
    needed.includes(name) && attributes[name]?.type === 'boolean' && !Object.hasOwn(member.traits, name)
      ? [name]
      : [],
  );
  const opened = boxes.length > 0 ? await members.attributes(member, boxes) : {};
  return { ...Object.fromEntries(known), ...opened };
}
