/** The pages that somebody sees on a journey, in order: the same function names each of them as for a real visitor. Pure. */
import { type Flow, nextStep, type Step, stepAfter, stepAfterIdentifier } from './flow.ts';
import { isStepOffered, type SignInMethod, typedMethods } from './methods.ts';

/** What the pages follow from. */
export interface JourneyFacts {
  kind: string;
  method: SignInMethod;
  /** Ways to sign in that are offered and work. */
  methods: readonly SignInMethod[];
  firstParty: boolean;
  termsMissing: boolean;
  questionsDue: boolean;
}

/** More than any journey has. */
const mostPages = 12;

/**
 * The pages in order; the first one alone where the way that is taken is not offered.
 * @param facts what the person sets out to do
 */
export function journeyPages(facts: JourneyFacts): Step[] {
  const signsIn = facts.kind !== 'consent';
  const after = [
    ...(facts.termsMissing ? ['terms'] : []),
    ...(facts.questionsDue ? ['questions'] : []),
    ...(facts.firstParty ? [] : ['consent']),
  ];
  const first = signsIn ? signInPages(facts) : [];
  const arrives = !signsIn || facts.methods.includes(facts.method);
  return arrives ? [...first, ...after.map((prompt) => pageOf(facts, { prompt, flow: {} }))] : first;
}

function signInPages(facts: JourneyFacts): Step[] {
  const pages: Step[] = [];
  const flow: Flow = {};
  let step: Step | undefined = pageOf(facts, { prompt: 'login', flow });
  while (step && pages.length < mostPages) {
    pages.push(step);
    const next: Flow['step'] | 'recover' = facts.methods.includes(facts.method)
      ? onward(facts, step)
      : undefined;
    if (!next || !isStepOffered(next, facts.methods)) break;
    // A typed address came with the form before.
    Object.assign(flow, { email: 'known', ...(next !== 'recover' && { step: next }) });
    step = pageOf(facts, { prompt: 'login', flow, ...(next === 'recover' && { view: next }) });
  }
  return pages;
}

/** Where the person goes from a step: on with its form, or by the link to another way. */
function onward(facts: JourneyFacts, step: Step): Flow['step'] | 'recover' {
  const typed = typedMethods.some((method) => method === facts.method);
  // An upstream has proven the person; who is new answers what is still missing.
  if (!typed) return facts.kind === 'register' && step === 'register' ? 'details' : undefined;
  if (step === 'sign-in') return stepAfterIdentifier(facts.methods);
  if (step === 'password' && facts.kind === 'recover') return 'recover';
  if (step === 'password' && facts.method === 'mail-code') return 'sign-in-code';
  return step in stepAfter ? stepAfter[step as keyof typeof stepAfter] : undefined;
}

function pageOf(facts: JourneyFacts, at: { prompt: string; flow: Flow; view?: 'recover' }): Step {
  return nextStep({
    ...at,
    view: at.view,
    answered: false,
    firstParty: facts.firstParty,
    redeeming: false,
    joining: facts.kind === 'register',
    methods: facts.methods,
  });
}
