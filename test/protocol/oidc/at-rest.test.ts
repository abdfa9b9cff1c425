import { beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import type { Agent } from '../../support/agent.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { codeOf, newMember, password, post } from '../world.ts';

/** Every string in every document of both databases, keys of objects included. */
async function dump(issuer: TestIssuer): Promise<string[]> {
  const found = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value === 'string') found.add(value);
    else if (Array.isArray(value)) value.forEach(walk);
    else if (value instanceof Date || value === null || typeof value !== 'object') return;
    else if ('buffer' in value && value.buffer instanceof Uint8Array) {
      found.add(Buffer.from(value.buffer).toString('latin1'));
    } else {
      for (const [key, part] of Object.entries(value)) {
        found.add(key);
        walk(part);
      }
    }
  };
  for (const database of [issuer.db.main, issuer.db.keys]) {
    for (const { name } of (await database.db?.listCollections().toArray()) ?? []) {
      for (const document of await database.collection(name).find({}).toArray()) walk(document);
    }
  }
  return [...found];
}

const cookieValues = (agent: Agent) =>
  agent.cookies.map(({ value }) => value).filter((value) => value.length > 8);

describe('a copy of the database', () => {
  const email = 'wanda.quietly@example.com';
  const name = 'Wanda Quietly-Zimmermann';
  let issuer: TestIssuer;
  let site: RelyingParty;
  let secrets: string[];
  let strings: string[];

  beforeAll(async () => {
    issuer = await startIssuer();
    site = await RelyingParty.register(issuer, { id: 'airline' });
    const machine = await RelyingParty.register(issuer, {
      id: 'machine',
      metadata: { grant_types: ['client_credentials'], redirect_uris: [], post_logout_redirect_uris: [] },
    });
    const { agent, tokens, memberId } = await newMember(issuer, site, email);
    const { members } = issuer.issuer.people;
    const member = await members.get(memberId);
    if (!member) throw new Error('the member is not there');
    await inTransaction(issuer.db, (tx) => members.updateProfile(tx, member, { name }, systemVisit('test')));
    const renewed = await client.refreshTokenGrant(site.config, tokens.refresh_token ?? '');
    const waiting = await site.open(agent, { prompt: 'none' });
    const begun = await site.begin();
    const pushed = await post(issuer, '/authorize/par', Object.fromEntries(new URL(begun.url).searchParams), {
      as: 'airline',
    });
    const own = await client.clientCredentialsGrant(machine.config);
    const half = issuer.agent();
    const { page } = await site.open(half);
    await half.submit(page, { identifier: email }, '/identifier');
    secrets = [
      tokens.access_token,
      tokens.refresh_token,
      tokens.id_token,
      renewed.access_token,
      renewed.refresh_token,
      own.access_token,
      codeOf(waiting.page),
      String(pushed.json.request_uri),
      String(pushed.json.request_uri).split(':').at(-1),
      ...cookieValues(agent),
      ...cookieValues(half),
      password,
      email,
      'wanda',
      name,
      'quietly-zimmermann',
      'secret-of-airline',
    ].filter((secret): secret is string => typeof secret === 'string');
    strings = await dump(issuer);
  });

  it('holds no token, code, cookie, secret, mail address or name', () => {
    const all = strings.join('\n').toLowerCase();
    expect(strings.length).toBeGreaterThan(200);
    for (const secret of secrets) expect(all).not.toContain(secret.toLowerCase());
  });

  it('yields nothing when every string in it is replayed as token, code, cookie or request', async () => {
    const candidates = strings
      .flatMap((text) => [text, text.slice(text.indexOf(':') + 1)])
      .filter((text) => text.length >= 16 && text.length < 300 && /^[\w.:~/+=-]+$/.test(text));
    expect(candidates.length).toBeGreaterThan(100);
    const opened: string[] = [];
    const tryOne = async (text: string): Promise<void> => {
      const [userinfo, code, refreshed, introspected, resumed] = await Promise.all([
        fetch(`${issuer.url}/userinfo`, { headers: { authorization: `Bearer ${text}` } }),
        post(
          issuer,
          '/token',
          {
            grant_type: 'authorization_code',
            code: text,
            redirect_uri: site.redirectUri,
            code_verifier: 'a'.repeat(43),
          },
          { as: 'airline' },
        ),
        post(issuer, '/token', { grant_type: 'refresh_token', refresh_token: text }, { as: 'airline' }),
        post(issuer, '/token/introspection', { token: text }, { as: 'airline' }),
        fetch(`${issuer.url}/authorize?client_id=airline&request_uri=${encodeURIComponent(text)}`, {
          redirect: 'manual',
        }),
      ]);
      await Promise.all([userinfo.text(), resumed.text()]);
      if (userinfo.status === 200 || code.status === 200 || refreshed.status === 200) opened.push(text);
      if (introspected.json.active !== false) opened.push(text);
      if (resumed.status < 400) opened.push(text);
    };
    for (let at = 0; at < candidates.length; at += 20) {
      await Promise.all(candidates.slice(at, at + 20).map(tryOne));
    }
    expect(opened).toEqual([]);
  });

  it('yields no session when every string in it is replayed as a cookie, even a signed one', async () => {
    const signer = issuer.issuer.oidc.cookieKeys();
    const url = new URL((await site.begin({ prompt: 'none' })).url);
    const opened: string[] = [];
    const tryOne = async (text: string): Promise<void> => {
      const signature = signer.sign(`session=${text}`);
      const answer = await fetch(url, {
        redirect: 'manual',
        headers: { cookie: `session=${text}; session.sig=${signature}` },
      });
      await answer.text();
      if (answer.headers.get('location')?.includes('code=')) opened.push(text);
    };
    const all = strings
      .flatMap((each) => [each, each.slice(each.indexOf(':') + 1)])
      .filter((text) => /^[\w.:~/+=-]{16,300}$/.test(text));
    for (let at = 0; at < all.length; at += 20) await Promise.all(all.slice(at, at + 20).map(tryOne));
    expect(opened).toEqual([]);
  });
});
