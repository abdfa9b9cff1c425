/** Ways into an account. Pure. */

/** What a member can sign in with. */
export interface WaysIn {
  hasPassword: boolean;
  /** Types of the member's identifiers, the mail address among them. */
  linked: readonly string[];
  /** Types that alone let somebody in at present: upstreams, and `email` where a mailed code does. */
  usable: readonly string[];
}

/**
 * Whether taking an upstream away would leave neither a password nor another way that works.
 * @param ways the ways in
 * @param upstream the one to be taken away
 */
export function isLastWayIn(ways: WaysIn, upstream: string): boolean {
  if (ways.hasPassword) return false;
  return !ways.linked.some((type) => type !== upstream && ways.usable.includes(type));
}
