/**
 * The certificate of a caller, as the proxy that ends TLS hands it over in a header. It reads and judges
 * certificates and knows no protocol. The header is believed only where an operator has named it: the proxy in
 * front must set it on every request and drop what a caller wrote (RFC 9440 section 4).
 */
import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { parseAuthorities } from '../config/authorities.ts';
import type { Clock } from '../kernel/clock.ts';
import { normaliseAddress } from './client-address.ts';

/** Names in a certificate that a caller can be known by. */
export type CertificateName = 'subject' | 'dns' | 'uri' | 'ip' | 'email';

/** Certificates of callers. */
export interface ClientCertificates {
  /** The caller's certificate; undefined when none was sent or it cannot be read. */
  of(request: IncomingMessage): X509Certificate | undefined;
  /** Whether it is valid now, for authenticating clients, and issued by one of the operator's authorities. */
  isTrusted(certificate: X509Certificate): boolean;
}

/** What the certificates are read by. */
export interface ClientCertificatesDeps {
  /** Header of the proxy: RFC 9440 (`:` base64 of DER `:`) or a PEM text, percent-encoded. */
  header: string;
  /** Certificates of the authorities, PEM, one after the other. */
  authorities: string | undefined;
  /** The one host where the proxy asks for certificates and sets the header; every host when undefined. */
  host?: string | undefined;
  clock: Clock;
}

const clientAuthentication = '1.3.6.1.5.5.7.3.2';
const longestHeader = 16_384;

/**
 * Builds the reader of certificates.
 * @param deps header, authorities, clock
 * @throws Error when an authority is not a certificate
 */
export function createClientCertificates(deps: ClientCertificatesDeps): ClientCertificates {
  const name = deps.header.toLowerCase();
  const authorities = parseAuthorities(deps.authorities ?? '');
  const read = new WeakMap<IncomingMessage, X509Certificate | undefined>();
  return {
    of(request) {
      if (deps.host !== undefined && request.headers.host?.toLowerCase() !== deps.host) return undefined;
      if (!read.has(request)) read.set(request, parse(request.headers[name]));
      return read.get(request);
    },
    isTrusted(certificate) {
      const now = deps.clock.now();
      const inTime = (each: X509Certificate) =>
        each.validFromDate.getTime() <= now && now <= each.validToDate.getTime();
      const purposes = certificate.keyUsage as readonly string[] | undefined;
      if (!inTime(certificate) || (purposes && !purposes.includes(clientAuthentication))) return false;
      return authorities.some(
        (authority) =>
          inTime(authority) && certificate.checkIssued(authority) && certificate.verify(authority.publicKey),
      );
    },
  };
}

function parse(header: string | string[] | undefined): X509Certificate | undefined {
  if (typeof header !== 'string' || header === '' || header.length > longestHeader) return undefined;
  // Two values come joined by a comma, which neither form holds: a proxy that adds its own behind a caller's.
  if (header.includes(',')) return undefined;
  const bytes = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(header)?.[1];
  try {
    return new X509Certificate(bytes ? Buffer.from(bytes, 'base64') : decodeURIComponent(header));
  } catch {
    return undefined;
  }
}

/**
 * Whether a certificate carries a name (RFC 8705 section 2.1.2).
 * @param certificate the certificate
 * @param name which kind of name
 * @param expected the registered value; a subject in the text form of RFC 4514
 */
export function certificateCarries(
  certificate: X509Certificate,
  name: CertificateName,
  expected: string,
): boolean {
  if (name === 'subject') return sameSubject(certificate.subject, expected);
  const wanted = alternativeName(name, expected);
  return alternativeNames(certificate.subjectAltName ?? '').some(
    ([type, value]) => type === labels[name] && alternativeName(name, value) === wanted,
  );
}

const labels = { dns: 'DNS', uri: 'URI', ip: 'IP Address', email: 'email' } as const;

function alternativeName(name: CertificateName, value: string): string {
  if (name === 'ip') return normaliseAddress(value) ?? value;
  return name === 'dns' ? value.toLowerCase().replace(/\.$/, '') : value;
}

/** Parts of `DNS:a.example, URI:https://…`; values with characters of the syntax come as JSON strings. */
function alternativeNames(text: string): [type: string, value: string][] {
  const parts = text.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? [];
  return parts.map((part) => {
    const colon = part.indexOf(':');
    const raw = part.slice(colon + 1);
    return [part.slice(0, colon).trim(), raw.startsWith('"') ? String(JSON.parse(raw)) : raw];
  });
}

/** Compared without regard to case and to runs of spaces (RFC 4517 section 4.2.15 for the usual types). */
function sameSubject(subject: string, expected: string): boolean {
  const actual = subject.split('\n').filter(Boolean).map(attribute);
  // RFC 4514 section 2.1 writes the last part first.
  const wanted = (expected.match(/(?:[^,\\]|\\.)+/g) ?? []).map(attribute).reverse();
  return (
    wanted.length > 0 &&
    actual.length === wanted.length &&
    actual.every((part, index) => part !== undefined && part === wanted[index])
  );
}

function attribute(text: string): string | undefined {
  const equals = text.indexOf('=');
  if (equals <= 0) return undefined;
  const type = text.slice(0, equals).trim().toUpperCase();
  const value = unescaped(text.slice(equals + 1).trim());
  return `${types[type] ?? type}=${value.toLowerCase().replace(/\s+/g, ' ')}`;
}

const types: Readonly<Record<string, string>> = { EMAILADDRESS: 'E', '1.2.840.113549.1.9.1': 'E' };

/** RFC 4514 section 2.4: a backslash before a special character, or before two hexadecimal digits of UTF-8. */
function unescaped(value: string): string {
  const bytes = value.replace(/(?:\\[0-9a-fA-F]{2})+/g, (run) =>
    Buffer.from(run.replaceAll('\\', ''), 'hex').toString('utf8'),
  );
  return bytes.replace(/\\(.)/g, '$1');
}
