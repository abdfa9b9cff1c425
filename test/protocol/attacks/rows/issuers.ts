/** Whose answer it is: hosts that requests make up, and answers of one issuer to a request at another. */
import { request } from 'node:http';
import * as client from 'openid-client';
import type { Arena } from '../arena.ts';
import { type Answered, type Attack, page, type Seen, type Theme } from '../table.ts';

const discovery = '/.well-known/openid-configuration';

/** A request with headers and targets that `fetch` would not send. */
function raw(url: string, path: string, headers: Record<string, string>): Promise<Answered> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    request({ host: hostname, port, path, headers, family: 4 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: new Headers(), text });
      });
    })
      .on('error', reject)
      .end();
  });
}

/** Discovery that names nobody else, in spite of what was sent; else the answer shows whom it named. */
async function honest(arena: Arena, headers: Record<string, string>): Promise<Answered> {
  const { host } = new URL(arena.url);
  const answer = await raw(arena.url, discovery, { host, ...headers });
  const document = JSON.parse(answer.text) as Record<string, unknown>;
  const foreign = Object.values(document).filter(
    (value) => typeof value === 'string' && /^https?:/.test(value) && !value.startsWith(arena.url),
  );
  return foreign.length === 0 ? answer : { ...answer, status: 500, text: foreign.join(' ') };
}

const forwarded: readonly [string, Record<string, string>][] = [
  ['`X-Forwarded-Host`', { 'x-forwarded-host': 'evil.example' }],
  ['`X-Forwarded-Proto`', { 'x-forwarded-proto': 'https' }],
  ['`X-Forwarded-Port`', { 'x-forwarded-port': '8443' }],
  ['`Forwarded`', { forwarded: 'host=evil.example;proto=https' }],
  ['`X-Original-URL`', { 'x-original-url': '/account' }],
  ['`X-Rewrite-URL`', { 'x-rewrite-url': '/account' }],
  ['`X-Host`', { 'x-host': 'evil.example' }],
  ['an empty `Host`', { host: '' }],
];

const hosts: readonly Attack[] = [
  ...forwarded.map(
    ([sent, headers]): Attack => ({
      attempt: 'Issuer by a header of the request',
      sent,
      seen: { manner: 'fine', status: 200 },
      section: 'OIDC Discovery §4.3',
      ready: async (arena) => () => honest(arena, headers),
    }),
  ),
  ...['evil.example', 'localhost', 'localhost:1', 'localhost@evil.example'].map(
    (host): Attack => ({
      attempt: 'Issuer by the name it is called by',
      sent: `\`Host: ${host}\``,
      seen: page(421),
      section: 'RFC 9110 §7.4',
      ready: async (arena) => () => raw(arena.url, discovery, { host }),
    }),
  ),
];

/** The library of a relying party that speaks with this issuer and with the attacker's, which has the same client. */
function twoIssuers({ url }: Arena) {
  const evil = 'https://evil.example';
  const config = (issuer: string) => {
    const made = new client.Configuration(
      {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        authorization_response_iss_parameter_supported: true,
      },
      'airline',
    );
    client.allowInsecureRequests(made);
    return made;
  };
  return { honest: config(url), evil: config(evil) };
}

/** What the library says of an answer that came to the redirect address of a request at another issuer. */
async function judge(config: client.Configuration, back: URL, state: string): Promise<Answered> {
  const answer = { status: 0, headers: new Headers() };
  try {
    await client.authorizationCodeGrant(config, back, { expectedState: state });
  } catch (error) {
    const { message, cause } = error instanceof Error ? error : new Error('refused');
    return { ...answer, text: cause instanceof Error ? cause.message : message };
  }
  return { ...answer, text: 'accepted' };
}

const refusal: Seen = {
  manner: 'library',
  status: 0,
  error: 'unexpected "iss" (issuer) response parameter value',
};

const mixUps: readonly Attack[] = [
  ...(['a code', 'an error'] as const).map(
    (sent): Attack => ({
      attempt: 'Mix-up: this issuer’s answer to a request at the attacker’s',
      sent,
      seen: refusal,
      section: 'RFC 9207 §2.4',
      async ready(arena) {
        const page = await arena.authorize({
          state: 'mixed',
          ...(sent === 'an error' && { code_challenge_method: 'plain' }),
        });
        const back = new URL(page.headers.get('location') ?? '');
        return () => judge(twoIssuers(arena).evil, back, 'mixed');
      },
    }),
  ),
  {
    attempt: 'Mix-up: the attacker’s answer to a request at this issuer',
    sent: 'a code under the attacker’s `iss`',
    seen: refusal,
    section: 'RFC 9207 §2.4',
    ready: async (arena) => () =>
      judge(
        twoIssuers(arena).honest,
        new URL('https://airline.example/callback?code=x&state=mixed&iss=https%3A%2F%2Fevil.example'),
        'mixed',
      ),
  },
  {
    attempt: 'Mix-up: the attacker’s answer to a request at this issuer',
    sent: 'a code without `iss`',
    seen: { ...refusal, error: 'response parameter "iss" (issuer) missing' },
    section: 'RFC 9207 §2.4',
    ready: async (arena) => () =>
      judge(
        twoIssuers(arena).honest,
        new URL('https://airline.example/callback?code=x&state=mixed'),
        'mixed',
      ),
  },
];

/** Issuers. */
export const issuers: Theme = { title: 'Whose answer it is', rows: [...hosts, ...mixUps] };
