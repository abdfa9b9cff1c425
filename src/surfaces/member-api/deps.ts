/** What the Account API is made of: modules of the layers below, joined by compose.ts. */

/** What the Account API is made of. */
export interface AccountApiDeps {
  issuer: string;
}
