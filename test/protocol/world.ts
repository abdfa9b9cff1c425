/** What tests of the protocol have in common: signed-in people, raw requests to the endpoints, code and token sets. */
import { request } from 'node:http';
import { expect } from '@jest/globals';
import * as client from 'openid-client';
import type { Agent, Page } from '../support/agent.ts';
import type { TestIssuer } from '../support/issuer.ts';
import { goodPassword, register, signIn } from '../support/people.ts';
import type { Begun, RelyingParty } from '../support/relying-party.ts';

/** A member with a browser that is signed in. */
export interface SignedIn {
  agent: Agent;
  email: string;
  memberId: string;
  tokens: Awaited<ReturnType<RelyingParty['finish']>>;
}

/** Registers a member at a first-party client; the browser keeps the session. */
export async function newMember(issuer: TestIssuer, site: RelyingParty, email: string): Promise<SignedIn> {
  const agent = issuer.agent();
  const { page, begun } = await site.open(agent);
  const back = await register(issuer, agent, page, { email });
  codeOf(back);
  const tokens = await site.finish(back, begun);
  return { agent, email, tokens, memberId: tokens.claims()?.sub ?? '' };
}

/** Signs a member in on a browser of its own. */
export async function signedIn(
  issuer: TestIssuer,
  site: RelyingParty,
  member: Pick<SignedIn, 'email' | 'memberId'>,
): Promise<SignedIn> {
  const agent = issuer.agent();
  const { page, begun } = await site.open(agent);
  const back = await signIn(agent, page, { email: member.email });
  codeOf(back);
  return { ...member, agent, tokens: await site.finish(back, begun) };
}

/** The password of every member made here. */
export const password = goodPassword;

/** A raw answer of an endpoint. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  json: Record<string, unknown>;
}

/** Authorization header of a confidential client of the tests. */
export function basic(id: string): string {
  const secret = `secret-of-${id}-0123456789abcdef0123456789`;
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}

/** Posts a form to an endpoint, as a confidential client unless told otherwise. */
export async function post(
  issuer: { url: string },
  path: string,
  form: Record<string, string> | string,
  options: { as?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(new URL(path, issuer.url), {
    method: 'POST',
    redirect: 'manual',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(options.as && { authorization: basic(options.as) }),
      ...options.headers,
    },
    body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
  });
  return answerOf(response.status, response.headers, await response.text());
}

/** Posts a form to a process that listens on another port than its issuer's address names. */
export function postTo(
  process: { port: number; issuer: string },
  path: string,
  form: Record<string, string> | string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const body = typeof form === 'string' ? form : new URLSearchParams(form).toString();
    const sent = request(
      {
        host: '127.0.0.1',
        port: process.port,
        path,
        method: 'POST',
        headers: {
          host: new URL(process.issuer).host,
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': Buffer.byteLength(body),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve(answerOf(response.statusCode ?? 0, new Headers(), Buffer.concat(chunks).toString())),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

function answerOf(status: number, headers: Headers, text: string): Answer {
  let json: Record<string, unknown> = {};
  try {
    json = JSON.parse(text);
  } catch {
    // a page
  }
  return { status, headers, text, json };
}

/** The code of a redirect back. */
export function codeOf(page: Page): string {
  const code = new URL(page.url).searchParams.get('code');
  if (!code) throw new Error(`no code on the way back: ${page.status} ${page.title}`);
  return code;
}

/** The form that redeems a code. */
export function redemption(site: RelyingParty, page: Page, begun: Begun): Record<string, string> {
  return {
    grant_type: 'authorization_code',
    code: codeOf(page),
    redirect_uri: site.redirectUri,
    code_verifier: begun.verifier,
  };
}

/** A code that waits to be redeemed, of a browser that is signed in. */
export async function freshCode(site: RelyingParty, agent: Agent, parameters: Record<string, string> = {}) {
  const { page, begun } = await site.open(agent, { prompt: 'none', ...parameters });
  return redemption(site, page, begun);
}

/** Whether an access token still opens userinfo. */
export async function opensUserinfo(issuer: { url: string }, token: string): Promise<boolean> {
  const response = await fetch(new URL('/userinfo', issuer.url), {
    headers: { authorization: `Bearer ${token}` },
  });
  await response.text();
  return response.status === 200;
}

/** Refreshes; undefined when the refresh token is refused as such. */
export async function refresh(site: RelyingParty, token: string) {
  try {
    return await client.refreshTokenGrant(site.config, token);
  } catch (error) {
    if (error instanceof client.ResponseBodyError && error.error === 'invalid_grant') return undefined;
    throw error;
  }
}

/** What no answer may show, whatever was sent. */
export const inside = /\bat [\w.<>]+ \(|node_modules|\.ts:\d|Mongo|mongodb:|TypeError|ReferenceError/;

/** A refusal with its status and, where it is data, its error code; nothing of the inside is shown. */
export function expectRefusal(answer: Answer | Page, status: number, error?: string) {
  expect(answer.status).toBe(status);
  expect(answer.text).not.toMatch(inside);
  if (error !== undefined && 'json' in answer) expect(answer.json.error).toBe(error);
}
