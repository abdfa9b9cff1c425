/** The parameters around a sign-in (OpenID Connect Core section 3.1.2), as an independent relying party sees them. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import * as client from 'openid-client';
import type { Agent, Page } from '../../support/agent.ts';
import { registrationForm, signIn } from '../../support/people.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { choose, startWorld, type World } from '../../surfaces/interactions/world.ts';
import { post } from '../world.ts';

const oneFactor = 'urn:symbolon:acr:one-factor';
const federated = 'urn:symbolon:acr:federated';
const unreachable = 'urn:example:acr:retina-and-oath';

let world: World;
let site: RelyingParty;
let other: RelyingParty;
let member: Awaited<ReturnType<World['member']>>;
let second: typeof member;

beforeAll(async () => {
  world = await startWorld({
    people: [
      {
        provider: 'google',
        sub: '1',
        name: 'Someone',
        note: '',
        email: 'first_one@gmail.com',
        email_verified: true,
      },
    ],
  });
  site = world.airline;
  other = world.grocery;
  member = await world.member();
  second = await world.member();
});

/** Where a request led: `code`, `error=…`, or the last part of the page's address and what it shows. */
function outcome(page: Page): string {
  const url = new URL(page.url);
  const told = url.hash ? new URLSearchParams(url.hash.slice(1)) : url.searchParams;
  if (told.has('code')) return 'code';
  if (told.has('error')) return `error=${told.get('error')}`;
  const actions = page.forms.map(({ action }) => action.slice(action.lastIndexOf('/') + 1));
  if (actions.includes('identifier')) return 'sign-in page';
  if (actions.includes('continue')) return 'choice page';
  return `${page.status} ${page.title}`;
}

const begin = (agent: Agent, parameters: Record<string, string>) => site.open(agent, parameters);
const claims = (value: object) => JSON.stringify(value);
const essentialAcr = (...values: string[]) => claims({ id_token: { acr: { essential: true, values } } });

/** A browser that came by Google. */
async function byGoogle() {
  const { agent, page, begun } = await world.start();
  const left = await agent.submit(page, {}, '/upstream/google');
  const back = await choose(agent, left, { account: '1' });
  const done = back.url.startsWith('https:')
    ? back
    : await agent.submit(back, registrationForm(back), '/details');
  return { agent, tokens: await site.finish(done, begun) };
}

describe('what a request leads to', () => {
  describe('where a member is signed in', () => {
    it.each<[Record<string, string>, string]>([
      [{}, 'code'],
      [{ prompt: 'none' }, 'code'],
      [{ prompt: 'login' }, 'sign-in page'],
      [{ prompt: 'select_account' }, 'choice page'],
      [{ prompt: 'select_account login' }, 'choice page'],
      [{ prompt: 'consent' }, 'choice page'],
      [{ prompt: 'none login' }, 'error=invalid_request'],
      [{ prompt: 'none select_account' }, 'error=invalid_request'],
      [{ prompt: 'create' }, 'error=invalid_request'],
      [{ max_age: '0' }, 'sign-in page'],
      [{ max_age: '0', prompt: 'none' }, 'error=login_required'],
      [{ max_age: '86400' }, 'code'],
      [{ max_age: '-1' }, 'error=invalid_request'],
      [{ max_age: 'soon' }, 'error=invalid_request'],
      [{ display: 'popup' }, 'code'],
      [{ display: 'hologram' }, 'code'],
      [{ claims_locales: 'ja en' }, 'code'],
      [{ ui_locales: 'xx-klingon' }, 'code'],
      [{ something_else: 'x' }, 'code'],
      [{ acr_values: oneFactor }, 'code'],
      [{ acr_values: `${unreachable} ${oneFactor}` }, 'code'],
      [{ acr_values: unreachable }, 'code'],
      [{ acr_values: federated }, 'sign-in page'],
      [{ acr_values: federated, prompt: 'none' }, 'code'],
      [{ claims: essentialAcr(oneFactor) }, 'code'],
      [{ claims: essentialAcr(unreachable, oneFactor) }, 'code'],
      [{ claims: essentialAcr(federated) }, 'sign-in page'],
      [{ claims: essentialAcr(federated), prompt: 'none' }, 'error=login_required'],
      [{ claims: essentialAcr(unreachable) }, 'error=unmet_authentication_requirements'],
      [
        { claims: essentialAcr(unreachable), acr_values: oneFactor },
        'error=unmet_authentication_requirements',
      ],
      [{ claims: claims({ id_token: { acr: { essential: true, value: oneFactor } } }) }, 'code'],
      [{ claims: claims({ id_token: { acr: { essential: true } } }) }, 'code'],
      [{ claims: claims({ id_token: { acr: { values: [unreachable] } } }) }, 'code'],
      [{ claims: claims({ id_token: { acr: null } }) }, 'code'],
      [{ claims: claims({ id_token: { sub: { value: 'mbr_somebody_else' } } }) }, 'sign-in page'],
      [
        { claims: claims({ id_token: { sub: { value: 'mbr_somebody_else' } } }), prompt: 'none' },
        'error=login_required',
      ],
      [{ id_token_hint: 'no.token.atall' }, 'error=invalid_request'],
      [{ login_hint: 'somebody@example.com' }, 'code'],
    ])('%j → %s', async (parameters, expected) => {
      const { agent } = member;
      const { page, begun } = await begin(agent, parameters);
      expect(outcome(page)).toBe(expected);
      if (!page.url.startsWith('https:')) return;
      const told = new URL(page.url).searchParams;
      expect(told.get('state')).toBe(begun.state);
      expect(told.get('iss')).toBe(world.issuer.url);
    });
  });

  describe('where nobody is', () => {
    it.each<[Record<string, string>, string]>([
      [{}, 'sign-in page'],
      [{ prompt: 'none' }, 'error=login_required'],
      [{ prompt: 'login' }, 'sign-in page'],
      [{ prompt: 'select_account' }, 'sign-in page'],
      [{ max_age: '0' }, 'sign-in page'],
      [{ acr_values: unreachable }, 'sign-in page'],
      [{ claims: essentialAcr(federated) }, 'sign-in page'],
      [{ claims: essentialAcr(unreachable) }, 'error=unmet_authentication_requirements'],
    ])('%j → %s', async (parameters, expected) => {
      expect(outcome((await begin(world.issuer.agent(), parameters)).page)).toBe(expected);
    });
  });
});

