import { beforeAll, describe, expect, it } from '@jest/globals';
import { createAccount } from '../../sdk/src/account.ts';
import { createDpop, memoryKeys } from '../../sdk/src/dpop.ts';
import { agreed, visibleFields } from '../../sdk/src/forms.ts';
import { createSignIn, type SignInOptions } from '../../sdk/src/sign-in.ts';
import type { Agent } from '../support/agent.ts';
import type { TestIssuer } from '../support/issuer.ts';
import { register } from '../support/people.ts';
import { registerSite } from '../surfaces/apis/world.ts';
import { memory, sdkScope, startProgram } from './world.ts';

const redirectUri = 'https://shop.example/callback';

let issuer: TestIssuer;
let agent: Agent;

beforeAll(async () => {
  issuer = await startProgram();
  await registerSite(issuer, 'shop', {
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    dpop_bound_access_tokens: true,
    scope: sdkScope,
  });
  await registerSite(issuer, 'server', {
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    scope: sdkScope,
  });
  agent = issuer.agent();
  const page = await agent.open(await signInWith().begin());
  await register(issuer, agent, page, { email: 'ann@example.com' });
});

/** What was sent to the issuer, and how it answered. */
interface Sent {
  path: string;
  status: number;
  proof: Record<string, unknown>;
  authorization: string | null;
}
const sent: Sent[] = [];

const watched: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  const headers = new Headers(init?.headers);
  const [, payload = ''] = (headers.get('dpop') ?? '').split('.');
  sent.push({
    path: new URL(String(input)).pathname,
    status: response.status,
    proof: payload === '' ? {} : JSON.parse(Buffer.from(payload, 'base64url').toString()),
    authorization: headers.get('authorization'),
  });
  return response;
};

const signInWith = (more: Partial<SignInOptions> = {}) =>
  createSignIn({
    issuer: issuer.url,
    clientId: 'shop',
    redirectUri,
    scope: sdkScope,
    resource: `${issuer.url}/api/account`,
    store: memory(),
    dpop: createDpop(),
    fetch: watched,
    ...more,
  });

async function signedIn(more: Partial<SignInOptions> = {}) {
  const dpop = more.dpop ?? createDpop();
  const signIn = signInWith({ ...more, dpop });
  await signIn.finish((await agent.open(await signIn.begin({ prompt: 'none' }))).url);
  const account = createAccount({
    issuer: issuer.url,
    accessToken: signIn.accessToken,
    dpop,
    language: 'en',
    fetch: watched,
  });
  return { signIn, dpop, account };
}

describe('tokens with DPoP', () => {
  it('are bound to the key from the code on, and open nothing without it', async () => {
    const { signIn, account } = await signedIn();
    expect((await account.whoami()).sub).toBe(signIn.tokens()?.sub);
    const call = sent.at(-1);
    expect(call?.proof).toMatchObject({
      htm: 'GET',
      htu: `${issuer.url}/api/account/whoami`,
      ath: expect.stringMatching(/^[\w-]{43}$/),
    });
    const bearer = createAccount({ issuer: issuer.url, accessToken: signIn.accessToken });
    await expect(bearer.whoami()).rejects.toMatchObject({ code: 'token.invalid' });
    const stolen = createAccount({
      issuer: issuer.url,
      accessToken: signIn.accessToken,
      dpop: createDpop({ keys: memoryKeys() }),
    });
    await expect(stolen.whoami()).rejects.toMatchObject({ code: 'token.invalid' });
  });

  it('are not given for a code that somebody took to another key', async () => {
    const store = memory();
    const page = await agent.open(await signInWith({ store }).begin({ prompt: 'none' }));
    const thief = signInWith({ store });
    await expect(thief.finish(page.url)).rejects.toMatchObject({ code: 'invalid_grant' });
  });

  it('are renewed with the key only', async () => {
    const store = memory();
    const { signIn } = await signedIn({ store });
    issuer.clock.advance(11 * 60_000);
    const thief = signInWith({ store });
    await expect(thief.accessToken()).rejects.toMatchObject({ code: 'signed_out' });
    const { signIn: own, account } = await signedIn();
    issuer.clock.advance(11 * 60_000);
    expect((await account.whoami()).sub).toBe(own.tokens()?.sub);
    expect(signIn.tokens()).toBeUndefined();
  });

  it('of a server outlive its key: its secret renews them', async () => {
    const store = memory();
    const clientSecret = 'secret-of-server-0123456789abcdef0123456789';
    const server = { clientId: 'server', clientSecret, store };
    await signedIn(server);
    issuer.clock.advance(11 * 60_000);
    const dpop = createDpop();
    const restarted = signInWith({ ...server, dpop });
    const account = createAccount({ issuer: issuer.url, accessToken: restarted.accessToken, dpop });
    expect((await account.whoami()).client).toBe('server');
  });

  it('are refused where the answer is not bound', async () => {
    const open: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (!String(input).endsWith('/token')) return response;
      return Response.json({ ...((await response.json()) as object), token_type: 'Bearer' });
    };
    const signIn = signInWith({ fetch: open });
    const page = await agent.open(await signIn.begin({ prompt: 'none' }));
    await expect(signIn.finish(page.url)).rejects.toMatchObject({ code: 'token.invalid' });
    expect(signIn.tokens()).toBeUndefined();
  });

  it('come by the server’s nonce where this clock is wrong, and keep it', async () => {
    const dpop = createDpop({ now: () => Date.now() - 3_600_000 });
    sent.length = 0;
    const { account } = await signedIn({ dpop });
    await account.whoami();
    await account.profile();
    expect(sent.filter(({ path }) => path !== '/.well-known/openid-configuration')).toMatchObject([
      { path: '/token', status: 400 },
      { path: '/token', status: 200, proof: { nonce: expect.any(String) } },
      { path: '/api/account/whoami', status: 200, proof: { nonce: expect.any(String) } },
      { path: '/api/account/profile', status: 200, proof: { nonce: expect.any(String) } },
    ]);
  });

  it('come by a new nonce where the old one is over, at an API as well', async () => {
    const { account } = await signedIn({ dpop: createDpop() });
    await account.whoami();
    issuer.clock.advance(9 * 60_000);
    sent.length = 0;
    await account.whoami();
    expect(sent).toMatchObject([
      { status: 401, proof: { nonce: expect.any(String) } },
      { status: 200, proof: { nonce: expect.any(String) } },
    ]);
    const [first, second] = sent.map(({ proof }) => [proof.nonce, proof.jti]);
    expect(first?.[0]).not.toBe(second?.[0]);
    expect(first?.[1]).not.toBe(second?.[1]);
  });

  it('go with the key when somebody signs out', async () => {
    const { signIn, dpop } = await signedIn();
    const before = await dpop.thumbprint();
    await signIn.signOut();
    expect(await dpop.thumbprint()).not.toBe(before);
  });
});

