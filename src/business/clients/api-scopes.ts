/**
 * The scopes of the issuer's own APIs: what each allows, and who may have it. A client gets one only when its
 * registration names it. Pure.
 */

/** Who may ask for a scope: a client for a member who signs in, or for itself. */
export type ScopeHolder = 'member' | 'client';

/** A scope of an API. */
export interface ApiScope {
  /** For developers; what members are asked stands in the catalogues as `scope.<name>`. */
  allows: string;
  holders: readonly ScopeHolder[];
  /** Whether only clients of the program itself may have it. */
  ownOnly: boolean;
}

const ofMember = (allows: string): ApiScope => ({ allows, holders: ['member'], ownOnly: false });
const ofStaff = (allows: string): ApiScope => ({ allows, holders: ['member', 'client'], ownOnly: true });

/** Every scope by API; tokens are for `<issuer>/api/<api>`. */
export const apiScopes = {
  account: {
    'account:profile.read': ofMember('Read the profile and preferences of the member.'),
    'account:profile.write': ofMember('Change the profile and preferences of the member.'),
    'account:consents': ofMember('Read and change what the member has agreed to.'),
    'account:questions': ofMember('Ask the questions that wait for the member, and keep the answers.'),
    'account:forms': ofMember('Read the definitions of forms, and send them filled in.'),
    'members:attributes.write': {
      allows: 'Write those attributes of any member whose definition names the client.',
      holders: ['client'],
      ownOnly: true,
    },
  },
  configuration: {
    'configuration:read': ofStaff('Read the configuration, its releases and drafts.'),
    'configuration:write.program': ofStaff('Change the program’s own layer and its legal texts in a draft.'),
    'configuration:write.brand': ofStaff('Change the layer of a brand in a draft.'),
    'configuration:write.region': ofStaff('Change the layer of a region in a draft.'),
    'configuration:write.market': ofStaff('Change the layer of a market, or of a brand in it, in a draft.'),
    'configuration:write.site': ofStaff('Change the layer of a site in a draft.'),
    'configuration:approve': ofStaff('Approve what somebody else has drafted.'),
    'configuration:publish': ofStaff('Publish releases, and roll back.'),
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, ApiScope>>>>;

/** Names an API of the issuer. */
export type ApiName = keyof typeof apiScopes;

/** Names a scope of an API. */
export type ApiScopeName<A extends ApiName = ApiName> = { [N in A]: keyof (typeof apiScopes)[N] }[A] & string;

/**
 * The scopes of an API with what each allows, for its reference.
 * @param api its name
 */
export function scopeTexts(api: ApiName): Record<string, string> {
  return Object.fromEntries(Object.entries(apiScopes[api]).map(([name, { allows }]) => [name, allows]));
}

/**
 * The names of an API's scopes.
 * @param api its name
 */
export function scopeNames(api: ApiName): readonly [string, ...string[]] {
  const [first = '', ...others] = Object.keys(apiScopes[api]);
  return [first, ...others];
}

/**
 * A scope of any API by its name.
 * @param name the scope
 */
export function apiScope(name: string): ApiScope | undefined {
  const all: Readonly<Record<string, Readonly<Record<string, ApiScope>>>> = apiScopes;
  return Object.values(all).find((scopes) => Object.hasOwn(scopes, name))?.[name];
}

/**
 * The resource indicator of an API (RFC 8707): the audience of its tokens.
 * @param issuer the issuer's address
 * @param api its name
 */
export function apiResource(issuer: string, api: ApiName): string {
  return `${issuer}/api/${api}`;
}