describe('what a token says about the sign-in', () => {
  it.each<[string, () => Promise<client.IDToken | undefined>, string[], string]>([
    [
      'a password',
      async () => {
        const { agent, page, begun } = await world.start();
        return (await site.finish(await signIn(agent, page, member), begun)).claims();
      },
      ['pwd'],
      oneFactor,
    ],
    ['a registration', async () => member.tokens.claims(), ['pwd'], oneFactor],
    ['Google', async () => (await byGoogle()).tokens.claims(), ['fed'], federated],
  ])('by %s', async (_how, proven, amr, acr) => {
    expect(await proven()).toMatchObject({ amr, acr, auth_time: expect.any(Number) });
  });

  it('is still true when another site signs on silently', async () => {
    const { agent } = await byGoogle();
    const tokens = await other.silently(agent);
    expect(tokens.claims()).toMatchObject({ amr: ['fed'], acr: federated });
  });

  it('changes with the next proof', async () => {
    const { agent, page, begun } = await world.start();
    const before = (await site.finish(await signIn(agent, page, member), begun)).claims();
    world.issuer.clock.advance(120_000);
    const again = await begin(agent, { max_age: '60' });
    const tokens = await site.finish(await signIn(agent, again.page, member), again.begun);
    expect(tokens.claims()?.auth_time).toBeGreaterThan(before?.auth_time ?? 0);
  });
});

describe('a level that is asked for', () => {
  it('is not asked for twice when it is only wished for', async () => {
    const { agent, page, begun } = await world.start({ acr_values: federated });
    const tokens = await site.finish(await signIn(agent, page, member), begun);
    expect(tokens.claims()?.acr).toBe(oneFactor);
  });

  it('ends with an error, not with a loop, when it is essential and the sign-in does not reach it', async () => {
    const { agent, page, begun } = await world.start({ claims: essentialAcr(federated) });
    const back = await signIn(agent, page, member);
    expect(outcome(back)).toBe('error=unmet_authentication_requirements');
    expect(new URL(back.url).searchParams.get('state')).toBe(begun.state);
  });

  it('leads from one way of signing in to another', async () => {
    const { agent } = await byGoogle();
    const { page } = await begin(agent, { acr_values: oneFactor });
    expect(outcome(page)).toBe('sign-in page');
  });

  it('may be a default of the client', async () => {
    const strict = await RelyingParty.register(world.issuer, {
      id: 'strict',
      metadata: { default_acr_values: [federated], default_max_age: 60, require_auth_time: true },
    });
    const { page } = await strict.open(member.agent);
    expect(outcome(page)).toBe('sign-in page');
  });
});

