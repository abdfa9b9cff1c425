/**
 * A device without a browser, as RFC 8628 wants it: it asks for a code, shows it with the address to open, and polls
 * until the person has answered on a device of their own. Waiting between polls is the library's part.
 */
import * as oidc from 'openid-client';
import { renderUnicodeCompact } from 'uqr';
import { insecureOnLoopback } from '../loopback.ts';

/** What the device needs. */
export interface DeviceOptions {
  issuer: string;
  clientId: string;
  /** Shows a line on the device's screen. */
  say(line: string): void;
  /** Told what was asked, so that a test can answer; the person reads the same on the screen. */
  shown?(asked: oidc.DeviceAuthorizationResponse): void;
  /** Gives up waiting; the code expires by itself too. */
  signal?: AbortSignal;
}

/** What the device learnt about the person. */
export interface DeviceResult {
  claims: Readonly<Record<string, unknown>>;
}

/**
 * Runs one sign-in from beginning to end.
 * @param options issuer, client id, and the screen
 * @throws when the person refuses, nobody answers in time, or the issuer says no
 */
export async function runDevice(options: DeviceOptions): Promise<DeviceResult> {
  const config = await oidc.discovery(new URL(options.issuer), options.clientId, undefined, oidc.None(), {
    execute: [...insecureOnLoopback(options.issuer), oidc.enableNonRepudiationChecks],
  });
  const asked = await oidc.initiateDeviceAuthorization(config, { scope: 'openid profile email' });
  const complete = asked.verification_uri_complete ?? asked.verification_uri;
  for (const line of [
    renderUnicodeCompact(complete),
    `Scan this, or open ${asked.verification_uri} on your phone and enter:`,
    '',
    `    ${asked.user_code}`,
    '',
    `Waiting for ${Math.round(asked.expires_in / 60)} minutes at most.`,
  ]) {
    options.say(line);
  }
  options.shown?.(asked);
  const tokens = await oidc.pollDeviceAuthorizationGrant(config, asked, undefined, {
    ...(options.signal && { signal: options.signal }),
  });
  const subject = tokens.claims()?.sub ?? '';
  const claims = await oidc.fetchUserInfo(config, tokens.access_token, subject);
  options.say(`Welcome, ${claims.name ?? claims.email ?? subject}. You are signed in on this screen.`);
  return { claims };
}

/**
 * Why it did not work, in words for the device's screen.
 * @param error what {@link runDevice} threw
 */
export function reasonOf(error: unknown): string {
  const code = error instanceof oidc.ResponseBodyError ? error.error : undefined;
  if (code === 'access_denied') return 'the sign-in was refused on the other device';
  if (code === 'expired_token') return 'nobody answered in time; start again for a new code';
  return error instanceof Error ? error.message : 'unknown reason';
}
