/**
 * Authentication levels (`acr`): what a proof is worth, told from how it was given. They are not steps of a ladder: each
 * says how a member was recognised, nothing more. Pure.
 */

/** The levels there are. */
const authenticationLevels = {
  /** One factor was proven to us: a password, or a code mailed to the member's address. */
  oneFactor: 'urn:symbolon:acr:one-factor',
  /** An upstream said who it is; how it knows is not known here. */
  federated: 'urn:symbolon:acr:federated',
} as const;

/** Every level, for discovery. */
export const acrValues: readonly string[] = Object.values(authenticationLevels);

/**
 * The level of a proof.
 * @param amr how it was given (RFC 8176; `fed`: by an upstream)
 */
export function levelOf(amr: readonly string[]): string {
  return amr.length > 0 && amr.every((method) => method === 'fed')
    ? authenticationLevels.federated
    : authenticationLevels.oneFactor;
}

/**
 * The levels that ways to sign in can reach.
 * @param methods `password`, `mail-code`, ids of upstreams
 */
export function levelsReached(methods: readonly string[]): string[] {
  const own = ['password', 'mail-code'];
  return [
    ...(methods.some((method) => own.includes(method)) ? [authenticationLevels.oneFactor] : []),
    ...(methods.some((method) => !own.includes(method)) ? [authenticationLevels.federated] : []),
  ];
}