describe('default_max_age', () => {
  it('counts where the request names no other', async () => {
    const careful = await RelyingParty.register(world.issuer, {
      id: 'careful',
      metadata: { default_max_age: 60 },
    });
    const { agent, page, begun } = await world.start();
    await site.finish(await signIn(agent, page, member), begun);
    expect((await careful.silently(agent)).claims()?.auth_time).toBeGreaterThan(0);
    world.issuer.clock.advance(61_000);
    expect(outcome((await careful.open(agent)).page)).toBe('sign-in page');
    expect(outcome((await careful.open(agent, { max_age: '600' })).page)).toBe('code');
  });

  it('of nothing asks each time, pushed or not', async () => {
    const always = await RelyingParty.register(world.issuer, {
      id: 'always',
      metadata: { default_max_age: 0 },
    });
    expect(outcome((await always.open(member.agent)).page)).toBe('sign-in page');
    const begun = await always.begin();
    const url = await client.buildAuthorizationUrlWithPAR(always.config, new URL(begun.url).searchParams);
    expect(outcome(await member.agent.open(url.href))).toBe('sign-in page');
  });
});

describe('the choice of an account', () => {
  it('shows who is signed in and goes on with them', async () => {
    const { page, begun } = await begin(member.agent, { prompt: 'select_account' });
    expect(page.text).toContain(member.email);
    const back = await member.agent.submit(page, {}, '/continue');
    expect((await site.finish(back, begun)).claims()?.sub).toBe(member.id);
  });

  it('lets somebody else sign in, without asking which of them once more', async () => {
    const { agent, page: first, begun: begunFirst } = await world.start();
    await site.finish(await signIn(agent, first, member), begunFirst);
    const { page, begun } = await begin(agent, { prompt: 'select_account' });
    const form = await agent.submit(page, {}, '/switch');
    let back = await signIn(agent, form, second);
    // The library ends the other session first, through a form that submits itself.
    if (outcome(back) !== 'code') back = await agent.submit(back);
    expect((await site.finish(back, begun)).claims()?.sub).toBe(second.id);
  });

  it('asks for the proof as well where both are asked', async () => {
    const { page } = await begin(member.agent, { prompt: 'select_account login' });
    const next = await member.agent.submit(page, {}, '/continue');
    expect(outcome(next)).toBe('sign-in page');
  });

  it('is not asked of somebody who has just signed in', async () => {
    const { agent, page, begun } = await world.start({ prompt: 'select_account' });
    expect((await site.finish(await signIn(agent, page, member), begun)).claims()?.sub).toBe(member.id);
  });
});

describe('id_token_hint', () => {
  const hintOf = (of: typeof member) => of.tokens.id_token ?? '';

  it('of the member who is signed in changes nothing', async () => {
    expect(outcome((await begin(member.agent, { id_token_hint: hintOf(member) })).page)).toBe('code');
  });

  it.each([
    ['without a page', { prompt: 'none' }, 'error=login_required'],
    ['with one', {}, 'sign-in page'],
  ])('of another member is not answered for this one, %s', async (_how, parameters, expected) => {
    const { page } = await begin(member.agent, { id_token_hint: hintOf(second), ...parameters });
    expect(outcome(page)).toBe(expected);
  });

  it('ends with login_required when the wrong member signs in', async () => {
    const { agent, page } = await world.start({ id_token_hint: hintOf(second) });
    expect(outcome(await signIn(agent, page, member))).toBe('error=login_required');
  });

  it('counts when it has expired long ago', async () => {
    const { agent, page, begun } = await world.start();
    const tokens = await site.finish(await signIn(agent, page, member), begun);
    world.issuer.clock.advance(2 * 3_600_000);
    const { page: back } = await begin(agent, { id_token_hint: tokens.id_token ?? '', prompt: 'none' });
    expect(outcome(back)).toBe('code');
  });

  it('of another client is refused', async () => {
    const foreign = await other.silently(second.agent);
    const { page } = await begin(second.agent, { id_token_hint: foreign.id_token ?? '' });
    expect(outcome(page)).toBe('error=invalid_request');
  });

  it('that was altered is refused', async () => {
    const [header = '', , signature = ''] = hintOf(member).split('.');
    const payload = Buffer.from(JSON.stringify({ ...decodeJwt(hintOf(member)), sub: second.id }));
    const forged = [header, payload.toString('base64url'), signature].join('.');
    const { page } = await begin(second.agent, { id_token_hint: forged });
    expect(outcome(page)).toBe('error=invalid_request');
  });
});

