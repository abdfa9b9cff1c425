import { describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import { startTlsIssuer } from '../../support/tls-issuer.ts';
import { fetchWith } from '../../support/tls-proxy.ts';

const { edge, issuer } = await startTlsIssuer();
await issuer.client({
  id: 'pipeline',
  name: 'Pipeline',
  brand: 'aurora-air',
  firstParty: true,
  metadata: {
    redirect_uris: [],
    grant_types: ['client_credentials'],
    scope: 'configuration:read',
    tls_client_certificate_bound_access_tokens: true,
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_san_dns: 'points.partner.example',
  },
});

const path = '/api/configuration/whoami';
const ask = async (token: string, origin: string, certificate: string | undefined) => {
  const response = await fetchWith(certificate)(`${origin}${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return response.status;
};

describe('a token that is bound to a certificate', () => {
  it('opens an API with that certificate only, where certificates are asked for', async () => {
    const metadata = { use_mtls_endpoint_aliases: true };
    const config = await client.discovery(new URL(issuer.url), 'pipeline', metadata, client.TlsClientAuth(), {
      [client.customFetch]: fetchWith('client') as client.CustomFetch,
    });
    config[client.customFetch] = fetchWith('client') as client.CustomFetch;
    const { access_token: token } = await client.clientCredentialsGrant(config, {
      resource: `${issuer.url}/api/configuration`,
      scope: 'configuration:read',
    });
    const tls = `https://127.0.0.1:${edge}`;
    expect(await ask(token, tls, 'client')).toBe(200);
    expect(await ask(token, tls, 'self-signed')).toBe(401);
    expect(await ask(token, tls, undefined)).toBe(401);
    expect(await ask(token, issuer.url, 'client')).toBe(401);
  });
});
