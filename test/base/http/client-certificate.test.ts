import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import {
  type CertificateName,
  certificateCarries,
  createClientCertificates,
} from '../../../src/base/http/client-certificate.ts';

const file = (name: string) =>
  readFileSync(new URL(`../../fixtures/mtls/${name}.pem`, import.meta.url), 'utf8');
const clock = { now: () => Date.parse('2030-01-01T00:00:00Z') };
const certificates = createClientCertificates({
  header: 'Client-Cert',
  authorities: file('ca') + file('server'),
  clock,
});
const request = (header: string | undefined) => ({ headers: { 'client-cert': header } }) as never;
const bytes = (name: string) =>
  `:${file(name)
    .replace(/-----[^-]+-----/g, '')
    .replace(/\s/g, '')}:`;
const read = (name: string) => {
  const certificate = certificates.of(request(bytes(name)));
  if (!certificate) throw new Error(`${name} was not read`);
  return certificate;
};

describe('the certificate of a caller', () => {
  it.each([
    ['as RFC 9440 writes it', bytes('client')],
    ['as percent-encoded PEM', encodeURIComponent(file('client'))],
  ])('is read %s', (_how, header) => {
    expect(certificates.of(request(header))?.subject).toContain('CN=points.partner.example');
  });

  it.each([
    ['nothing', undefined],
    ['an empty header', ''],
    ['a word', 'none'],
    ['half a certificate', bytes('client').slice(0, 200)],
    ['a broken encoding', '%E0%A4%A'],
    ['two headers', [bytes('client'), bytes('foreign')]],
    [
      'two certificates in one header',
      `${encodeURIComponent(file('client'))}, ${encodeURIComponent(file('foreign'))}`,
    ],
    ['an endless header', `:${'A'.repeat(20_000)}:`],
  ])('is none for %s', (_what, header) => {
    expect(certificates.of(request(header as string))).toBeUndefined();
  });

  it('is parsed once for a request', () => {
    const incoming = { headers: { 'client-cert': bytes('client') } } as unknown as IncomingMessage;
    expect(certificates.of(incoming)).toBe(certificates.of(incoming));
  });

  it.each([
    ['of one of our authorities', 'client', true],
    ['of an authority with the same name and another key', 'foreign', false],
    ['of itself', 'self-signed', false],
    ['for servers', 'server-purpose', false],
    ['that has expired', 'expired', false],
  ])('%s is trusted or not', (_what, name, trusted) => {
    expect(certificates.isTrusted(read(name))).toBe(trusted);
  });

  it('is trusted by nobody before its time', () => {
    const early = createClientCertificates({
      header: 'client-cert',
      authorities: file('ca'),
      clock: { now: () => Date.parse('2019-01-01T00:00:00Z') },
    });
    expect(early.isTrusted(read('client'))).toBe(false);
  });
});

describe('the name in a certificate', () => {
  it.each<[CertificateName, string, boolean]>([
    ['subject', 'CN=points.partner.example,OU=Points,O=Hotel\\, Miramar & Sons,C=US', true],
    ['subject', 'cn=Points.Partner.Example, ou=Points, o=Hotel\\2C Miramar  & Sons, c=US', true],
    ['subject', 'C=US,O=Hotel\\, Miramar & Sons,OU=Points,CN=points.partner.example', false],
    ['subject', 'CN=points.partner.example', false],
    ['subject', '', false],
    ['subject', '=', false],
    ['dns', 'POINTS.partner.example', true],
    ['dns', 'partner.example', false],
    ['uri', 'https://partner.example/points', true],
    ['uri', 'https://partner.example/Points', false],
    ['ip', '10.0.0.7', true],
    ['ip', '2001:db8::7', true],
    ['ip', '10.0.0.70', false],
    ['email', 'tls@partner.example', true],
    ['email', 'points.partner.example', false],
  ])('%s %j matches: %s', (name, expected, matches) => {
    expect(certificateCarries(read('client'), name, expected)).toBe(matches);
  });
});