describe('login_hint', () => {
  const shown = async (hint: string) => (await world.start({ login_hint: hint })).page;

  it('fills in the first page and tells nobody whether there is such a member', async () => {
    const page = await shown(member.email);
    expect(page.forms.find(({ action }) => action.endsWith('/identifier'))?.fields.identifier).toBe(
      member.email,
    );
    const stranger = await shown('nobody@example.com');
    const bare = (text: string, hint: string) =>
      text.replaceAll(hint, 'HINT').replaceAll(/value="[^"]*"|interaction\/[\w-]+/g, '');
    expect(bare(page.text, member.email)).toBe(bare(stranger.text, 'nobody@example.com'));
  });

  it('is shown as the text it is', async () => {
    const page = await shown('"><script>alert(1)</script>');
    expect(page.text).not.toContain('<script>alert');
    expect(page.status).toBe(200);
  });
});

describe('ui_locales', () => {
  it.each([
    ['ja', 'ja'],
    ['xx ja', 'ja'],
    ['ja-JP', 'ja'],
    ['sv fi', 'en'],
    ['../../etc "><b>', 'en'],
  ])('%s shows the page in %s', async (wanted, lang) => {
    const { page } = await world.start({ ui_locales: wanted });
    expect(page.text).toContain(`<html lang="${lang}"`);
  });
});

describe('the answer', () => {
  const state = `a b&c=d"'<>%20+/?#${'é漢😀'.repeat(20)}`;

  it.each(['query', 'fragment', 'form_post'])('keeps state untouched by %s', async (mode) => {
    for (const parameters of [{ prompt: 'none' }, { prompt: 'none', max_age: '0' }]) {
      const { page } = await begin(member.agent, { state, response_mode: mode, ...parameters });
      const url = new URL(page.url);
      const told =
        mode === 'form_post'
          ? new URLSearchParams(page.forms[0]?.fields)
          : mode === 'fragment'
            ? new URLSearchParams(url.hash.slice(1))
            : url.searchParams;
      expect(told.get('state')).toBe(state);
      expect(told.get('iss')).toBe(world.issuer.url);
      expect(told.has('code')).toBe(!('max_age' in parameters));
      expect(told.get('error')).toBe('max_age' in parameters ? 'login_required' : null);
    }
  });

  it('as a form works by a button where scripts do not run, and by one known script where they do', async () => {
    const { page, begun } = await begin(member.agent, { response_mode: 'form_post' });
    expect(page.status).toBe(200);
    expect(page.text).toMatch(/<noscript>[\s\S]*<button[^>]*type="submit"/);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/script-src 'self' 'sha256-[\w+/=]+'/);
    expect(policy).toMatch(/form-action [^;]*https:\/\/airline\.example/);
    expect(page.headers.get('cache-control')).toContain('no-store');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    const [form] = page.forms;
    expect(form?.action).toBe(site.redirectUri);
    const posted = new Request(site.redirectUri, {
      method: 'POST',
      body: new URLSearchParams(form?.fields),
    });
    const tokens = await client.authorizationCodeGrant(site.config, posted, {
      pkceCodeVerifier: begun.verifier,
      expectedState: begun.state,
      expectedNonce: begun.nonce,
    });
    expect(tokens.claims()?.sub).toBe(member.id);
  });

  it('says who it is from when it is a signed one', async () => {
    const { page } = await begin(member.agent, { response_mode: 'jwt', prompt: 'none' });
    const answer = decodeJwt(new URL(page.url).searchParams.get('response') ?? '');
    expect(answer).toMatchObject({ iss: world.issuer.url, aud: 'airline', code: expect.any(String) });
  });

  it.each(['prompt', 'max_age', 'claims', 'id_token_hint'])(
    'to a pushed request says what is wrong with %s at once',
    async (name) => {
      const { url } = await site.begin({ [name]: 'none of it' });
      const form = Object.fromEntries(new URL(url).searchParams);
      const answer = await post(world.issuer, '/authorize/par', form, { as: 'airline' });
      expect([answer.status, answer.json.error]).toEqual([400, 'invalid_request']);
    },
  );
});
