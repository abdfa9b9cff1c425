import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from '../../support/agent.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { expectRefusal, freshCode, inside, newMember, post, type SignedIn } from '../world.ts';

describe('bad authorization requests', () => {
  let issuer: TestIssuer;
  let site: RelyingParty;
  let member: SignedIn;

  beforeAll(async () => {
    issuer = await startIssuer();
    site = await RelyingParty.register(issuer, { id: 'airline' });
    await RelyingParty.register(issuer, { id: 'grocery' });
    member = await newMember(issuer, site, 'una@example.com');
  });

  /** An authorization request with parameters changed, taken away (undefined) or added as raw text. */
  async function authorize(changed: Record<string, string | undefined>, raw = '') {
    const url = new URL((await site.begin({ prompt: 'none' })).url);
    for (const [name, value] of Object.entries(changed)) {
      if (value === undefined) url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    return member.agent.request(`${url.href}${raw}`);
  }

  /** The error a redirect back to the registered address carries. */
  const toldClient = (page: Page) => {
    const to = new URL(page.headers.get('location') ?? 'nowhere:');
    expect(`${to.origin}${to.pathname}`).toBe(site.redirectUri);
    const told = to.hash ? new URLSearchParams(to.hash.slice(1)) : to.searchParams;
    expect(told.get('iss')).toBe(issuer.url);
    return told.get('error');
  };

  describe('a redirect address that is not the registered one, letter by letter', () => {
    const variants = [
      'https://airline.example/callback/',
      'https://airline.example/callback/../callback',
      'https://airline.example/callback/%2e%2e/callback',
      'https://airline.example/./callback',
      'https://airline.example//callback',
      'https://airline.example/callback?next=1',
      'https://airline.example/callback#fragment',
      'https://airline.example/callback%20',
      'https://airline.example/callback ',
      ' https://airline.example/callback',
      'https://airline.example/callback%00',
      'https://airline.example/callback\u0000',
      'https://airline.example/callback\n',
      'https://airline.example/Callback',
      'https://AIRLINE.example/callback',
      'HTTPS://airline.example/callback',
      'http://airline.example/callback',
      'https://airline.example:443/callback',
      'https://airline.example:8443/callback',
      'https://airline.example./callback',
      'https://user@airline.example/callback',
      'https://airline.example@evil.example/callback',
      'https://evil.example/https://airline.example/callback',
      'https://airline.example.evil.example/callback',
      'https://evil.example\\@airline.example/callback',
      'https:\\\\airline.example\\callback',
      'https://xairline.example/callback',
      'https://airlineXexample/callback',
      'https://ａirline.example/callback',
      'https://airline%2eexample/callback',
      '//airline.example/callback',
      '/callback',
      'callback',
      'javascript:alert(1)//https://airline.example/callback',
      'data:text/html,hello',
      'https://grocery.example/callback',
      '*',
      'null',
      '',
    ];

    it.each(variants)('%j gets a page and never a redirect', async (uri) => {
      const page = await authorize({ redirect_uri: uri });
      expectRefusal(page, 400);
      expect(page.headers.get('location')).toBeNull();
      expect(page.text).not.toContain('code=');
      expect(page.text).not.toMatch(/href="[^"]*(evil|javascript:|data:)/);
    });

    it('gets a page also when the right one stands beside it, in either order', async () => {
      const evil = '&redirect_uri=https%3A%2F%2Fevil.example%2F';
      const both = await authorize({}, evil);
      expectRefusal(both, 400);
      expect(both.headers.get('location')).toBeNull();
      const first = new URL((await site.begin()).url);
      const page = await member.agent.request(
        first.href.replace('/authorize?', `/authorize?${evil.slice(1)}&`),
      );
      expectRefusal(page, 400);
      expect(page.headers.get('location')).toBeNull();
    });

    it('is needed at the token endpoint, too', async () => {
      const form = await freshCode(site, member.agent);
      const answer = await post(
        issuer,
        '/token',
        { ...form, redirect_uri: `${site.redirectUri}/` },
        { as: 'airline' },
      );
      expectRefusal(answer, 400, 'invalid_grant');
    });
  });

  describe('an authorization request', () => {
    it.each(['unknown', '', '../account', '{"$gt":""}', 'airline\u0000', 'a'.repeat(5_000)])(
      'of the unknown client %j gets a page',
      async (id) => {
        const page = await authorize({ client_id: id });
        expectRefusal(page, 400);
        expect(page.headers.get('location')).toBeNull();
      },
    );

    it.each([
      [
        'without a challenge',
        { code_challenge: undefined, code_challenge_method: undefined },
        'invalid_request',
      ],
      ['with a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
      [
        'that leaves the method out, which means plain',
        { code_challenge_method: undefined },
        'invalid_request',
      ],
      ['for an implicit answer', { response_type: 'token' }, 'unsupported_response_type'],
      ['for a hybrid answer', { response_type: 'code id_token' }, 'unsupported_response_type'],
      ['for no code at all', { response_type: 'none' }, 'invalid_request'],
      ['with a request object', { request: 'eyJhbGciOiJub25lIn0.e30.' }, 'invalid_request_object'],
    ] as const)('%s is refused at the client', async (_how, changed, error) => {
      const answer = await authorize(changed as Record<string, string | undefined>);
      const told = toldClient(answer);
      expect(told).toBe(error);
    });

    it.each(['state', 'scope', 'prompt', 'response_type', 'code_challenge', 'nonce'])(
      'with a doubled %s is refused',
      async (name) => {
        const answer = await authorize({}, `&${name}=again`);
        expect(answer.status).toBeLessThan(500);
        expect(answer.headers.get('location') ?? '').not.toContain('code=');
        expect(answer.text).not.toMatch(inside);
      },
    );

    it.each([
      ['scope', '{"$gt":""}'],
      ['scope', '[object Object]'],
      ['prompt', '{"$ne":null}'],
      ['prompt', 'none login'],
      ['max_age', '-1'],
      ['max_age', 'NaN'],
      ['max_age', '9'.repeat(400)],
      ['ui_locales', '\u0000'],
      ['ui_locales', 'x'.repeat(4_000)],
      ['acr_values', '{"$where":"sleep(1000)"}'],
      ['id_token_hint', 'eyJhbGciOiJub25lIn0.e30.'],
      ['login_hint', '<script>alert(1)</script>'],
      ['response_mode', 'javascript'],
      ['request_uri', 'https://evil.example/request.jwt'],
      ['request_uri', 'urn:ietf:params:oauth:request_uri:{"$gt":""}'],
      ['resource', 'https://elsewhere.example'],
      ['resource', 'javascript:alert(1)'],
      ['claims', '{"userinfo":{"$where":1}}'],
      ['state', '\u0000\u0001'],
      ['nonce', '{"$regex":".*"}'],
      ['code_challenge', '{"$gt":""}'],
      ['__proto__', 'polluted'],
      ['constructor[prototype][x]', '1'],
      ['client_id[$gt]', ''],
    ])('with %s %j is answered and never breaks', async (name, value) => {
      const answer = await authorize({ [name]: value });
      expect(answer.status).toBeLessThan(500);
      expect(answer.text).not.toMatch(inside);
      expect(answer.text).not.toContain('<script>alert');
      const location = answer.headers.get('location');
      if (location)
        expect([new URL(issuer.url).origin, 'https://airline.example']).toContain(
          new URL(location, issuer.url).origin,
        );
      expect(({} as Record<string, unknown>).x).toBeUndefined();
    });

    it('for a prompt=none with operator keys beside it still finds nobody else’s session', async () => {
      const stranger = issuer.agent();
      const url = `${(await site.begin({ prompt: 'none' })).url}&session[$gt]=&accountId[$ne]=`;
      const page = await stranger.request(url);
      expect(toldClient(page)).toBe('login_required');
    });
  });

  describe('an interaction', () => {
    it('opened by a browser that did not begin it, or with a made-up id, is unknown', async () => {
      const { page } = await site.open(issuer.agent());
      const stranger = issuer.agent();
      expectRefusal(await stranger.open(page.url), 400);
      const begun = issuer.agent();
      await site.open(begun);
      expectRefusal(await begun.open(page.url), 400);
      const action = page.forms.find((form) => form.action.endsWith('/identifier'))?.action ?? '';
      const posted = await begun.request(action, {
        form: { ...page.forms[0]?.fields, identifier: 'una@example.com' },
      });
      expect([400, 403]).toContain(posted.status);
      for (const uid of ['unknown-unknown-unknown', '%00', '$gt', '..%2f..', 'a'.repeat(300)]) {
        const answer = await begun.open(`${issuer.url}/interaction/${uid}`);
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.status).toBeLessThan(500);
      }
    });

    it('resumed by a browser that did not answer it leads nowhere', async () => {
      const { page } = await site.open(issuer.agent());
      const uid = page.url.split('/').at(-1);
      const stranger = issuer.agent();
      const answer = await stranger.open(`${issuer.url}/authorize/${uid}`);
      expect(answer.status).toBe(400);
      expect(answer.url).not.toContain('code=');
    });
  });

  it('never made the issuer log a failure of its own', () => {
    const faults = issuer.logLines.filter((line) => /"level":(?:50|60)|"code":"internal"/.test(line));
    expect(faults).toEqual([]);
  });
});
