import { beforeAll, describe, expect, it } from '@jest/globals';
import { AccountError, createAccount } from '../../sdk/src/account.ts';
import { createSignIn, type SignInOptions } from '../../sdk/src/sign-in.ts';
import type { Agent } from '../support/agent.ts';
import { startIssuer, type TestIssuer } from '../support/issuer.ts';
import { register } from '../support/people.ts';
import { machineToken, registerMachine, registerSite } from '../surfaces/apis/world.ts';
import { memory } from './world.ts';

const scope = 'openid account:profile.read account:profile.write account:consents';
const redirectUri = 'https://shop.example/callback';

let issuer: TestIssuer;
let agent: Agent;
const calls: string[] = [];

beforeAll(async () => {
  issuer = await startIssuer();
  await registerSite(issuer, 'shop', {
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
  });
  await registerSite(issuer, 'server', {
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
  });
  await registerMachine(issuer, 'ledger', 'members:attributes.write');
  agent = issuer.agent();
  const signIn = signInWith();
  await register(issuer, agent, await agent.open(await signIn.begin()), { email: 'ann@example.com' });
});

const signInWith = (more: Partial<SignInOptions> = {}) =>
  createSignIn({
    issuer: issuer.url,
    clientId: 'shop',
    redirectUri,
    scope,
    resource: `${issuer.url}/api/account`,
    store: memory(),
    now: issuer.clock.now,
    fetch: (input, init) => {
      calls.push(`${init?.method ?? 'GET'} ${new URL(String(input)).pathname}`);
      return fetch(input, init);
    },
    ...more,
  });

/** Where the browser comes back to, signed in already. */
const wayBack = async (signIn: ReturnType<typeof signInWith>) => (await agent.open(await signIn.begin())).url;

const signedIn = async (more: Partial<SignInOptions> = {}) => {
  const signIn = signInWith(more);
  await signIn.finish(await wayBack(signIn));
  return signIn;
};

describe('signing in', () => {
  it('brings tokens that open the account', async () => {
    const signIn = await signedIn();
    const account = createAccount({ issuer: issuer.url, accessToken: signIn.accessToken });
    expect((await account.whoami()).sub).toBe(signIn.tokens()?.sub);
  });

  it('works with the secret of a server', async () => {
    const clientSecret = 'secret-of-server-0123456789abcdef0123456789';
    const signIn = await signedIn({ clientId: 'server', clientSecret });
    expect(signIn.tokens()?.refreshToken).toBeDefined();
  });

  it('refuses an answer nobody asked for, and one that was used', async () => {
    const signIn = signInWith();
    const address = await wayBack(signIn);
    await expect(signInWith().finish(address)).rejects.toMatchObject({ code: 'state.unknown' });
    await signIn.finish(address);
    await expect(signIn.finish(address)).rejects.toMatchObject({ code: 'state.unknown' });
  });

  it('refuses an answer of another issuer before it sends the code anywhere', async () => {
    const signIn = signInWith();
    const address = new URL(await wayBack(signIn));
    address.searchParams.set('iss', 'https://evil.example');
    calls.length = 0;
    await expect(signIn.finish(address.href)).rejects.toMatchObject({ code: 'issuer.other' });
    expect(calls).toEqual([]);
  });

  it('refuses an ID token that was made for another request', async () => {
    const store = memory();
    const spoilt = {
      ...store,
      getItem: (key: string) => store.getItem(key)?.replace(/"nonce":"[^"]*"/, '"nonce":"other"') ?? null,
    };
    const signIn = signInWith({ store: spoilt });
    await expect(signIn.finish(await wayBack(signIn))).rejects.toMatchObject({ code: 'token.invalid' });
    expect(signIn.tokens()).toBeUndefined();
  });

  it('tells what the issuer refused', async () => {
    const signIn = signInWith();
    const { url } = await issuer.agent().open(await signIn.begin({ prompt: 'none' }));
    await expect(signIn.finish(url)).rejects.toMatchObject({ code: 'login_required' });
  });
});

describe('a token that is over', () => {
  it('is renewed once, however many ask', async () => {
    const signIn = await signedIn();
    const first = await signIn.accessToken();
    issuer.clock.advance(11 * 60_000);
    calls.length = 0;
    const renewed = await Promise.all([signIn.accessToken(), signIn.accessToken(), signIn.accessToken()]);
    expect(new Set(renewed).size).toBe(1);
    expect(renewed[0]).not.toBe(first);
    expect(calls).toEqual(['POST /token']);
    const account = createAccount({ issuer: issuer.url, accessToken: signIn.accessToken });
    expect((await account.whoami()).client).toBe('shop');
  });

  it('is forgotten when it cannot be renewed', async () => {
    const store = memory();
    const signIn = await signedIn({ store });
    const key = 'symbolon:shop:tokens';
    store.setItem(key, (store.getItem(key) ?? '').replace(/"refreshToken":"[^"]*"/, '"refreshToken":"gone"'));
    issuer.clock.advance(11 * 60_000);
    await expect(signIn.accessToken()).rejects.toMatchObject({ code: 'signed_out' });
    expect(signIn.tokens()).toBeUndefined();
  });
});

describe('signing out', () => {
  it('forgets the tokens and leads to the issuer', async () => {
    const signIn = await signedIn();
    const idToken = signIn.tokens()?.idToken;
    const url = new URL(await signIn.signOut({ returnTo: 'https://shop.example/signed-out', state: 'x' }));
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'shop',
      id_token_hint: idToken,
      post_logout_redirect_uri: 'https://shop.example/signed-out',
      state: 'x',
    });
    await expect(signIn.accessToken()).rejects.toMatchObject({ code: 'signed_out' });
  });
});

describe('the account', () => {
  const accountOf = async () =>
    createAccount({ issuer: issuer.url, accessToken: (await signedIn()).accessToken, language: 'en' });

  it('reads and changes the profile by version', async () => {
    const account = await accountOf();
    const before = await account.profile();
    const after = await account.changeProfile({ name: 'Ann' }, { etag: before.etag });
    expect(after?.profile.name).toBe('Ann');
    const late = account.changeProfile({ name: 'Late' }, { etag: before.etag });
    await expect(late).rejects.toMatchObject({ code: 'precondition.failed', status: 412 });
  });

  it('tells every fault', async () => {
    const account = await accountOf();
    const refused = await account.changeProfile({ attributes: { nothing: 1 } }).catch((error) => error);
    expect(refused).toBeInstanceOf(AccountError);
    expect(refused.errors).toEqual([{ path: '/attributes/nothing', code: 'attribute.unknown' }]);
  });

  it('gives the consent that was shown, and withdraws it', async () => {
    const account = await accountOf();
    const [shown] = await account.consents();
    if (!shown) throw new Error('there is no purpose');
    expect((await account.giveConsent(shown)).state).toBe('given');
    await expect(account.giveConsent({ ...shown, hash: 'other' })).rejects.toMatchObject({
      code: 'consent.text_changed',
    });
    expect((await account.withdrawConsent(shown.purpose)).state).toBe('withdrawn');
  });

  it('lets a server write only what names it', async () => {
    const answer = await machineToken(issuer, 'ledger', {
      api: 'account',
      scope: 'members:attributes.write',
    });
    const accessToken = async () => String(answer.json.access_token);
    const server = createAccount({ issuer: issuer.url, accessToken });
    const { sub } = (await (await accountOf()).profile()).profile;
    await expect(server.writeAttribute(sub, 'seat', 'window')).rejects.toMatchObject({
      code: 'permission.missing',
    });
  });
});
