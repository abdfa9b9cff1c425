/** The library's features, one line or file each: what the issuer offers beyond the authorization code. */
import type { Configuration } from 'oidc-provider';
import { backchannel } from './backchannel.ts';
import type { ProviderDeps } from './configuration.ts';
import { deviceFlow } from './device-flow.ts';
import { fapi } from './fapi.ts';
import { mutualTls } from './mtls.ts';
import { richAuthorizationRequests } from './redemptions.ts';
import { claimsParameter } from './requested-claims.ts';
import { resourceIndicators } from './resources.ts';
import { signedStatements } from './signed-statements.ts';
import { externalSigning } from './signing-keys.ts';

/**
 * Builds the table of features.
 * @param deps configuration, keys and ports
 */
export function featuresOf(deps: ProviderDeps): NonNullable<Configuration['features']> {
  return {
    devInteractions: { enabled: false },
    deviceFlow: deviceFlow(deps),
    ciba: backchannel(deps),
    claimsParameter,
    clientCredentials: { enabled: true },
    encryption: { enabled: true },
    fapi,
    mTLS: mutualTls(deps.mtls),
    jwtIntrospection: { enabled: true },
    jwtResponseModes: { enabled: true },
    jwtUserinfo: { enabled: true },
    // By value only: an address to fetch a request from would be an address to make this server call (RFC 9101 10.4).
    requestObjects: {
      enabled: true,
      assertJwtClaimsAndHeader: signedStatements(deps.clock).requestObject,
    },
    introspection: {
      enabled: true,
      allowedPolicy: async (_ctx, client, token) =>
        client.clientAuthMethod !== 'none' &&
        (token.clientId === client.clientId || (await deps.mayIntrospectOthers(client.clientId))),
    },
    revocation: {
      enabled: true,
      allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
    },
    dPoP: { enabled: true, nonceSecret: deps.keys.secret('dpop') },
    ...deps.registration.features,
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) =>
        deps.pages.signOut(ctx, {
          action: attribute(form, 'action'),
          xsrf: attribute(form, 'value'),
        }),
      postLogoutSuccessSource: (ctx) => deps.pages.signedOut(ctx),
    },
    resourceIndicators: resourceIndicators(deps),
    richAuthorizationRequests: richAuthorizationRequests(deps),
    externalSigningSupport: externalSigning(deps.keys),
  };
}

/** Reads an attribute of the form the library hands over; its values are URL-safe by construction. */
function attribute(form: string, name: string): string {
  const match = new RegExp(` ${name}="([^"]*)"`).exec(
    name === 'value' ? form.slice(form.indexOf('<input')) : form,
  );
  if (!match?.[1]) throw new Error(`the sign-out form has no ${name}`);
  return match[1].replaceAll('&amp;', '&');
}
