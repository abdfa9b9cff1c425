/** What the Configuration API is made of: modules of the layers below, joined by compose.ts. */

/** What the Configuration API is made of. */
export interface ConfigurationApiDeps {
  issuer: string;
}
