/** Mutual TLS (RFC 8705): clients that prove themselves by a certificate, and tokens that are bound to one. */
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import {
  type CertificateName,
  type ClientCertificates,
  certificateCarries,
} from '../../base/http/client-certificate.ts';

/** Mutual TLS as an operator has set it up. */
export interface MutualTls {
  certificates: ClientCertificates;
  /** Where TLS asks for a certificate, when that is another origin than the issuer's. */
  origin: string | undefined;
}

const names: Readonly<Record<string, CertificateName>> = {
  tls_client_auth_subject_dn: 'subject',
  tls_client_auth_san_dns: 'dns',
  tls_client_auth_san_uri: 'uri',
  tls_client_auth_san_ip: 'ip',
  tls_client_auth_san_email: 'email',
};

/**
 * The library's feature; off where no proxy hands certificates over.
 * @param mtls the set-up
 */
export function mutualTls(
  mtls: MutualTls | undefined,
): NonNullable<NonNullable<Configuration['features']>['mTLS']> {
  if (!mtls) return { enabled: false };
  const { certificates } = mtls;
  const certificateOf = (ctx: KoaContextWithOIDC) => certificates.of(ctx.req);
  return {
    enabled: true,
    certificateBoundAccessTokens: true,
    selfSignedTlsClientAuth: true,
    tlsClientAuth: true,
    getCertificate: certificateOf,
    certificateAuthorized(ctx) {
      const certificate = certificateOf(ctx);
      return certificate !== undefined && certificates.isTrusted(certificate);
    },
    certificateSubjectMatches(ctx, property, expected) {
      const certificate = certificateOf(ctx);
      const name = names[property];
      return (
        certificate !== undefined && name !== undefined && certificateCarries(certificate, name, expected)
      );
    },
  };
}

/** Endpoints that a client calls itself, by their names in the discovery document. */
const called = [
  'token_endpoint',
  'pushed_authorization_request_endpoint',
  'introspection_endpoint',
  'revocation_endpoint',
  'userinfo_endpoint',
  'device_authorization_endpoint',
  'backchannel_authentication_endpoint',
  'registration_endpoint',
];

/**
 * The same endpoints at the origin that asks for certificates (RFC 8705 section 5).
 * @param document the discovery document
 * @param origin that origin
 */
export function endpointAliases(document: Record<string, unknown>, origin: string): Record<string, string> {
  const aliases: Record<string, string> = {};
  for (const name of called) {
    const address = document[name];
    if (typeof address === 'string') aliases[name] = new URL(new URL(address).pathname, origin).href;
  }
  return aliases;
}
