/** Certificates of authorities as an operator gives them. Pure. */
import { X509Certificate } from 'node:crypto';

/**
 * The authorities of a PEM text.
 * @param pem certificates one after the other
 * @throws Error when one cannot be read, or is not a certificate of an authority
 */
export function parseAuthorities(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (pem.trim() !== '' && blocks.length === 0) throw new Error('there is no certificate');
  return blocks.map((block) => {
    const certificate = new X509Certificate(block);
    if (!certificate.ca) throw new Error('a certificate is not one of an authority');
    return certificate;
  });
}

/**
 * Whether a text is a list of authorities.
 * @param pem as given
 */
export function areAuthorities(pem: string): boolean {
  try {
    return parseAuthorities(pem).length > 0;
  } catch {
    return false;
  }
}
