/**
 * What follows when a person comes back from an upstream. Pure: facts in, one action out.
 *
 * The key of a link is (provider, immutable subject), never the mail address. An address that the provider has not
 * proven is proven by our own mail before it is compared with anybody's account: the answer must not tell a
 * stranger with a made-up upstream profile whether an account exists.
 */
import type { ErrorCode } from '../../base/kernel/errors.ts';
import type { UpstreamProfile } from './profile.ts';

/** A member as far as the decision needs one. */
export interface MemberFact {
  id: string;
  /** False for a locked, closed or merged-away account. */
  available: boolean;
}

/** Everything the decision depends on; the caller has looked it up. */
export interface UpstreamFacts {
  profile: UpstreamProfile;
  /** Who this provider and subject are linked to. */
  linkedMember?: MemberFact | undefined;
  /** Whose proven address the profile's address is. */
  memberWithMail?: MemberFact | undefined;
  /** Who is signed in and asked, on the account pages, to link this upstream. */
  signedInMember?: MemberFact | undefined;
  /** Whether our own mail has proven the address within this very flow, for this very upstream subject. */
  mailProvenHere?: boolean | undefined;
}

/** The one thing to do next. */
export type UpstreamAction =
  | { kind: 'sign-in'; memberId: string }
  /** Create the account with the address proven, asking only what the brand needs and the profile lacks. */
  | { kind: 'register'; mail: string; mailProven: true; askOnlyMissing: true }
  /** Ask the person to sign in to the account that has the address, then attach the link. */
  | { kind: 'prove-existing-then-link'; memberId: string }
  /** Prove the address by our own mail, then decide again; without an address, ask for one first. */
  | { kind: 'prove-mail-first'; mail: string | undefined }
  | { kind: 'link'; memberId: string }
  | { kind: 'refuse'; code: Extract<ErrorCode, 'link.taken' | 'member.unavailable'> };

const unavailable: UpstreamAction = { kind: 'refuse', code: 'member.unavailable' };

/**
 * Decides what an upstream sign-in leads to.
 * @param facts what is known of the upstream's person and of the members concerned
 */
export function decideUpstream(facts: UpstreamFacts): UpstreamAction {
  const { profile, linkedMember, memberWithMail, signedInMember } = facts;
  if (signedInMember) return decideLinking(signedInMember, linkedMember);
  if (linkedMember) {
    return linkedMember.available ? { kind: 'sign-in', memberId: linkedMember.id } : unavailable;
  }
  const provenByProvider = profile.emailVerified && profile.authoritativeFor;
  if (profile.email === undefined || !(provenByProvider || facts.mailProvenHere)) {
    return { kind: 'prove-mail-first', mail: profile.email };
  }
  if (memberWithMail) {
    return memberWithMail.available
      ? { kind: 'prove-existing-then-link', memberId: memberWithMail.id }
      : unavailable;
  }
  return { kind: 'register', mail: profile.email, mailProven: true, askOnlyMissing: true };
}

/** Linking from the account pages: the address plays no part; linking what is linked already changes nothing. */
function decideLinking(member: MemberFact, linked: MemberFact | undefined): UpstreamAction {
  if (!member.available) return unavailable;
  if (linked && linked.id !== member.id) return { kind: 'refuse', code: 'link.taken' };
  return { kind: 'link', memberId: member.id };
}
