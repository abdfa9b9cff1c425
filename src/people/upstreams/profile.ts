/**
 * What an upstream says about a person, read strictly: a wrong type, an over-long or strange subject or address
 * refuses the whole answer, because a value cut or guessed could match somebody else.
 */
import { z } from 'zod';
import { DomainError } from '../../base/kernel/errors.ts';

/** The upstreams this module speaks to. */
export const providerIds = ['google', 'facebook'] as const;

/** One of them. */
export type ProviderId = (typeof providerIds)[number];

/** What an upstream says about the person who signed in there. */
export interface UpstreamProfile {
  provider: ProviderId;
  /** The provider's immutable id of the person: the only key of a link, together with the provider. */
  subject: string;
  email?: string;
  /** Whether the provider says, in the same answer as the address, that it has verified it. */
  emailVerified: boolean;
  /** Whether the provider is the mail domain's own operator, so that its word proves the mailbox today. */
  authoritativeFor: boolean;
  name?: string;
  /** BCP 47 language tag. */
  locale?: string;
}

const subject = z.string().regex(/^[\x21-\x7e]{1,255}$/);
const email = z
  .string()
  .max(254)
  .regex(/^[^\s\p{C}"(),:;<>@[\\\]]{1,64}@[^\s\p{C}"(),:;<>@[\\\]]+\.[^\s\p{C}"(),:;<>@[\\\]]+$/u);
const name = z.string().max(1000).optional();

const googleUserinfo = z.object({
  sub: subject,
  email: email.optional(),
  email_verified: z.unknown().optional(),
  hd: z.string().max(253).optional(),
  name,
  locale: z.string().max(100).optional(),
});

const facebookMe = z.object({ id: subject, email: email.optional(), name });

/**
 * Reads Google's userinfo (OpenID Connect Core section 5.3.2). The address counts as verified only when
 * `email_verified` is the boolean `true`; Google is authoritative for gmail.com and for a hosted domain (`hd`)
 * that is the address's own domain.
 * @param answer the parsed JSON
 * @throws DomainError `upstream.invalid_answer`
 */
export function readGoogleProfile(answer: unknown): UpstreamProfile {
  const read = parse(googleUserinfo, answer);
  const emailVerified = read.email !== undefined && read.email_verified === true;
  return {
    provider: 'google',
    subject: read.sub,
    ...(read.email === undefined ? {} : { email: read.email }),
    emailVerified,
    authoritativeFor: read.email !== undefined && isGoogleMail(read.email, read.hd),
    ...displayName(read.name),
    ...language(read.locale),
  };
}

/**
 * Reads Facebook's `/me`. Facebook never says whether an address was verified, so it never counts as verified.
 * @param answer the parsed JSON
 * @throws DomainError `upstream.invalid_answer`
 */
export function readFacebookProfile(answer: unknown): UpstreamProfile {
  const read = parse(facebookMe, answer);
  return {
    provider: 'facebook',
    subject: read.id,
    ...(read.email === undefined ? {} : { email: read.email }),
    emailVerified: false,
    authoritativeFor: false,
    ...displayName(read.name),
  };
}

function parse<T>(schema: z.ZodType<T>, answer: unknown): T {
  const result = schema.safeParse(answer);
  // The zod error is not passed on as the cause: it may quote what the person's account holds.
  if (!result.success) throw new DomainError('upstream.invalid_answer');
  return result.data;
}

function isGoogleMail(address: string, hostedDomain: string | undefined): boolean {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  return domain === 'gmail.com' || domain === 'googlemail.com' || domain === hostedDomain?.toLowerCase();
}

/** A name is only a suggestion for a form: what misleads is dropped and length is cut, between characters, instead of refusing. */
function displayName(value: string | undefined): { name?: string } {
  const clean = value?.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '').trim();
  const name = [...(clean ?? '')].slice(0, 120).join('').trim();
  return name ? { name } : {};
}

function language(value: string | undefined): { locale?: string } {
  return value !== undefined && /^[a-z]{2,3}([-_][a-z0-9]{2,8})*$/i.test(value)
    ? { locale: value.replaceAll('_', '-') }
    : {};
}
