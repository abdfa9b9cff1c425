/** The picture of a code: the address a person's phone opens, and nothing else. The one place that draws QR codes. */
import { renderSVG } from 'uqr';
import { showUserCode } from '../../protocol/oidc/user-codes.ts';

/**
 * Draws the address with the code in it (RFC 8628 section 3.3.1), black on white whatever the page around it.
 * @param issuer the issuer's address
 * @param code eight letters
 * @returns an SVG document
 */
export function deviceQr(issuer: string, code: string): string {
  const url = new URL('/device', issuer);
  url.searchParams.set('user_code', showUserCode(code));
  return renderSVG(url.href, { border: 4, ecc: 'M' });
}
