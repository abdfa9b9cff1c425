/** Texts of OAuth: base64url, digests, random values. Over Web Crypto only. */

/**
 * Base64url without padding (RFC 4648 section 5).
 * @param bytes any bytes
 */
export function base64url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/**
 * SHA-256 of a text, base64url.
 * @param text any text
 */
export async function digestOf(text: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))));
}

/** 256 random bits, base64url. */
export function randomText(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}
