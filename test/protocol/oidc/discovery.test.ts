import { describe, expect, it } from '@jest/globals';
import { createI18n } from '../../../src/base/i18n/i18n.ts';
import { deviceGrant } from '../../support/device.ts';
import { startIssuer } from '../../support/issuer.ts';

const issuer = await startIssuer();
const signing = ['ES256', 'RS256', 'PS256', 'EdDSA'];
const keyManagement = ['RSA-OAEP', 'RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A256KW'];
const content = ['A128CBC-HS256', 'A256CBC-HS512', 'A128GCM', 'A256GCM'];
const clientAuthentication = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'];

describe('the discovery document', () => {
  it.each(['openid-configuration', 'oauth-authorization-server'])(
    'at %s says exactly what works',
    async (name) => {
      const response = await fetch(`${issuer.url}/.well-known/${name}`);
      const document = (await response.json()) as Record<string, unknown>;
      expect(document).toEqual({
        issuer: issuer.url,
        authorization_endpoint: `${issuer.url}/authorize`,
        pushed_authorization_request_endpoint: `${issuer.url}/authorize/par`,
        token_endpoint: `${issuer.url}/token`,
        userinfo_endpoint: `${issuer.url}/userinfo`,
        device_authorization_endpoint: `${issuer.url}/device/authorize`,
        introspection_endpoint: `${issuer.url}/token/introspection`,
        revocation_endpoint: `${issuer.url}/token/revocation`,
        end_session_endpoint: `${issuer.url}/sign-out`,
        registration_endpoint: `${issuer.url}/register`,
        jwks_uri: `${issuer.url}/jwks`,
        acr_values_supported: ['urn:symbolon:acr:one-factor', 'urn:symbolon:acr:federated'],
        authorization_details_types_supported: ['points_redemption'],
        authorization_encryption_alg_values_supported: keyManagement,
        authorization_encryption_enc_values_supported: content,
        authorization_response_iss_parameter_supported: true,
        authorization_signing_alg_values_supported: signing,
        backchannel_authentication_endpoint: `${issuer.url}/backchannel-authentication`,
        backchannel_authentication_request_signing_alg_values_supported: signing,
        backchannel_token_delivery_modes_supported: ['poll', 'ping'],
        backchannel_user_code_parameter_supported: false,
        backchannel_logout_supported: true,
        backchannel_logout_session_supported: true,
        claim_types_supported: ['normal'],
        claims_parameter_supported: true,
        claims_supported: expect.any(Array),
        code_challenge_methods_supported: ['S256'],
        dpop_signing_alg_values_supported: signing,
        grant_types_supported: [
          'authorization_code',
          'refresh_token',
          'client_credentials',
          deviceGrant,
          'urn:openid:params:grant-type:ciba',
          'urn:ietf:params:oauth:grant-type:token-exchange',
        ],
        id_token_encryption_alg_values_supported: keyManagement,
        id_token_encryption_enc_values_supported: content,
        id_token_signing_alg_values_supported: signing,
        introspection_encryption_alg_values_supported: keyManagement,
        introspection_encryption_enc_values_supported: content,
        introspection_signing_alg_values_supported: signing,
        request_object_encryption_alg_values_supported: expect.arrayContaining(keyManagement),
        prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
        request_object_encryption_enc_values_supported: content,
        request_object_signing_alg_values_supported: signing,
        request_parameter_supported: true,
        request_uri_parameter_supported: false,
        response_modes_supported: [
          ...['form_post', 'fragment', 'query', 'jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt'],
        ],
        // `none` is for the account pages: they want a session and no token
        response_types_supported: ['code', 'none'],
        scopes_supported: ['openid', 'offline_access', 'profile', 'email'],
        subject_types_supported: ['public', 'pairwise'],
        token_endpoint_auth_methods_supported: clientAuthentication,
        token_endpoint_auth_signing_alg_values_supported: signing,
        ui_locales_supported: createI18n().locales.map(({ tag }) => tag),
        userinfo_encryption_alg_values_supported: keyManagement,
        userinfo_encryption_enc_values_supported: content,
        userinfo_signing_alg_values_supported: signing,
      });
      expect([...(document.claims_supported as string[])].sort()).toEqual(
        [
          ...['sub', 'iss', 'sid', 'auth_time', 'acr', 'amr'],
          ...['name', 'locale', 'updated_at', 'email', 'email_verified'],
          // Attributes of the shipped configuration that apps may ask for by name.
          ...['bottle', 'city', 'connector', 'contact_channels', 'contact_frequency', 'favourite'],
          ...['fuel_grade', 'meal', 'pet', 'seat', 'store', 'vehicle'],
        ].sort(),
      );
    },
  );
});
