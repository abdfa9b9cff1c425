import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { accountKey, demoAccounts } from '../../../examples/upstream/accounts.ts';
import type { RunningUpstream } from '../../../examples/upstream/server.ts';
import { startUpstream } from '../../../examples/upstream/server.ts';
import { createIds } from '../../../src/base/kernel/ids.ts';
import type { ProviderId } from '../../../src/people/upstreams/profile.ts';
import type { PendingUpstream, Upstreams } from '../../../src/people/upstreams/service.ts';
import { createUpstreams, interactionUidOf } from '../../../src/people/upstreams/service.ts';

const googleClient = { clientId: 'google-client', clientSecret: 'google-secret' };
const facebookApp = { clientId: '4711', clientSecret: 'facebook-secret' };
const publicEndpoints = { authorizationUrl: undefined, tokenUrl: undefined, userinfoUrl: undefined };
const callback = (provider: string) => `http://localhost:3000/callback/${provider}`;

let now = Date.UTC(2026, 0, 1);
let upstream: RunningUpstream;
let upstreams: Upstreams;

beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  upstream = await startUpstream({ port: 0, googleClient, facebookApp });
  upstreams = build({});
});
afterEach(() => upstream.stop());

function build(changes: { facebookSecret?: string; timeoutMs?: number }): Upstreams {
  return createUpstreams({
    google: { ...googleClient, ...upstream.endpoints.google },
    facebook: {
      appId: facebookApp.clientId,
      appSecret: changes.facebookSecret ?? facebookApp.clientSecret,
      graphVersion: 'v23.0',
      ...upstream.endpoints.facebook,
    },
    callbackUrl: callback,
    clock: { now: () => now },
    ids: createIds(),
    limits: { timeoutMs: changes.timeoutMs ?? 5_000, maxBytes: 64 * 1024 },
  });
}

/** What a browser does at the provider: opens the page, chooses (or refuses), comes back with a query. */
async function visit(redirectTo: string, choice: Record<string, string>): Promise<Record<string, string>> {
  const url = new URL(redirectTo);
  const provider = url.pathname.split('/')[1];
  const loopback = `http://127.0.0.1:${url.port}`;
  const shown = await fetch(`${loopback}${url.pathname}${url.search}`);
  expect(shown.status).toBe(200);
  const answer = await fetch(`${loopback}/${provider}/choose${url.search}`, {
    method: 'POST',
    body: new URLSearchParams(choice),
    redirect: 'manual',
  });
  expect(answer.status).toBe(303);
  const back = new URL(answer.headers.get('location') ?? '');
  expect(`${back.origin}${back.pathname}`).toBe(callback(provider ?? ''));
  return Object.fromEntries(back.searchParams);
}

function personWith(provider: ProviderId, note: string): string {
  const account = demoAccounts.find((each) => each.provider === provider && each.note.startsWith(note));
  return account ? accountKey(account) : 'nobody';
}

async function arrive(
  provider: ProviderId,
  note: string,
): Promise<{ query: Record<string, string>; pending: PendingUpstream }> {
  const { redirectTo, pending } = await upstreams.begin(provider, { interactionUid: 'uid_1' });
  return { query: await visit(redirectTo, { account: personWith(provider, note) }), pending };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: { code?: string }) => error.code ?? `another error: ${String(error)}`,
  );
}

describe('a round trip to Google', () => {
  it('asks with state, PKCE S256, the fixed callback and the page language', async () => {
    const { redirectTo, pending } = await upstreams.begin('google', {
      interactionUid: 'uid_1',
      loginHint: 'someone@example.com',
      locale: 'ja',
    });
    const query = Object.fromEntries(new URL(redirectTo).searchParams);
    expect(query).toMatchObject({
      response_type: 'code',
      client_id: 'google-client',
      redirect_uri: callback('google'),
      scope: 'openid email profile',
      code_challenge_method: 'S256',
      state: pending.state,
      login_hint: 'someone@example.com',
      prompt: 'select_account',
      hl: 'ja',
    });
    expect(redirectTo).not.toContain(pending.verifier);
    expect(pending).toEqual({
      provider: 'google',
      state: expect.stringMatching(/^uid_1\.[\w-]{32}$/),
      verifier: expect.stringMatching(/^[\w-]{43}$/),
      startedAt: now,
    });
  });

  it('reads a verified Gmail address as proven by its own operator', async () => {
    const { query, pending } = await arrive('google', 'Gmail');
    expect(await upstreams.finish('google', query, pending)).toEqual({
      provider: 'google',
      subject: '101000000000000000001',
      email: 'mina_park@gmail.com',
      emailVerified: true,
      authoritativeFor: true,
      name: 'Mina Park',
      locale: 'en',
    });
  });

  it.each([
    ['Address of a hosted domain', true, true],
    ['Address at another mail provider', true, false],
    ['Address not verified', false, false],
    ['No e-mail address', false, false],
  ])('%s: verified %s, authoritative %s', async (note, emailVerified, authoritativeFor) => {
    const { query, pending } = await arrive('google', note);
    const profile = await upstreams.finish('google', query, pending);
    expect(profile).toMatchObject({ emailVerified, authoritativeFor });
    expect(profile.email === undefined).toBe(note === 'No e-mail address');
  });

  it('makes a new state and verifier for every round trip', async () => {
    const first = await upstreams.begin('google', { interactionUid: 'uid_1' });
    const second = await upstreams.begin('google', { interactionUid: 'uid_1' });
    expect(first.pending.state).not.toBe(second.pending.state);
    expect(first.pending.verifier).not.toBe(second.pending.verifier);
  });
});

