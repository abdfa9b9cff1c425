/** The ways to sign in: which an experience offers, and which steps belong to which of them. Pure. */
import { DomainError } from '../../base/kernel/errors.ts';
import type { Experience } from '../../business/experiences/experience.ts';
import type { Step } from './flow.ts';

/** A way to sign in: by password, by a mailed code, or by an upstream of that id. */
export type SignInMethod = 'password' | 'mail-code' | (string & {});

/**
 * The ways to sign in that an experience offers, in their order.
 * @param experience the effective configuration of the visit
 */
export function signInMethods(experience: Pick<Experience, 'methods'>): readonly SignInMethod[] {
  return experience.methods;
}

/** Ways that begin with a typed identifier, and that registering with an address therefore leads to. */
export const typedMethods = ['password', 'mail-code'] as const;

/**
 * Of the ways that an experience offers those that work here: a mailed code and a password always, an upstream only
 * where the process knows it.
 * @param methods what the experience offers
 * @param upstreams ids of the upstreams that are configured
 */
export function workingMethods(
  methods: readonly SignInMethod[],
  upstreams: readonly string[],
): readonly SignInMethod[] {
  const typed: readonly string[] = typedMethods;
  return methods.filter((method) => typed.includes(method) || upstreams.includes(method));
}

/**
 * Whether one of some ways is among those that are offered.
 * @param methods the ways that are offered
 * @param ways the ways
 */
export function offersAny(methods: readonly SignInMethod[], ways: readonly SignInMethod[]): boolean {
  return ways.some((way) => methods.includes(way));
}

/**
 * Lets an upstream count only where it is offered, and still is: somebody may be on the way to it or back.
 * @param experience the effective configuration of the visit
 * @param upstream its id
 * @throws DomainError `upstream.unknown`
 */
export function requireOffered(experience: Pick<Experience, 'methods'>, upstream: string): void {
  if (!signInMethods(experience).includes(upstream)) throw new DomainError('upstream.unknown');
}

/** Steps that only make sense where one of these ways is offered; any other step stands everywhere. */
const needs: Partial<Record<Step, readonly SignInMethod[]>> = {
  password: ['password'],
  'sign-in-code': ['mail-code'],
  recover: ['password'],
  'recover-code': ['password'],
  'new-password': ['password'],
};

/**
 * Whether a step has a place among the ways that are offered.
 * @param step the step
 * @param methods the ways that are offered
 */
export function isStepOffered(step: Step, methods: readonly SignInMethod[]): boolean {
  const ways = needs[step];
  return ways === undefined || offersAny(methods, ways);
}
