/**
 * The flow of an interaction: what its steps have established, and the one pure function that names the next step.
 * Steps never call each other: each keeps what it found and goes back to the interaction's address.
 */
import { z } from 'zod';
import { isStepOffered, type SignInMethod } from './methods.ts';
import { registeringSchema } from './registering.ts';

const profileSchema = z.object({
  provider: z.enum(['google', 'facebook']),
  subject: z.string(),
  email: z.string().optional(),
  emailVerified: z.boolean(),
  authoritativeFor: z.boolean(),
  name: z.string().optional(),
  locale: z.string().optional(),
});

const pendingSchema = z.object({
  provider: z.enum(['google', 'facebook']),
  state: z.string(),
  verifier: z.string(),
  startedAt: z.number(),
});

/** Steps that a flow can be at beyond the choices of the first page. */
const flowSteps = [
  'password',
  'sign-in-code',
  'verify',
  'recover-code',
  'new-password',
  'upstream-problem',
  'upstream-email',
  'upstream-code',
  'details',
  'link-existing',
  'link-code',
] as const;

/** Names a step of a flow. */
export type FlowStep = (typeof flowSteps)[number];

/** What can go wrong on the way through an upstream, and is told on a page of its own. */
export const upstreamProblems = [
  'upstream.refused',
  'upstream.unavailable',
  'upstream.state_mismatch',
  'upstream.invalid_answer',
  'upstream.unknown',
  'link.taken',
] as const;

/** What is kept between the steps; sealed at rest. */
export const flowSchema = z.object({
  /** Language chosen on these pages: stronger than anything the request asks for. */
  locale: z.string().optional(),
  step: z.enum(flowSteps).optional(),
  /** The address the flow is about, in its normal form. */
  email: z.string().optional(),
  /** A registration form that has begun. */
  registering: registeringSchema.optional(),
  /** Id of the registration that waits for its proof. */
  registration: z.string().optional(),
  /** When the mailed code dies, in milliseconds since the epoch. */
  codeExpiresAt: z.number().optional(),
  /** A round trip to an upstream that has begun. */
  pending: pendingSchema.optional(),
  /** The upstream this flow went to last. */
  upstream: z.enum(['google', 'facebook']).optional(),
  /** What the upstream said about the person. */
  profile: profileSchema.optional(),
  /**
   * The address a registration after an upstream may claim: proven by the upstream or by our own mail, for this very
   * upstream subject. Apart from `email`, which any form of the flow may change.
   */
  provenEmail: z.string().optional(),
  /** Whether our own mail has proven `email` in this flow, for this very upstream subject. */
  mailProven: z.boolean().optional(),
  /** Whose account a recovery has been proven for. */
  recovered: z.object({ memberId: z.string(), epoch: z.number(), until: z.number() }).optional(),
  /** Why the upstream did not work out. */
  problem: z.enum(upstreamProblems).optional(),
  /** The signed-in member chose to be someone else. */
  switching: z.boolean().optional(),
});

/** What is kept between the steps. */
export type Flow = z.output<typeof flowSchema>;

/** Pages that a link of the flow may ask for, whatever step it is at. */
export const flowViews = ['sign-in', 'password', 'register', 'recover'] as const;

/** Names a page that can be asked for. */
export type FlowView = (typeof flowViews)[number];

/** What a person sees next. */
export type Step =
  | FlowView
  | FlowStep
  | 'device'
  | 'continue'
  | 'consent'
  | 'terms'
  | 'questions'
  | 'finished';

/** Facts the next step follows from. */
export interface StepFacts {
  prompt: string;
  /** Whether the interaction has its answer already. */
  answered: boolean;
  /** Whether the client is the program's own. */
  firstParty: boolean;
  /** Whether the request asks for a payment with points, which nobody is spared. */
  redeeming: boolean;
  flow: Flow;
  /** A page asked for by a link. */
  view: FlowView | undefined;
  /** Whether the client asked for the registration to come first (`screen_hint=register`). */
  joining: boolean;
  /** Ways to sign in that the visit offers. */
  methods: readonly SignInMethod[];
}

/** Where a step leads once its form is accepted; a step that does not stand here signs the member in. */
export const stepAfter = {
  register: 'verify',
  recover: 'recover-code',
  'recover-code': 'new-password',
} as const satisfies Partial<Record<Step, FlowStep>>;

/**
 * Where the first page of a sign-in leads: to the password, or to a mailed code where there is none.
 * @param methods ways to sign in that the visit offers
 */
export function stepAfterIdentifier(methods: readonly SignInMethod[]): 'password' | 'sign-in-code' {
  return methods.includes('password') ? 'password' : 'sign-in-code';
}

/**
 * Names the next step.
 * @param facts the prompt of the protocol, the flow, what a link asked for, and the ways that are offered
 */
export function nextStep(facts: StepFacts): Step {
  const { prompt, answered, firstParty, redeeming, flow } = facts;
  if (answered) return 'finished';
  const signingIn = prompt === 'login' || flow.switching === true;
  if (signingIn) return signInStep(facts);
  if (prompt === 'device') return 'device';
  if (prompt === 'terms' || prompt === 'questions') return prompt;
  if (prompt === 'select_account') return 'continue';
  return firstParty && !redeeming ? 'continue' : 'consent';
}

/** A step of a way that is not offered, here or not any more, is none; nor is a password for nobody. */
function signInStep({ flow, view, joining, methods }: StepFacts): Step {
  const step = view ?? flow.step ?? (joining ? 'register' : 'sign-in');
  if (!isStepOffered(step, methods)) return 'sign-in';
  return step === 'password' && flow.email === undefined ? 'sign-in' : step;
}
