import { describe, expect, it } from '@jest/globals';
import type { UpstreamAction, UpstreamFacts } from '../../../src/people/upstreams/decide.ts';
import { decideUpstream } from '../../../src/people/upstreams/decide.ts';
import type { UpstreamProfile } from '../../../src/people/upstreams/profile.ts';

const mail = 'a@gmail.com';
const proven: UpstreamProfile = {
  provider: 'google',
  subject: '1',
  email: mail,
  emailVerified: true,
  authoritativeFor: true,
};
const elsewhere: UpstreamProfile = { ...proven, authoritativeFor: false };
const unverified: UpstreamProfile = { ...proven, emailVerified: false };
const facebook: UpstreamProfile = { ...unverified, provider: 'facebook', authoritativeFor: false };
const nameless: UpstreamProfile = {
  provider: 'facebook',
  subject: '2',
  emailVerified: false,
  authoritativeFor: false,
};
const ann = { id: 'mbr_ann', available: true };
const bob = { id: 'mbr_bob', available: true };
const gone = { id: 'mbr_gone', available: false };

const register: UpstreamAction = { kind: 'register', mail, mailProven: true, askOnlyMissing: true };
const proveMail: UpstreamAction = { kind: 'prove-mail-first', mail };
const askMail: UpstreamAction = { kind: 'prove-mail-first', mail: undefined };
const proveAnn: UpstreamAction = { kind: 'prove-existing-then-link', memberId: ann.id };
const refused = (code: 'link.taken' | 'member.unavailable'): UpstreamAction => ({ kind: 'refuse', code });

const table: [string, UpstreamFacts, UpstreamAction][] = [
  ['a proven address that nobody has registers', { profile: proven }, register],
  [
    'a proven address that somebody has asks for that account',
    { profile: proven, memberWithMail: ann },
    proveAnn,
  ],
  [
    'a proven address of a closed account is refused',
    { profile: proven, memberWithMail: gone },
    refused('member.unavailable'),
  ],
  ['an address elsewhere is proven by our mail', { profile: elsewhere }, proveMail],
  [
    '… and known or not makes no difference before that',
    { profile: elsewhere, memberWithMail: ann },
    proveMail,
  ],
  ['… not even for a closed account', { profile: elsewhere, memberWithMail: gone }, proveMail],
  ['an unverified address is proven by our mail', { profile: unverified }, proveMail],
  ["Facebook's address is proven by our mail", { profile: facebook }, proveMail],
  [
    "Facebook's known address shows nothing before that",
    { profile: facebook, memberWithMail: ann },
    proveMail,
  ],
  ['after our mail a free address registers', { profile: facebook, mailProvenHere: true }, register],
  [
    'after our mail a known address asks for that account',
    { profile: facebook, mailProvenHere: true, memberWithMail: ann },
    proveAnn,
  ],
  [
    'after our mail a closed account is refused',
    { profile: facebook, mailProvenHere: true, memberWithMail: gone },
    refused('member.unavailable'),
  ],
  ['without an address one is asked for', { profile: nameless }, askMail],
  ['a link signs in', { profile: proven, linkedMember: ann }, { kind: 'sign-in', memberId: ann.id }],
  [
    'a link signs in without an address',
    { profile: nameless, linkedMember: ann },
    { kind: 'sign-in', memberId: ann.id },
  ],
  [
    "a link wins over another member's address",
    { profile: proven, linkedMember: ann, memberWithMail: bob },
    { kind: 'sign-in', memberId: ann.id },
  ],
  [
    'a link to a closed account is refused',
    { profile: proven, linkedMember: gone },
    refused('member.unavailable'),
  ],
  [
    '… even when the address belongs to an open one',
    { profile: proven, linkedMember: gone, memberWithMail: ann },
    refused('member.unavailable'),
  ],
  [
    'a signed-in member links',
    { profile: facebook, signedInMember: ann },
    { kind: 'link', memberId: ann.id },
  ],
  [
    '… whatever the address says',
    { profile: proven, signedInMember: ann, memberWithMail: bob },
    { kind: 'link', memberId: ann.id },
  ],
  [
    '… again without harm',
    { profile: proven, signedInMember: ann, linkedMember: ann },
    { kind: 'link', memberId: ann.id },
  ],
  [
    "… but not another member's subject",
    { profile: proven, signedInMember: ann, linkedMember: bob },
    refused('link.taken'),
  ],
  [
    "… nor a closed member's",
    { profile: proven, signedInMember: ann, linkedMember: gone },
    refused('link.taken'),
  ],
  [
    'a member closed meanwhile cannot link',
    { profile: proven, signedInMember: gone },
    refused('member.unavailable'),
  ],
];

describe('what follows an upstream sign-in', () => {
  it.each(table)('%s', (_name, facts, action) => {
    expect(decideUpstream(facts)).toEqual(action);
  });
});
