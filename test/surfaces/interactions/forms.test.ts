import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Route } from '../../../src/base/http/routes.ts';
import type { Agent, Page } from '../../support/agent.ts';
import { multipart, multipartType } from '../../support/multipart.ts';
import { registrationForm } from '../../support/people.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { askForProof, goodPassword, linkOn, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});

const written = [
  'members',
  'registrations',
  'challenges',
  'consents',
  'credentials',
  'identifiers',
  'outbox',
];
const state = () => Promise.all(written.map((collection) => world.count(collection)));
const forms = (of = /./): Route[] =>
  world.issuer.issuer.routes.filter(
    ({ kind, method, name }) => kind === 'page' && method !== 'GET' && of.test(name),
  );
const hosted = /^(interaction|recover)\./;

/** The address of a route in an open interaction. */
const addressOf = (route: Route, page: Page) =>
  route.path.replace('/interaction/:uid', new URL(page.url).pathname).replaceAll(/:\w+/g, 'google');
const tokenOf = (page: Page) => page.forms[0]?.fields._csrf ?? '';

/** Fields as the form of a route sends them. */
function sentTo({ file }: Route, fields: Record<string, string>, headers: Record<string, string> = {}) {
  if (!file) return { form: fields, headers };
  const body = multipart(Object.entries(fields).map(([name, value]) => ({ name, value })));
  return { body, headers: { ...headers, 'content-type': multipartType } };
}

/** An open interaction and the token for a form of the route. */
async function openFor(route: Route): Promise<{ agent: Agent; page: Page; token: string }> {
  const { agent, page } = await world.start();
  const token = route.name.startsWith('interaction.') ? tokenOf(page) : tokenOf(await agent.open('/recover'));
  return { agent, page, token };
}

