/** Token exchange with tokens that are bound to certificates (RFC 8705 section 3). */
import { X509Certificate } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { apis, exchange, exchangeWorld, registerService } from '../../support/exchange.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { pem } from '../../support/tls-proxy.ts';
import { expectRefusal, freshCode, newMember, post } from '../world.ts';

const header = (name: string) => ({
  'client-cert': `:${new X509Certificate(pem(name)).raw.toString('base64')}:`,
});
const owner = header('client.pem');
const stranger = header('self-signed.pem');

it('takes a bound token only with its certificate, and binds what comes of it', async () => {
  const { issuer } = await exchangeWorld({
    env: { SYMBOLON_MTLS_CERTIFICATE_HEADER: 'Client-Cert', SYMBOLON_TRUSTED_PROXIES: '1' },
  });
  const app = await RelyingParty.register(issuer, {
    id: 'bound-app',
    metadata: { tls_client_certificate_bound_access_tokens: true },
  });
  const { agent } = await newMember(
    issuer,
    await RelyingParty.register(issuer, { id: 'shop' }),
    'm@example.com',
  );
  const code = await freshCode(app, agent, { resource: apis.points, scope: 'openid points:read' });
  const answer = await post(
    issuer,
    '/token',
    { ...code, resource: apis.points },
    { as: 'bound-app', headers: owner },
  );
  const form = { subject_token: String(answer.json.access_token), resource: apis.bookings };
  expectRefusal(await exchange(issuer, 'service', form), 400, 'invalid_request');
  expectRefusal(await exchange(issuer, 'service', form, stranger), 400, 'invalid_request');
  const exchanged = await exchange(issuer, 'service', form, owner);
  const { cnf } = decodeJwt(String(answer.json.access_token));
  expect(cnf).toEqual({ 'x5t#S256': expect.any(String) });
  expect(decodeJwt(String(exchanged.json.access_token)).cnf).toEqual(cnf);
});

it('binds to the certificate of a service that wants it so, and does nothing without one', async () => {
  const { issuer, app } = await exchangeWorld({
    env: { SYMBOLON_MTLS_CERTIFICATE_HEADER: 'Client-Cert', SYMBOLON_TRUSTED_PROXIES: '1' },
  });
  const { agent } = await newMember(issuer, app, 'm@example.com');
  await registerService(
    issuer,
    'careful',
    { delegation: { from: [apis.points], resources: [apis.bookings], scopes: ['points:read'] } },
    { tls_client_certificate_bound_access_tokens: true },
  );
  const code = await freshCode(app, agent, { resource: apis.points, scope: 'openid points:read' });
  const { json } = await post(issuer, '/token', { ...code, resource: apis.points }, { as: 'airline' });
  const form = { subject_token: String(json.access_token), resource: apis.bookings };
  expectRefusal(await exchange(issuer, 'careful', form), 400, 'invalid_grant');
  const exchanged = await exchange(issuer, 'careful', form, owner);
  expect(decodeJwt(String(exchanged.json.access_token)).cnf).toEqual({ 'x5t#S256': expect.any(String) });
});
