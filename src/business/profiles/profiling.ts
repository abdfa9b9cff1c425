/** Which questions are due: at most two at a time, required ones first, and none a second time. Pure. */
import { holds, type KnownValues } from './condition.ts';
import type { ProfilingRule, ProfilingRules } from './profiling-shape.ts';

/** Most questions on one page. */
const mostQuestions = 2;

/** Where a visit leads, and what is known without looking further. */
export interface ProfilingVisit {
  clientId: string;
  /** Scopes that are asked for. */
  scopes: readonly string[];
  /** The day it is, as yyyy-mm-dd, where the member lives. */
  today: string;
  /** What the member has answered, wherever that was. */
  values: KnownValues;
}

/** Everything that questions are chosen by. */
export interface ProfilingFacts extends ProfilingVisit {
  /** How often the member has signed in so far, this time included. */
  signIns: number;
  /** Whether the member has just signed in; else a session led here. */
  atSignIn: boolean;
  /** Attributes that a rule asked before, whether they were answered or skipped. */
  asked: ReadonlySet<string>;
}

/** A question that is due. */
export interface DueQuestion {
  /** Id of the rule that asks it. */
  rule: string;
  attribute: string;
  required: boolean;
}

/**
 * The questions to put now. A required one comes back until it is answered, whatever was skipped before; any other is
 * put once in a lifetime, and one that waits for a number of sign-ins only at a sign-in.
 * @param rules the rules of the experience
 * @param facts who comes from where
 */
export function dueQuestions(rules: ProfilingRules, facts: ProfilingFacts): DueQuestion[] {
  return allDue(rules, facts).slice(0, mostQuestions);
}

/** The same, however many they are. */
function allDue(rules: ProfilingRules, facts: ProfilingFacts): DueQuestion[] {
  const due = new Map<string, DueQuestion>();
  const applying = Object.entries(rules).filter(([, rule]) => applies(rule, facts));
  const inOrder = [...applying.filter(([, { required }]) => required), ...applying];
  for (const [rule, { ask, required = false }] of inOrder) {
    for (const attribute of ask) {
      if (due.has(attribute) || isAnswered(facts.values, attribute, required)) continue;
      if (required || !facts.asked.has(attribute)) due.set(attribute, { rule, attribute, required });
    }
  }
  return [...due.values()];
}

/**
 * The rules that can ever ask on the way to a client.
 * @param rules the rules of the experience
 * @param clientId the client
 */
export function rulesFor(rules: ProfilingRules, clientId: string): ProfilingRules {
  const own = Object.entries(rules).filter(([, { when }]) => when?.clients?.includes(clientId) ?? true);
  return Object.fromEntries(own);
}

/**
 * The questions that a visit could bring, decided without what only the member's memory of questions tells (how often
 * they signed in, what they skipped): where there are none, that memory need not be read. One is certain when it is
 * required and waits for no sign-in.
 * @param rules the rules of the experience
 * @param visit where the visit leads
 * @param atSignIn whether the member has just signed in
 */
export function possibleQuestions(
  rules: ProfilingRules,
  visit: ProfilingVisit,
  atSignIn: boolean,
): { any: boolean; certain: boolean } {
  const possible = questionsInTime(rules, { ...visit, atSignIn });
  return {
    any: possible.length > 0,
    certain: possible.some(({ rule, required }) => required && rules[rule]?.when?.signIns === undefined),
  };
}

/**
 * Those of the scopes that wait for an answer. What the app waits for whatever it asks is asked where it sends the
 * member next, and holds back none of them.
 * @param rules the rules of the experience
 * @param facts who comes from where
 */
export function waitingScopes(rules: ProfilingRules, facts: ProfilingFacts): string[] {
  const needed = Object.fromEntries(Object.entries(rules).filter(([, { required }]) => required));
  const missing = (scopes: readonly string[]) =>
    allDue(needed, { ...facts, scopes }).map(({ attribute }) => attribute);
  const anyway = new Set(missing([]));
  return facts.scopes.filter((scope) => missing([scope]).some((attribute) => !anyway.has(attribute)));
}

/**
 * What is due for whoever has signed in often enough and was never asked.
 * @param rules the rules of the experience
 * @param visit where the visit leads, and whether the member has just signed in
 */
export function questionsInTime(
  rules: ProfilingRules,
  visit: ProfilingVisit & { atSignIn: boolean },
): DueQuestion[] {
  return dueQuestions(rules, { ...visit, signIns: Number.POSITIVE_INFINITY, asked: new Set() });
}

function applies({ when = {}, required = false }: ProfilingRule, facts: ProfilingFacts): boolean {
  const { signIns, clients, scopes, attributes, until } = when;
  return (
    (signIns === undefined || (facts.signIns >= signIns && (required || facts.atSignIn))) &&
    (clients === undefined || clients.includes(facts.clientId)) &&
    (scopes === undefined || scopes.some((scope) => facts.scopes.includes(scope))) &&
    (attributes === undefined || attributes.every((condition) => holds(condition, facts.values))) &&
    (until === undefined || facts.today <= until)
  );
}

/** As in a form: a box that must be ticked is not answered by leaving it empty. */
function isAnswered(values: KnownValues, attribute: string, required: boolean): boolean {
  const value = Object.hasOwn(values, attribute) ? (values[attribute] ?? undefined) : undefined;
  return value !== undefined && !(required && value === false);
}
