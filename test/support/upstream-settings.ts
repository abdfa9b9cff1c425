/** What the issuer is registered as at the local upstreams of a test, and the settings that lead it there. */
import type { RunningUpstream } from '../../examples/upstream/server.ts';

export const googleClient = { clientId: 'google-client', clientSecret: 'google-secret' };
export const facebookApp = { clientId: '4711', clientSecret: 'facebook-secret' };

/** The environment of an issuer that signs people in through a running local upstream. */
export function upstreamSettings({ endpoints }: RunningUpstream): Record<string, string> {
  return {
    SYMBOLON_GOOGLE_CLIENT_ID: googleClient.clientId,
    SYMBOLON_GOOGLE_CLIENT_SECRET: googleClient.clientSecret,
    SYMBOLON_GOOGLE_AUTHORIZATION_URL: endpoints.google.authorizationUrl,
    SYMBOLON_GOOGLE_TOKEN_URL: endpoints.google.tokenUrl,
    SYMBOLON_GOOGLE_USERINFO_URL: endpoints.google.userinfoUrl,
    SYMBOLON_FACEBOOK_APP_ID: facebookApp.clientId,
    SYMBOLON_FACEBOOK_APP_SECRET: facebookApp.clientSecret,
    SYMBOLON_FACEBOOK_AUTHORIZATION_URL: endpoints.facebook.authorizationUrl,
    SYMBOLON_FACEBOOK_TOKEN_URL: endpoints.facebook.tokenUrl,
    SYMBOLON_FACEBOOK_USERINFO_URL: endpoints.facebook.userinfoUrl,
  };
}
