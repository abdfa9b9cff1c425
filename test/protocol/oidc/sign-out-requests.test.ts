import { beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeyPair, SignJWT } from 'jose';
import type { Agent, Page } from '../../support/agent.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { newMember, type SignedIn, signedIn } from '../world.ts';

const back = 'https://airline.example/signed-out';

/** Every parameter of OpenID Connect RP-Initiated Logout 1.0 section 2, alone and together, by GET and by POST. */
describe('a sign-out request', () => {
  let issuer: TestIssuer;
  let site: RelyingParty;
  let grocery: RelyingParty;
  let member: SignedIn;
  let stranger: SignedIn;

  beforeAll(async () => {
    issuer = await startIssuer();
    site = await RelyingParty.register(issuer, { id: 'airline' });
    grocery = await RelyingParty.register(issuer, { id: 'grocery', brand: 'greenleaf' });
    member = await newMember(issuer, site, 'table@example.com');
    stranger = await newMember(issuer, site, 'stranger@example.com');
  });

  const hintOf = ({ tokens }: Pick<SignedIn, 'tokens'>) => tokens.id_token ?? '';

  function ask(agent: Agent, method: string, parameters: Record<string, string>): Promise<Page> {
    if (method === 'POST') return agent.open('/sign-out', { form: parameters });
    return agent.open(`/sign-out?${new URLSearchParams(parameters)}`);
  }

  async function isSignedIn(agent: Agent): Promise<boolean> {
    return (await site.open(agent, { prompt: 'none' })).page.url.includes('code=');
  }

  const confirm = (agent: Agent, page: Page) => agent.submit(page, { logout: 'yes' }, '/sign-out');

  type Parameters = (leaver: SignedIn) => Record<string, string>;

  const accepted: [string, string, Parameters][] = [
    ['nothing at all', '', () => ({})],
    ['a hint', '', (leaver) => ({ id_token_hint: hintOf(leaver) })],
    ['a client', '', () => ({ client_id: 'airline' })],
    ['a hint and its client', '', (leaver) => ({ id_token_hint: hintOf(leaver), client_id: 'airline' })],
    [
      'a hint, an address and a state',
      `${back}?state=a+b%26c`,
      (leaver) => ({ id_token_hint: hintOf(leaver), post_logout_redirect_uri: back, state: 'a b&c' }),
    ],
    [
      'a hint and an address without a state',
      back,
      (leaver) => ({ id_token_hint: hintOf(leaver), post_logout_redirect_uri: back }),
    ],
    [
      'a client, an address and a state',
      `${back}?state=s`,
      () => ({ client_id: 'airline', post_logout_redirect_uri: back, state: 's' }),
    ],
    ['an address alone, which is not followed', '', () => ({ post_logout_redirect_uri: back, state: 's' })],
    ['a logout_hint', '', () => ({ logout_hint: 'table@example.com' })],
    ['a logout_hint that names somebody else', '', () => ({ logout_hint: 'nobody@example.com' })],
    ['languages', '', () => ({ ui_locales: 'ja en' })],
    ['a parameter nobody knows', '', () => ({ future: 'x' })],
    ['empty parameters', '', () => ({ id_token_hint: '', state: '', client_id: '' })],
  ];

  describe.each(['GET', 'POST'])('by %s', (method) => {
    it.each(accepted)('with %s asks once and then ends the session', async (_what, target, parameters) => {
      const leaver = await signedIn(issuer, site, member);
      const page = await ask(leaver.agent, method, parameters(leaver));
      expect(page.status).toBe(200);
      expect(await isSignedIn(leaver.agent)).toBe(true);
      const asked = await ask(leaver.agent, method, parameters(leaver));
      const done = await confirm(leaver.agent, asked);
      if (target) expect(done.url).toBe(target);
      else expect(new URL(done.url).origin).toBe(issuer.url);
      expect(await isSignedIn(leaver.agent)).toBe(false);
    });

    it.each<[string, Parameters]>([
      ['a hint that is no token', () => ({ id_token_hint: 'nonsense' })],
      [
        'a hint whose signature is not ours',
        (leaver) => ({ id_token_hint: `${hintOf(leaver).slice(0, -8)}AAAAAAAA` }),
      ],
      [
        'a hint without a signature',
        (leaver) => {
          const [, payload = ''] = hintOf(leaver).split('.');
          const head = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
          return { id_token_hint: `${head}.${payload}.` };
        },
      ],
      [
        'a client that is not the hint’s',
        (leaver) => ({ id_token_hint: hintOf(leaver), client_id: 'grocery' }),
      ],
      ['a client that does not exist', () => ({ client_id: 'nobody-knows' })],
      [
        'an address that only another client has registered',
        (leaver) => ({
          id_token_hint: hintOf(leaver),
          post_logout_redirect_uri: 'https://grocery.example/signed-out',
        }),
      ],
      [
        'an address that nobody has registered',
        () => ({ client_id: 'airline', post_logout_redirect_uri: 'https://evil.example/' }),
      ],
    ])('with %s is refused, leads nowhere and ends nothing', async (_what, parameters) => {
      const leaver = await signedIn(issuer, site, member);
      const page = await ask(leaver.agent, method, parameters(leaver));
      expect(page.status).toBe(400);
      expect(page.headers.get('location')).toBeNull();
      expect(page.text).not.toContain('evil.example');
      expect(await isSignedIn(leaver.agent)).toBe(true);
    });
  });

  it('with a hint of another issuer’s key under our names is refused', async () => {
    const leaver = await signedIn(issuer, site, member);
    const { privateKey } = await generateKeyPair('ES256');
    const foreign = await new SignJWT({ sid: 'x' })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer(issuer.url)
      .setAudience('airline')
      .setSubject(member.memberId)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey);
    expect((await ask(leaver.agent, 'GET', { id_token_hint: foreign })).status).toBe(400);
    expect(await isSignedIn(leaver.agent)).toBe(true);
  });

  it('with a hint that has expired is taken: the application may be left open longer than its token lives', async () => {
    const leaver = await signedIn(issuer, site, member);
    issuer.clock.advance(3 * 3_600_000);
    const page = await ask(leaver.agent, 'GET', {
      id_token_hint: hintOf(leaver),
      post_logout_redirect_uri: back,
    });
    expect((await confirm(leaver.agent, page)).url).toBe(back);
  });

  it('with a hint that was signed by a key that has retired since is taken', async () => {
    const leaver = await signedIn(issuer, site, member);
    await issuer.issuer.core.keys.rotate('ES256');
    const page = await ask(leaver.agent, 'GET', {
      id_token_hint: hintOf(leaver),
      post_logout_redirect_uri: back,
    });
    expect((await confirm(leaver.agent, page)).url).toBe(back);
  });

  it('with a hint of an earlier session of the member asks about the present one', async () => {
    const earlier = await signedIn(issuer, site, member);
    const leaver = await signedIn(issuer, site, member);
    const page = await ask(leaver.agent, 'GET', { id_token_hint: hintOf(earlier) });
    await confirm(leaver.agent, page);
    expect(await isSignedIn(leaver.agent)).toBe(false);
    expect(await isSignedIn(earlier.agent)).toBe(true);
  });

  it('with another member’s hint ends nothing unasked, and the page says who is signed in here', async () => {
    const leaver = await signedIn(issuer, site, member);
    const page = await ask(leaver.agent, 'GET', { id_token_hint: hintOf(stranger) });
    expect(page.status).toBe(200);
    expect(page.text).toContain(member.email);
    expect(page.text).not.toContain(stranger.email);
    expect(await isSignedIn(leaver.agent)).toBe(true);
    expect(await isSignedIn(stranger.agent)).toBe(true);
  });

  it('is asked in the language that the application asks for', async () => {
    const { agent } = await signedIn(issuer, site, member);
    for (const method of ['GET', 'POST']) {
      const page = await ask(agent, method, { ui_locales: 'xx ja' });
      expect(page.text).toMatch(/<html[^>]* lang="ja"/);
    }
  });

  it('leads on at once where nobody is signed in, with the state', async () => {
    const gone = await signedIn(issuer, site, member);
    for (const method of ['GET', 'POST']) {
      const page = await ask(issuer.agent(), method, {
        id_token_hint: hintOf(gone),
        post_logout_redirect_uri: back,
        state: 'x',
      });
      expect(page.url).toBe(`${back}?state=x`);
    }
  });

  it('by another site’s form, which carries no cookie, still finds the session', async () => {
    const leaver = await signedIn(issuer, site, member);
    // SameSite=Lax: the browser leaves the cookie out of this POST and sends it with the GET it is led to.
    const crossSite = issuer.agent();
    const posted = await crossSite.request('/sign-out', {
      form: { id_token_hint: hintOf(leaver), post_logout_redirect_uri: back, state: 'x' },
      headers: { origin: 'https://airline.example', 'sec-fetch-site': 'cross-site' },
    });
    expect(posted.status).toBe(303);
    expect(crossSite.cookies.map(({ name }) => name)).not.toContain('session');
    const page = await leaver.agent.open(posted.headers.get('location') ?? '');
    expect(page.status).toBe(200);
    expect((await confirm(leaver.agent, page)).url).toBe(`${back}?state=x`);
    expect(await isSignedIn(leaver.agent)).toBe(false);
  });

  it('ends the session at every site of the browser', async () => {
    const leaver = await signedIn(issuer, site, member);
    await grocery.silently(leaver.agent);
    await confirm(leaver.agent, await ask(leaver.agent, 'GET', { client_id: 'airline' }));
    await expect(grocery.silently(leaver.agent)).rejects.toThrow();
  });
});