describe('a round trip to Facebook', () => {
  it('never counts the address as verified', async () => {
    const { query, pending } = await arrive('facebook', 'With an e-mail');
    expect(await upstreams.finish('facebook', query, pending)).toEqual({
      provider: 'facebook',
      subject: '201000000000001',
      email: 'jonas.lind@elsewhere.example',
      emailVerified: false,
      authoritativeFor: false,
      name: 'Jonas Lind',
    });
  });

  it('accepts a person without an address', async () => {
    const { query, pending } = await arrive('facebook', 'No e-mail');
    const profile = await upstreams.finish('facebook', query, pending);
    expect(profile).toMatchObject({ subject: '201000000000002', emailVerified: false });
    expect(profile).not.toHaveProperty('email');
  });

  it('is refused when the app secret does not fit', async () => {
    const { query, pending } = await arrive('facebook', 'With an e-mail');
    expect(await codeOf(build({ facebookSecret: 'wrong' }).finish('facebook', query, pending))).toBe(
      'upstream.refused',
    );
  });

  it('sends the proof of the app secret, which the profile endpoint insists on', async () => {
    const { query, pending } = await arrive('facebook', 'With an e-mail');
    const exchanged = await fetch(upstream.endpoints.facebook.tokenUrl, {
      method: 'POST',
      body: new URLSearchParams({
        client_id: facebookApp.clientId,
        client_secret: facebookApp.clientSecret,
        redirect_uri: callback('facebook'),
        code: query.code ?? '',
        code_verifier: pending.verifier,
      }),
    });
    const token: unknown = await exchanged.json();
    const accessToken =
      typeof token === 'object' && token && 'access_token' in token ? token.access_token : '';
    const bare = await fetch(`${upstream.endpoints.facebook.userinfoUrl}?fields=id,email`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    expect(bare.status).toBe(400);
  });
});

describe('an answer that is not the one we asked for', () => {
  it('is a mismatch when the state is another, missing, doubled or of another provider', async () => {
    const { query, pending } = await arrive('google', 'Gmail');
    const broken = [
      { ...query, state: `${query.state}x` },
      { code: query.code ?? '' },
      { ...query, state: [query.state ?? '', 'x'] },
      { ...query, code: [query.code ?? '', 'x'] },
    ];
    for (const each of broken) {
      expect(await codeOf(upstreams.finish('google', each, pending))).toBe('upstream.state_mismatch');
    }
    expect(await codeOf(upstreams.finish('facebook', query, pending))).toBe('upstream.state_mismatch');
  });

  it('checks the state even when the provider reports an error', async () => {
    const { pending } = await upstreams.begin('google', { interactionUid: 'uid_1' });
    const query = { error: 'access_denied', state: 'uid_1.someone-elses' };
    expect(await codeOf(upstreams.finish('google', query, pending))).toBe('upstream.state_mismatch');
  });

  it('is a mismatch when the person comes back after a quarter of an hour', async () => {
    const { query, pending } = await arrive('google', 'Gmail');
    now += 15 * 60_000 + 1;
    expect(await codeOf(upstreams.finish('google', query, pending))).toBe('upstream.state_mismatch');
  });

  it.each(['google', 'facebook'] as const)('counts once at %s', async (provider) => {
    const { query, pending } = await arrive(provider, provider === 'google' ? 'Gmail' : 'With');
    await upstreams.finish(provider, query, pending);
    expect(await codeOf(upstreams.finish(provider, query, pending))).toBe('upstream.refused');
  });

  it('is worth nothing with the verifier of another round trip', async () => {
    const { query, pending } = await arrive('google', 'Gmail');
    const other = await upstreams.begin('google', { interactionUid: 'uid_1' });
    const mixed = { ...pending, verifier: other.pending.verifier };
    expect(await codeOf(upstreams.finish('google', query, mixed))).toBe('upstream.refused');
  });
});

describe('a provider that says no or is in trouble', () => {
  it.each(['google', 'facebook'] as const)('%s: the person refuses', async (provider) => {
    const { redirectTo, pending } = await upstreams.begin(provider, { interactionUid: 'uid_1' });
    const query = await visit(redirectTo, { refuse: 'yes' });
    expect(await codeOf(upstreams.finish(provider, query, pending))).toBe('upstream.refused');
  });

  it.each([
    [{ error: 'temporarily_unavailable' }, 'upstream.unavailable'],
    [{ error: 'server_error' }, 'upstream.unavailable'],
    [{ error: 'redirect_uri_mismatch' }, 'upstream.refused'],
    [{ error_code: '1349126', error_message: 'App not active' }, 'upstream.refused'],
    [{}, 'upstream.invalid_answer'],
    [{ code: '' }, 'upstream.invalid_answer'],
  ])('reads the callback %j as %s', async (answer, code) => {
    const { pending } = await upstreams.begin('facebook', { interactionUid: 'uid_1' });
    const query: Record<string, string> = { ...answer, state: pending.state };
    expect(await codeOf(upstreams.finish('facebook', query, pending))).toBe(code);
  });

  const troubles = [
    ['unavailable', 'upstream.unavailable'],
    ['reset', 'upstream.unavailable'],
    ['html', 'upstream.invalid_answer'],
    ['wrong-types', 'upstream.invalid_answer'],
    ['huge', 'upstream.invalid_answer'],
    ['redirect', 'upstream.invalid_answer'],
    ['null', 'upstream.invalid_answer'],
  ] as const;
  const cases = (['google', 'facebook'] as const).flatMap((provider) =>
    (['token', 'profile'] as const).flatMap((place) =>
      troubles.map(([mode, code]) => [provider, place, mode, code] as const),
    ),
  );
  it.each(cases)('%s, %s endpoint, %s: %s', async (provider, place, mode, code) => {
    const { query, pending } = await arrive(provider, provider === 'google' ? 'Gmail' : 'With');
    upstream.behave(mode, place);
    expect(await codeOf(upstreams.finish(provider, query, pending))).toBe(code);
  });

  it.each(['token', 'profile'] as const)('does not wait for a silent %s endpoint', async (place) => {
    const { query, pending } = await arrive('google', 'Gmail');
    upstream.behave('slow', place);
    expect(await codeOf(build({ timeoutMs: 50 }).finish('google', query, pending))).toBe(
      'upstream.unavailable',
    );
  });

  it('is unavailable when nobody listens', async () => {
    const { query, pending } = await arrive('google', 'Gmail');
    await upstream.stop();
    expect(await codeOf(upstreams.finish('google', query, pending))).toBe('upstream.unavailable');
  });
});

describe('the providers on offer', () => {
  it('are those configured, with the origins the browser is sent to', () => {
    expect(upstreams.list()).toEqual([
      { id: 'google', label: 'Google' },
      { id: 'facebook', label: 'Facebook' },
    ]);
    expect(upstreams.formActionOrigins()).toEqual([
      new URL(upstream.endpoints.google.authorizationUrl).origin,
    ]);
  });

  it('are the public ones unless the configuration says otherwise', async () => {
    const real = createUpstreams({
      google: { ...googleClient, ...publicEndpoints },
      facebook: { appId: '4711', appSecret: 's', graphVersion: 'v23.0', ...publicEndpoints },
      callbackUrl: callback,
      clock: { now: () => now },
      ids: createIds(),
    });
    expect(real.formActionOrigins()).toEqual([
      'https://accounts.google.com',
      'https://www.facebook.com',
      'https://m.facebook.com',
    ]);
    const { redirectTo } = await real.begin('facebook', { interactionUid: 'uid_1' });
    expect(redirectTo).toMatch(/^https:\/\/www\.facebook\.com\/v23\.0\/dialog\/oauth\?/);
    expect(new URL(redirectTo).searchParams.get('scope')).toBe('public_profile,email');
  });

  it('answer unknown when a provider is not configured, also in the middle of a round trip', async () => {
    const none = createUpstreams({ callbackUrl: callback, clock: { now: () => now }, ids: createIds() });
    expect(none.list()).toEqual([]);
    expect(await codeOf(none.begin('google', { interactionUid: 'uid_1' }))).toBe('upstream.unknown');
    const { query, pending } = await arrive('google', 'Gmail');
    expect(await codeOf(none.finish('google', query, pending))).toBe('upstream.unknown');
    expect(await codeOf(upstreams.begin('toString', { interactionUid: 'uid_1' }))).toBe('upstream.unknown');
  });
});

describe('the state', () => {
  it.each([
    ['uid_1.0123456789abcdef0123456789abcdef', 'uid_1'],
    ['uid_1.short', undefined],
    ['../admin.0123456789abcdef0123456789abcdef', undefined],
    [undefined, undefined],
    [['uid_1.0123456789abcdef0123456789abcdef'], undefined],
  ])('%j leads to the interaction %j', (state, uid) => {
    expect(interactionUidOf(state)).toBe(uid);
  });
});