describe('a key', () => {
  it('is never to be read, and made once however many ask', async () => {
    const kept = memoryKeys();
    const dpop = createDpop({ keys: kept });
    const names = await Promise.all([dpop.thumbprint(), dpop.thumbprint()]);
    expect(new Set(names).size).toBe(1);
    const { privateKey } = await kept.keep(() => Promise.reject(new Error('made twice')));
    await expect(crypto.subtle.exportKey('jwk', privateKey)).rejects.toThrow();
  });

  it('of a server is the one that the server keeps', async () => {
    const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
    const keys = { keep: async () => pair, forget: async () => undefined };
    const [one, other] = [createDpop({ keys }), createDpop({ keys })];
    expect(await one.thumbprint()).toBe(await other.thumbprint());
  });

  it('that cannot be kept is asked for again the next time', async () => {
    const kept = memoryKeys();
    let full = true;
    const dpop = createDpop({
      keys: { ...kept, keep: (make) => (full ? Promise.reject(new Error('full')) : kept.keep(make)) },
    });
    await expect(dpop.thumbprint()).rejects.toThrow('full');
    full = false;
    expect(await dpop.thumbprint()).toMatch(/^[\w-]{43}$/);
  });
});

describe('forms and questions', () => {
  it('are read, drawn and answered', async () => {
    const { account } = await signedIn();
    expect(await account.forms()).toContainEqual({ name: 'pets', title: 'Your pets', lead: null });
    const { form, etag } = await account.form('pets');
    const names = (pet: string) => visibleFields(form, { pet }).map(({ name }) => name);
    expect([names('none'), names('dog')]).toEqual([
      ['pet', 'personalisation'],
      ['pet', 'pet_name', 'personalisation'],
    ]);
    const wrong = await account.submitForm('pets', { attributes: { pet: 'dog' } }).catch((error) => error);
    expect(wrong.errors).toEqual([{ path: '/attributes/pet_name', code: 'field.required' }]);
    const consent = visibleFields(form, {}).find(({ kind }) => kind === 'consent');
    if (!consent) throw new Error('no consent');
    const answers = {
      attributes: { pet: 'dog', pet_name: 'Rex' },
      consents: { [consent.name]: agreed(consent) },
    };
    const kept = await account.submitForm('pets', answers, { etag, retryKey: '"one"' });
    expect(kept.form.answers).toEqual({
      attributes: { pet: 'dog', pet_name: 'Rex' },
      consents: { personalisation: true },
    });
    expect(await account.submitForm('pets', answers, { etag, retryKey: '"one"' })).toEqual(kept);
    await expect(account.submitForm('pets', answers, { etag })).rejects.toMatchObject({
      code: 'precondition.failed',
    });
    await expect(account.form('nothing')).rejects.toMatchObject({ code: 'form.unknown', status: 404 });
    const waiting = await account.questions();
    expect(waiting.map(({ attribute, label }) => [attribute, label])).toEqual([
      ['hobby', 'Your hobby'],
      ['sport', 'Your sport'],
    ]);
    expect(await account.answerQuestions({ hobby: 'chess', sport: null })).toEqual([]);
    expect((await account.profile()).profile.attributes).toMatchObject({ hobby: 'chess', pet_name: 'Rex' });
  });
});
