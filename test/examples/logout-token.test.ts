import { beforeAll, describe, expect, it } from '@jest/globals';

import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { LogoutTokens } from '../../examples/sites/logout-token.ts';
import { createLogoutTokens } from '../../examples/sites/logout-token.ts';

const issuer = 'http://localhost:3000';
const clientId = 'aurora-air';
const event = 'http://schemas.openid.net/event/backchannel-logout';
const nowSeconds = 1_800_000_000;

type Key = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
let issuerKey: Key;
let strangersKey: Key;
let build: (now?: () => number) => LogoutTokens;

beforeAll(async () => {
  const pair = await generateKeyPair('ES256');
  issuerKey = pair.privateKey;
  strangersKey = (await generateKeyPair('ES256')).privateKey;
  const keys = createLocalJWKSet({
    keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'ES256' }],
  });
  build = (now = () => nowSeconds * 1000) => createLogoutTokens({ issuer, clientId }, keys, now);
});

const good: Record<string, unknown> = {
  iss: issuer,
  aud: clientId,
  iat: nowSeconds,
  exp: nowSeconds + 120,
  jti: 'j1',
  sub: 'mbr_1',
  sid: 'sid_1',
  events: { [event]: {} },
};

function sign(changes: Record<string, unknown>, header: { typ?: string; key?: Key } = {}): Promise<string> {
  return new SignJWT({ ...good, ...changes })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: header.typ ?? 'logout+jwt' })
    .sign(header.key ?? issuerKey);
}

describe('a logout token', () => {
  it('names the subject and session to end', async () => {
    expect(await build().check(await sign({}))).toEqual({ sub: 'mbr_1', sid: 'sid_1' });
  });

  it('may name only one of the two', async () => {
    expect(await build().check(await sign({ sid: undefined }))).toEqual({ sub: 'mbr_1', sid: undefined });
    expect(await build().check(await sign({ sub: undefined }))).toEqual({ sub: undefined, sid: 'sid_1' });
  });

  it('may come under its long media type and among other audiences', async () => {
    const token = await sign({ aud: ['other', clientId] }, { typ: 'application/logout+jwt' });
    await expect(build().check(token)).resolves.toMatchObject({ sub: 'mbr_1' });
  });

  it.each<[string, Record<string, unknown>, { typ?: string }]>([
    ['another issuer', { iss: 'http://evil.example' }, {}],
    ['another audience', { aud: 'greenleaf-markets' }, {}],
    ['another kind of token', {}, { typ: 'JWT' }],
    ['a nonce', { nonce: 'n' }, {}],
    ['no event', { events: undefined }, {}],
    ['an event of another kind', { events: { 'http://schemas.example/other': {} } }, {}],
    ['an event that is no object', { events: { [event]: true } }, {}],
    ['nobody named', { sub: undefined, sid: undefined }, {}],
    ['no id', { jti: undefined }, {}],
    ['no time of issue', { iat: undefined }, {}],
    ['no end', { exp: undefined }, {}],
    ['an end in the past', { exp: nowSeconds - 60 }, {}],
    ['a birth long ago', { iat: nowSeconds - 3600 }, {}],
    ['a birth in the future', { iat: nowSeconds + 3600, exp: nowSeconds + 7200 }, {}],
  ])('is refused with %s', async (_what, changes, header) => {
    await expect(build().check(await sign(changes, header))).rejects.toThrow();
  });

  it("is refused with a stranger's signature, none at all, or as noise", async () => {
    await expect(build().check(await sign({}, { key: strangersKey }))).rejects.toThrow();
    const [, payload] = (await sign({})).split('.');
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'logout+jwt' })).toString('base64url');
    await expect(build().check(`${none}.${payload}.`)).rejects.toThrow();
    await expect(build().check('')).rejects.toThrow();
    await expect(build().check('a.b.c')).rejects.toThrow();
  });

  it('counts once, also when it comes twice at the same instant', async () => {
    const tokens = build();
    const token = await sign({});
    const answers = await Promise.allSettled([tokens.check(token), tokens.check(token)]);
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(tokens.check(await sign({ jti: 'j2' }))).resolves.toBeDefined();
  });

  it('is still refused a second time when it is nearly too old', async () => {
    let now = nowSeconds * 1000;
    const tokens = build(() => now);
    const token = await sign({ exp: nowSeconds + 3600 });
    await tokens.check(token);
    now += 329_000;
    await expect(tokens.check(token)).rejects.toThrow('used before');
  });
});