describe('every form', () => {
  it('is refused without its token, with that of another browser, and from another site', async () => {
    const mine = await world.start();
    const theirs = await world.start();
    const before = await state();
    for (const route of forms()) {
      const address = addressOf(route, mine.page);
      const answers = await Promise.all([
        mine.agent.request(address, sentTo(route, { password: goodPassword })),
        mine.agent.request(address, sentTo(route, { _csrf: tokenOf(theirs.page) })),
        mine.agent.request(
          address,
          sentTo(
            route,
            { _csrf: tokenOf(mine.page), identifier: 'a@example.com', email: 'a@example.com' },
            { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
          ),
        ),
      ]);
      expect([route.name, ...answers.map(({ status }) => status)]).toEqual([route.name, 403, 403, 403]);
    }
    expect(await state()).toEqual(before);
  });

  it('of the hosted pages has a limit', () => {
    expect(forms(hosted).filter(({ limiter }) => limiter === undefined)).toEqual([]);
    expect(forms(hosted).length).toBeGreaterThan(20);
  });

  it('refuses what is no form field, and matches nobody by it', async () => {
    const { id } = await world.member();
    const before = await world.issuer.issuer.people.members.get(id);
    for (const route of forms(hosted)) {
      const fields = Object.keys(route.input.body?.shape ?? {});
      for (const field of fields.length > 0 ? fields : ['email']) {
        for (const value of ['%5B%24gt%5D=', '%5B%24ne%5D=x', '%5B%5D=a', '.$regex=.*', '=%00a']) {
          const { agent, page, token } = await openFor(route);
          const answer = await agent.request(addressOf(route, page), {
            body: `_csrf=${token}&${field}${value}`,
          });
          expect([route.name, value, answer.status >= 500]).toEqual([route.name, value, false]);
          expect(answer.headers.get('location') ?? '').not.toContain('airline.example');
        }
      }
    }
    expect(await world.issuer.issuer.people.members.get(id)).toEqual(before);
    expect(world.issuer.logLines.filter((line) => line.includes('"code":"internal"'))).toEqual([]);
  });

  it.each([
    ['a NUL byte', 'application/x-www-form-urlencoded', 'identifier=a%00b', 400],
    ['a field twice', 'application/x-www-form-urlencoded', 'identifier=a&identifier=b', 400],
    ['broken UTF-8', 'application/x-www-form-urlencoded', 'identifier=%ff', 400],
    ['prototype keys', 'application/x-www-form-urlencoded', '__proto__=1&constructor=2', 400],
    ['64 KiB and more', 'application/x-www-form-urlencoded', `identifier=${'a'.repeat(65_537)}`, 413],
    ['JSON', 'application/json', '{"identifier":{"$gt":""}}', 415],
  ])('refuses %s', async (_what, type, body, status) => {
    for (const route of forms(hosted)) {
      const { agent, page, token } = await openFor(route);
      const answer = await agent.request(addressOf(route, page), {
        body: type.includes('json') ? body : `_csrf=${token}&${body}`,
        headers: { 'content-type': type },
      });
      expect([route.name, answer.status]).toEqual([route.name, status]);
    }
  });

  it('refuses a password of more than 256 characters before it is hashed', async () => {
    const { agent, page } = await world.start();
    const long = 'p'.repeat(257);
    const asked = await agent.submit(page, { identifier: 'long@example.com' }, '/identifier');
    const signIn = await agent.submit(asked, { username: 'long@example.com', password: long }, '/password');
    expect(signIn.status).toBe(422);
    const form = await agent.open(linkOn(signIn, 'view=sign-in').replace('sign-in', 'register'));
    const registration = { email: world.newAddress(), password: long };
    const register = await agent.submit(form, registrationForm(form, registration), '/register');
    expect(register.status).toBe(422);
  });

  it.each([
    '"a@x b"@example.com',
    'a@b@example.com',
    'a@example.com,b@example.com',
    'a@example.com;b@example.com',
    'a@example.com\r\nBcc: b@example.com',
    'group: a@example.com;',
    'a(comment)@example.com',
    '<a@example.com>',
    'a@[127.0.0.1]',
  ])('takes no address for one that is not plainly one: %j', async (email) => {
    const before = await world.count('outbox');
    const { agent, page } = await world.start();
    const form = await agent.open(linkOn(page, 'register').replace(/view=\w+/, 'view=register'));
    const answer = await agent.submit(
      form,
      registrationForm(form, { email, password: goodPassword }),
      '/register',
    );
    expect([400, 422]).toContain(answer.status);
    const recover = await agent.open('/recover');
    expect([400, 422]).toContain((await agent.submit(recover, { identifier: email }, '/recover')).status);
    expect(await world.count('outbox')).toBe(before);
  });

  it('sent twice in a moment has one effect and the same answer', async () => {
    const email = world.newAddress();
    const { agent, page, begun } = await world.start();
    const twice = async (from: Page, values: Record<string, string>, which: string) => {
      const form = from.forms.find(({ action }) => action.endsWith(which));
      const send = () => agent.request(form?.action ?? '', { form: { ...form?.fields, ...values } });
      const [first, second] = await Promise.all([send(), send()]);
      expect([which, second.status, second.headers.get('location'), second.text]).toEqual([
        which,
        first.status,
        first.headers.get('location'),
        first.text,
      ]);
      const to = first.headers.get('location');
      return to ? agent.open(to) : first;
    };
    const form = await agent.open(linkOn(page, 'view=register'));
    const registration = registrationForm(form, { email, password: goodPassword });
    const asked = await twice(form, registration, '/register');
    const mails = await world.mailsTo(email);
    expect(mails).toHaveLength(1);
    const code = /\d{4} \d{4}/.exec(mails[0]?.text ?? '')?.[0] ?? '';
    const back = await twice(asked, { code }, '/verify');
    expect((await world.airline.finish(back, begun)).claims()?.sub).toMatch(/^mbr_/);
    expect(
      (await world.mailsTo(email)).filter(({ text }) => /welcome/i.test(text)).length,
    ).toBeLessThanOrEqual(1);
  });

  it('sent empty, again or out of order leads nowhere further', async () => {
    const { agent, page } = await world.start();
    for (const route of forms(/^interaction\./)) {
      if (/cancel|language|switch/.test(route.name)) continue;
      const answer = await agent.request(addressOf(route, page), { form: { _csrf: tokenOf(page) } });
      expect(answer.headers.get('location') ?? '').not.toMatch(/\/authorize|airline\.example/);
    }
    await expect(world.airline.silently(agent)).rejects.toThrow();
  });
});

describe('every page', () => {
  async function walk(): Promise<Page[]> {
    const { agent, page } = await world.start();
    const asked = await agent.submit(page, { identifier: 'walker@example.com' }, '/identifier');
    const wrong = await agent.submit(
      asked,
      { username: 'walker@example.com', password: 'wrong' },
      '/password',
    );
    const register = await agent.open(linkOn(page, 'view=register'));
    const refused = await agent.submit(register, {}, '/register');
    const verify = await askForProof(agent, page, world.newAddress());
    const recover = await agent.open(linkOn(asked, 'view=recover'));
    const recoverCode = await agent.submit(recover, { identifier: 'walker@example.com' }, '/recover');
    const partner = await RelyingParty.register(world.issuer, {
      id: `p${world.newAddress().replaceAll(/\W/g, '')}`,
      firstParty: false,
    });
    const { agent: member } = await world.member();
    const consent = (await partner.open(member)).page;
    const others = [
      '/recover',
      '/nothing/here',
      `${new URL(page.url).pathname}/nothing`,
      '/interaction/unknown-to-us-all',
      '/recover/link?t=0123456789012345678901234567',
      '/authorize?client_id=nobody',
      '/sign-out',
      '/sign-out/success',
    ];
    const more = [];
    for (const path of others) more.push(await member.open(path));
    return [page, asked, wrong, register, refused, verify, recover, recoverCode, consent, ...more];
  }

  it('is guarded by its headers and is well-formed for people and their tools', async () => {
    for (const page of await walk()) {
      const where = `${page.status} ${new URL(page.url).pathname}`;
      const header = (name: string) => page.headers.get(name) ?? '';
      expect([where, header('cache-control')]).toEqual([where, 'no-store']);
      expect([where, header('content-security-policy')]).toEqual([
        where,
        expect.stringContaining("frame-ancestors 'none'"),
      ]);
      expect([where, header('content-security-policy')]).not.toEqual([
        where,
        expect.stringContaining('unsafe'),
      ]);
      expect([where, header('x-content-type-options')]).toEqual([where, 'nosniff']);
      expect([where, header('referrer-policy')]).toEqual([where, 'no-referrer']);
      expect([where, header('cross-origin-opener-policy')]).toEqual([where, 'same-origin']);
      expect([where, page.text.match(/<h1\b/g)?.length]).toEqual([where, 1]);
      expect([where, page.text]).toEqual([where, expect.stringMatching(/<html lang="en" dir="ltr">/)]);
      expect([where, page.title.length > 5]).toEqual([where, true]);
      if (page.status === 422 || page.status === 401) expect(page.title).toMatch(/^Error:/);
      else if (page.status >= 400) expect(page.text).toContain(header('trace-id'));
    }
  });

  it('of a flow lets its forms end at the app and nowhere else', async () => {
    const { page } = await world.start();
    const policy = page.headers.get('content-security-policy') ?? '';
    const targets = /form-action ([^;]*)/.exec(policy)?.[1]?.split(' ') ?? [];
    expect(targets).toContain('https://airline.example');
    expect(
      targets.filter(
        (target) => !/^('self'|https:\/\/airline\.example|http:\/\/social\.localhost:\d+)$/.test(target),
      ),
    ).toEqual([]);
  });

  it.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '/%5cevil.example//',
  ])('never leads to %s', async (target) => {
    const agent = world.issuer.agent();
    const text = await agent.open(`/legal/program-terms/1.0?back=${encodeURIComponent(target)}`);
    expect(text.text).not.toContain('href="//evil');
    expect(text.text).not.toMatch(/href="(https:|javascript:|\/\\)[^"]*(evil|alert)/);
    const recover = await agent.open('/recover');
    const form = recover.forms.find(({ action }) => action.endsWith('/language'));
    const answer = await agent.request('/language', {
      form: { ...form?.fields, locale: 'en', return_to: target },
    });
    const to = answer.headers.get('location');
    if (to) expect(new URL(to, world.issuer.url).origin).toBe(world.issuer.url);
  });
});
