/** The part of `doctor` that looks at the issuer from outside: address, certificate, cookies, mail server. */
import { connect } from 'node:tls';
import { z } from 'zod';
import type { Config } from '../../base/config/load.ts';
import { checkMailServer } from '../../base/mail/transport.ts';
import { type Finding, fault, ok, warning } from './finding.ts';
import type { World } from './world.ts';

const patienceMs = 5_000;
const certificateMs = 14 * 86_400_000;
const discoverySchema = z.object({ issuer: z.string() });

/**
 * Looks at the issuer as a browser would, and at the mail server.
 * @param world the rest
 * @param config process configuration
 */
export async function issuerFindings(world: World, config: Config): Promise<Finding[]> {
  const answering = await discoveryFinding(config.issuer);
  return [
    transportFinding(config),
    answering,
    ...(config.issuer.startsWith('https:') && answering.level === 'ok'
      ? [await certificate(world, config.issuer)]
      : []),
    ...(answering.level === 'ok' ? [await cookieFinding(config.issuer)] : []),
    await mailFinding(config),
  ];
}

function transportFinding({ issuer, environment }: Config): Finding {
  if (issuer.startsWith('https:')) return ok('tls', 'The issuer is https.');
  return environment === 'production'
    ? fault(
        'tls',
        'The issuer is http.',
        'Put a TLS proxy in front and set SYMBOLON_ISSUER to its https origin.',
      )
    : ok('tls', 'The issuer is http, which is right on a developer’s own machine only.');
}

async function discoveryFinding(issuer: string): Promise<Finding> {
  const address = `${issuer}/.well-known/openid-configuration`;
  try {
    const response = await fetch(address, { redirect: 'error', signal: AbortSignal.timeout(patienceMs) });
    const found = discoverySchema.safeParse(await response.json());
    if (!response.ok || !found.success)
      return fault(
        'issuer',
        `${address} answers ${response.status} without a discovery document.`,
        'Check the proxy in front.',
      );
    return found.data.issuer === issuer
      ? ok('issuer', `${issuer} answers with its own name.`)
      : fault(
          'issuer',
          `${address} names another issuer: ${found.data.issuer}.`,
          'Set SYMBOLON_ISSUER to one origin everywhere, exactly as browsers see it.',
        );
  } catch (error) {
    const why = causeOf(error);
    return /CERT|SELF_SIGNED|ALTNAME/i.test(why)
      ? fault(
          'issuer',
          `The certificate of ${issuer} is not accepted (${why}).`,
          'Install a certificate for this host from a known authority.',
        )
      : warning(
          'issuer',
          `${issuer} does not answer here (${why}).`,
          'Start the issuer, or run doctor where it can be reached.',
        );
  }
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return cause instanceof Error ? cause.name : 'unknown';
}

async function certificate(world: World, issuer: string): Promise<Finding> {
  const url = new URL(issuer);
  const until = await new Promise<number>((resolve) => {
    const socket = connect({ host: url.hostname, port: Number(url.port || 443), servername: url.hostname });
    const end = (value: number) => {
      socket.destroy();
      resolve(value);
    };
    socket.setTimeout(patienceMs, () => end(Number.NaN));
    socket.once('error', () => end(Number.NaN));
    socket.once('secureConnect', () => end(Date.parse(socket.getPeerCertificate().valid_to)));
  });
  const left = until - world.clock.now();
  return left < certificateMs
    ? warning(
        'certificate',
        `The certificate ends in ${Math.max(0, Math.floor(left / 86_400_000))} days.`,
        'Renew it.',
      )
    : ok('certificate', 'The certificate is valid for more than two weeks.');
}

/** Every cookie that the account page sets, as it arrives behind all proxies. */
async function cookieFinding(issuer: string): Promise<Finding> {
  const fix =
    'Check that no proxy in front rewrites Set-Cookie, and that SYMBOLON_ISSUER is the https origin.';
  try {
    const response = await fetch(`${issuer}/account`, {
      redirect: 'manual',
      headers: { accept: 'text/html' },
      signal: AbortSignal.timeout(patienceMs),
    });
    await response.arrayBuffer();
    const cookies = response.headers.getSetCookie();
    const faults = [
      ...new Set(cookies.flatMap((cookie) => cookieFaults(cookie, issuer.startsWith('https:')))),
    ];
    return faults.length > 0
      ? fault('cookies', `${faults.join('; ')}.`, fix)
      : ok('cookies', `${cookies.length} cookies of the account page carry every flag.`);
  } catch (error) {
    return warning('cookies', `The account page does not answer here (${causeOf(error)}).`, fix);
  }
}

/**
 * What a cookie lacks.
 * @param line a `Set-Cookie` header
 * @param secure whether the issuer is https
 */
export function cookieFaults(line: string, secure: boolean): string[] {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim().toLowerCase());
  const name = pair.slice(0, pair.indexOf('='));
  const lacking = [
    attributes.includes('httponly') ? '' : 'HttpOnly',
    attributes.some((part) => /^samesite=(lax|strict)$/.test(part)) ? '' : 'SameSite',
    secure && !attributes.includes('secure') ? 'Secure' : '',
    attributes.some((part) => part.startsWith('domain=')) ? 'a host of its own (it has Domain)' : '',
  ].filter((part) => part !== '');
  return lacking.length > 0 ? [`the cookie ${name} lacks ${lacking.join(', ')}`] : [];
}

async function mailFinding({ smtpUrl }: Config): Promise<Finding> {
  if (smtpUrl === undefined) return ok('mail', 'Mails go to the development mailbox (/dev/mailbox).');
  try {
    await checkMailServer(smtpUrl);
    return ok('mail', 'The mail server answers and takes the credentials.');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
    return fault(
      'mail',
      `The mail server does not work (${code}).`,
      'Check SYMBOLON_SMTP_URL: host, port, smtp or smtps, user and password.',
    );
  }
}
