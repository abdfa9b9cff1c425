/**
 * A browser of the bench: starts an authorization request with PKCE, goes through whatever pages the peer shows, and
 * comes back with the code. Owns the journey, not the operations made of it.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Target } from '../peers/peer.ts';
import type { BenchClient, BenchMember } from '../world.ts';
import type { CookieJar } from './cookie-jar.ts';
import { type Form, readForms } from './forms.ts';
import { type Answer, send } from './http.ts';
import { basic, json } from './requests.ts';

/** What a relying party asks for. */
export interface Visit {
  target: Target;
  authorizationEndpoint: string;
  client: BenchClient;
  scope: string;
  prompt?: string;
  /** Where the request is pushed first, so that the browser carries a reference only (RFC 9126). */
  pushTo?: string;
  jar: CookieJar;
  /** Who signs in when asked; left out where a live session must do. */
  member?: BenchMember;
}

/** What comes back to the relying party. */
export interface Returned {
  code: string;
  verifier: string;
}

const mostSteps = 14;

/**
 * Goes from the authorization request to the code.
 * @param visit who asks for what, in which browser
 * @throws Error when a page cannot be passed, the peer refuses, or the journey does not end
 */
export async function authorize(visit: Visit): Promise<Returned> {
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(8).toString('base64url');
  let answer = await send({ url: await authorizationUrl(visit, verifier, state), jar: visit.jar });
  for (let step = 0; step < mostSteps; step += 1) {
    const location = answer.headers.location;
    if (location === undefined) {
      answer = await passPage(visit, answer);
      continue;
    }
    const next = new URL(location, answer.url);
    if (next.href.startsWith(visit.target.world.redirectUri)) return { code: codeOf(next, state), verifier };
    answer = await send({ url: next.href, jar: visit.jar });
  }
  throw new Error(`still under way after ${mostSteps} steps at ${new URL(answer.url).pathname}`);
}

async function authorizationUrl(visit: Visit, verifier: string, state: string): Promise<string> {
  const url = new URL(visit.authorizationEndpoint);
  const parameters = {
    client_id: visit.client.id,
    redirect_uri: visit.target.world.redirectUri,
    response_type: 'code',
    scope: visit.scope,
    state,
    nonce: state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...(visit.prompt === undefined ? {} : { prompt: visit.prompt }),
  };
  const carried =
    visit.pushTo === undefined ? parameters : await push(visit.pushTo, visit.client, parameters);
  for (const [name, value] of Object.entries(carried)) url.searchParams.set(name, value);
  return url.href;
}

async function push(
  url: string,
  client: BenchClient,
  form: Record<string, string>,
): Promise<Record<string, string>> {
  const answer = await json({ url, method: 'POST', headers: basic(client), form }, 201);
  return { client_id: client.id, request_uri: (answer as { request_uri: string }).request_uri };
}

async function passPage(visit: Visit, page: Answer): Promise<Answer> {
  const path = new URL(page.url).pathname.replace(/[\w-]{20,}/g, '…');
  if (visit.member === undefined) throw new Error(`asked to sign in although signed in (${path})`);
  const form = chooseForm(readForms(page.body, page.url), visit);
  if (page.status >= 400 || form === undefined) throw new Error(`stuck at ${path}, status ${page.status}`);
  const values = filled(form, visit, visit.member);
  const headers = { origin: new URL(page.url).origin, 'sec-fetch-site': 'same-origin' };
  return form.method === 'POST'
    ? send({ url: form.action, method: 'POST', headers, form: values, jar: visit.jar })
    : send({ url: `${form.action}?${new URLSearchParams(values)}`, jar: visit.jar });
}

/** The form that asks for the password, else for the login, else the first that is sent by POST (consent). */
function chooseForm(forms: Form[], visit: Visit): Form | undefined {
  const { login, password } = visit.target.fields;
  const asking = (name: string) => forms.find((form) => name in form.values);
  return asking(password) ?? asking(login) ?? forms.find((form) => form.method === 'POST');
}

function filled(form: Form, visit: Visit, member: BenchMember): Record<string, string> {
  const { login, password } = visit.target.fields;
  const values = { ...form.values };
  if (form.button !== undefined) values[form.button.name] = form.button.value;
  if (login in values) values[login] = member.login;
  if (password in values) values[password] = member.password;
  return values;
}

function codeOf(url: URL, state: string): string {
  const code = url.searchParams.get('code');
  if (code === null) throw new Error(`refused: ${url.searchParams.get('error')}`);
  if (url.searchParams.get('state') !== state) throw new Error('foreign state');
  return code;
}
