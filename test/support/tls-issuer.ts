/** An issuer behind a TLS proxy that hands over the certificates of callers. */
import { startIssuer } from './issuer.ts';
import { freePort } from './ports.ts';
import { pem, startTlsProxy } from './tls-proxy.ts';

/** Starts both; they are stopped after the test file. `edge` is the proxy's port. */
export async function startTlsIssuer() {
  const internal = await freePort();
  const edge = await startTlsProxy(() => internal);
  const issuer = await startIssuer({
    port: internal,
    env: {
      SYMBOLON_ISSUER: `https://localhost:${edge}`,
      SYMBOLON_TRUSTED_PROXIES: '1',
      SYMBOLON_MTLS_CERTIFICATE_HEADER: 'Client-Cert',
      SYMBOLON_MTLS_AUTHORITIES: pem('ca.pem'),
      SYMBOLON_MTLS_URL: `https://127.0.0.1:${edge}`,
    },
  });
  return { edge, issuer };
}
