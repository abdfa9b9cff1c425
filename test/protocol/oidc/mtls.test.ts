import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { decodeJwt, exportJWK, importX509 } from 'jose';
import * as client from 'openid-client';
import { startTlsIssuer } from '../../support/tls-issuer.ts';
import { fetchWith, pem } from '../../support/tls-proxy.ts';

const { edge, issuer } = await startTlsIssuer();
const resource = 'https://points.xenia.example/api';
const thumbprint = (name: string) =>
  Buffer.from(new X509Certificate(pem(`${name}.pem`)).fingerprint256.replaceAll(':', ''), 'hex').toString(
    'base64url',
  );

async function selfSignedKeys() {
  const jwk = await exportJWK(await importX509(pem('self-signed.pem'), 'ES256', { extractable: true }));
  const certificate = pem('self-signed.pem').replace(/-----[^-]+-----|\s/g, '');
  return { keys: [{ ...jwk, kty: 'EC' as const, kid: 'tls', x5c: [certificate] }] };
}

const machine = {
  redirect_uris: [],
  grant_types: ['client_credentials' as const],
  scope: 'points:read',
  tls_client_certificate_bound_access_tokens: true,
};
await issuer.client({
  id: 'partner-ca',
  name: 'Partner',
  brand: 'aurora-air',
  metadata: {
    ...machine,
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_san_dns: 'points.partner.example',
  },
});
await issuer.client({
  id: 'partner-self',
  name: 'Partner',
  brand: 'aurora-air',
  metadata: {
    ...machine,
    token_endpoint_auth_method: 'self_signed_tls_client_auth',
    jwks: await selfSignedKeys(),
  },
});

async function relyingParty(id: string, certificate: string | undefined, use_mtls_endpoint_aliases = true) {
  const metadata = { use_mtls_endpoint_aliases };
  const config = await client.discovery(new URL(issuer.url), id, metadata, client.TlsClientAuth(), {
    [client.customFetch]: fetchWith(certificate) as client.CustomFetch,
  });
  config[client.customFetch] = fetchWith(certificate) as client.CustomFetch;
  return config;
}

const token = async (id: string, certificate: string | undefined) =>
  client.clientCredentialsGrant(await relyingParty(id, certificate), { resource, scope: 'points:read' });

describe('mutual TLS', () => {
  it('is told in the discovery document, with the endpoints that ask for a certificate', async () => {
    const metadata = (await relyingParty('partner-ca', undefined)).serverMetadata();
    expect(metadata.tls_client_certificate_bound_access_tokens).toBe(true);
    expect(metadata.token_endpoint_auth_methods_supported).toEqual(
      expect.arrayContaining(['tls_client_auth', 'self_signed_tls_client_auth']),
    );
    expect(metadata.mtls_endpoint_aliases).toMatchObject({
      token_endpoint: `https://127.0.0.1:${edge}/token`,
      userinfo_endpoint: `https://127.0.0.1:${edge}/userinfo`,
      pushed_authorization_request_endpoint: `https://127.0.0.1:${edge}/authorize/par`,
    });
  });

  it.each([
    ['a certificate of an authority', 'partner-ca', 'client'],
    ['a registered certificate of its own', 'partner-self', 'self-signed'],
  ])('lets a client in by %s, and binds its token to it', async (_what, id, certificate) => {
    const tokens = await token(id, certificate);
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      aud: resource,
      cnf: { 'x5t#S256': thumbprint(certificate) },
    });
  });

  it.each([
    ['no certificate', 'partner-ca', undefined],
    ['a certificate of nobody', 'partner-ca', 'self-signed'],
    ['no certificate, where its own is registered', 'partner-self', undefined],
    ['another certificate than its own', 'partner-self', 'client'],
  ])('refuses %s', async (_what, id, certificate) => {
    await expect(token(id, certificate)).rejects.toMatchObject({ error: 'invalid_client' });
  });

  it('believes no certificate at the host that does not ask for one', async () => {
    const config = await relyingParty('partner-ca', 'client', false);
    await expect(client.clientCredentialsGrant(config, { resource })).rejects.toMatchObject({
      error: 'invalid_client',
    });
  });

  it('does not believe a header that a caller wrote', async () => {
    const bytes = pem('client.pem').replace(/-----[^-]+-----|\s/g, '');
    const answer = await fetchWith(undefined)(`https://127.0.0.1:${edge}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'client-cert': `:${bytes}:` },
      body: `grant_type=client_credentials&client_id=partner-ca&resource=${encodeURIComponent(resource)}`,
    });
    expect(answer.status).toBe(401);
  });

  it('serves machines only at the origin that asks for certificates', async () => {
    const page = await fetchWith(undefined)(`https://127.0.0.1:${edge}/account`, {});
    expect(page.status).toBe(421);
  });
});
