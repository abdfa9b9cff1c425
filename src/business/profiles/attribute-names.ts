/** Names of attributes: which are free, and which mean something already in tokens or in our own record. Pure. */
import { z } from 'zod';

/** Claims whose meaning is fixed elsewhere, by where: an attribute of such a name would be taken for them. */
const fixedElsewhere: Readonly<Record<string, string>> = {
  'RFC 7519 section 4.1': 'iss sub aud exp nbf iat jti',
  'RFC 7662 section 2.2 and RFC 8693 section 4': 'active token_type username scope client_id act may_act',
  'RFC 7800 section 3.1': 'cnf',
  'RFC 8417 section 2.2': 'events toe txn',
  'RFC 8485 section 3': 'vot vtm',
  'RFC 9068 section 2.2.3.1': 'groups roles entitlements',
  'RFC 9396 section 2': 'authorization_details',
  'OpenID Connect Core 1.0 section 2': 'nonce auth_time acr amr azp at_hash c_hash sub_jwk',
  'OpenID Connect Core 1.0 section 5.1': 'email_verified phone_number_verified updated_at',
  'OpenID Connect Session Management and FAPI': 'sid s_hash',
  'OpenID Connect for Identity Assurance 1.0': 'verified_claims',
  // Members have these without any definition.
  'the member record': 'email name locale status market home',
  // Words that objects of JavaScript and documents of MongoDB know.
  'the language': 'constructor prototype',
};

const reserved = new Map(
  Object.entries(fixedElsewhere).flatMap(([source, names]) =>
    names.split(' ').map((name) => [name, source] as const),
  ),
);

/**
 * Why a name is no name for an attribute; undefined when it is free.
 * @param name as the configuration says it
 */
function whyReserved(name: string): string | undefined {
  const source = reserved.get(name);
  return source && `a free name: this one has a meaning already (${source})`;
}

/** What the name of an attribute looks like. */
export const attributeNameShape = /^[a-z][a-z0-9_]{0,39}$/;

/** The name of an attribute: key of its value, its claim and its input. */
export const attributeName = z
  .string()
  .regex(attributeNameShape, 'lower-case letters, digits and underscores, a letter first')
  .refine((name) => whyReserved(name) === undefined, {
    error: (issue) => whyReserved(String(issue.input)) ?? 'a free name',
  });

/** Standard claims that may be attributes, if they are what OpenID Connect Core 1.0 section 5.1 says: their types. */
export const standardClaims: Readonly<Record<string, readonly string[]>> = {
  given_name: ['text'],
  family_name: ['text'],
  middle_name: ['text'],
  nickname: ['text'],
  preferred_username: ['text'],
  profile: ['text'],
  picture: ['text'],
  website: ['text'],
  gender: ['text', 'choice'],
  birthdate: ['date'],
  zoneinfo: ['text', 'choice'],
  phone_number: ['phone'],
  address: ['address'],
};

/** Names that say who somebody is whatever their type, so that nobody keeps them as an ordinary trait. */
const identifying = new Set(['given_name', 'family_name', 'middle_name', 'preferred_username', 'birthdate']);

/**
 * Whether an attribute is the member's day of birth.
 * @param name of the attribute
 * @param definition its type and autofill token
 */
export function isBirthDate(
  name: string,
  { type, autocomplete }: { type: string; autocomplete?: string | undefined },
): boolean {
  return type === 'date' && (autocomplete === 'bday' || /^birth|bday/.test(name));
}

/**
 * Whether the name alone says that the value is a direct identifier.
 * @param name of the attribute
 * @param type of the attribute
 */
export function namesAPerson(name: string, type: string): boolean {
  return identifying.has(name) || (type === 'date' && /birth|bday/.test(name));
}
