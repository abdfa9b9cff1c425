import { beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import { type Asked, answer, ask, pollForm, registerKiosk, settled } from '../../support/backchannel.ts';
import { collectionsHolding } from '../../support/everything.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { expectRefusal, newMember, post, refresh, type SignedIn } from '../world.ts';

const endpoint = '/backchannel-authentication';

describe('asking a member to confirm elsewhere', () => {
  let issuer: TestIssuer;
  let site: RelyingParty;
  let kiosk: RelyingParty;
  let count = 0;

  beforeAll(async () => {
    issuer = await startIssuer();
    site = await RelyingParty.register(issuer, { id: 'airline' });
    kiosk = await registerKiosk(issuer, { id: 'kiosk' });
    await registerKiosk(issuer, { id: 'other-kiosk' });
  });

  function someone(): Promise<SignedIn> {
    count += 1;
    return newMember(issuer, site, `member${count}@example.com`);
  }

  const poll = (asked: Asked, id = 'kiosk') => post(issuer, '/token', pollForm(asked), { as: id });
  const redeem = (asked: Asked) =>
    client.pollBackchannelAuthenticationGrant(kiosk.config, { ...asked, interval: 0 });
  const request = (form: Record<string, string>, id = 'kiosk') =>
    post(issuer, endpoint, { scope: 'openid', ...form }, { as: id });

  it('gives tokens for the member who allowed it, with how and when they proved who they are', async () => {
    const { agent, email, memberId } = await someone();
    const asked = await ask(kiosk, email, { scope: 'openid email offline_access', binding_message: 'W4SCT' });
    expect(asked).toMatchObject({ expires_in: 600, interval: 5 });
    await answer(issuer, agent, 'allow');
    const tokens = await redeem(asked);
    expect(tokens.claims()).toMatchObject({
      sub: memberId,
      amr: expect.anything(),
      acr: 'urn:symbolon:acr:one-factor',
      auth_time: expect.any(Number),
    });
    expect((await client.fetchUserInfo(kiosk.config, tokens.access_token, memberId)).email).toBe(email);
    expect((await refresh(kiosk, tokens.refresh_token ?? ''))?.access_token).toBeTruthy();
  });

  it('tells the member by mail: which app, its words, until when, and no secret', async () => {
    const { email } = await someone();
    const asked = await ask(kiosk, email, { binding_message: 'Counter 12 – <b>W4SCT</b>' });
    await settled(issuer);
    const mail = issuer.mailbox.messages().findLast(({ to }) => to.includes(email));
    expect(mail?.subject).toBe('Test kiosk asks you to confirm');
    expect(mail?.text).toContain('Counter 12 – <b>W4SCT</b>');
    expect(mail?.text).toContain('Test kiosk wants to know that it is you.');
    expect(mail?.text).toContain(`${issuer.url}/account/requests`);
    expect(mail?.html).toContain('&lt;b&gt;W4SCT');
    expect(`${mail?.text}${mail?.html}`).not.toContain(asked.auth_req_id);
  });

  it('says "pending", and "slow down" with a longer interval each time to a client that does not wait', async () => {
    const { email } = await someone();
    const asked = await ask(kiosk, email);
    const codes: unknown[] = [];
    for (const wait of [0, 1_000, 6_000, 10_000, 16_000]) {
      issuer.clock.advance(wait);
      codes.push((await poll(asked)).json.error);
    }
    expect(codes).toEqual(['authorization_pending', 'slow_down', 'slow_down', 'slow_down', 'slow_down']);
    issuer.clock.advance(25_000);
    expect((await poll(asked)).json.error).toBe('authorization_pending');
  });

  it('ends with access_denied when the member denies, for good', async () => {
    const { agent, email } = await someone();
    const asked = await ask(kiosk, email);
    await answer(issuer, agent, 'deny');
    expectRefusal(await poll(asked), 400, 'access_denied');
    expectRefusal(await poll(asked), 400, 'access_denied');
  });

  it('runs out after the time the client asked for, within bounds', async () => {
    const { agent, email } = await someone();
    expect((await ask(kiosk, email, { requested_expiry: '5' })).expires_in).toBe(30);
    expect((await ask(kiosk, email, { requested_expiry: '86400' })).expires_in).toBe(600);
    const asked = await ask(kiosk, email, { requested_expiry: '60' });
    expect(asked.expires_in).toBe(60);
    const page = await agent.open('/account/requests');
    issuer.clock.advance(61_000);
    expectRefusal(await poll(asked), 400, 'expired_token');
    const late = await agent.submit(page, { decision: 'allow' }, '/answer');
    expect(late.status).toBe(409);
    await settled(issuer);
    expectRefusal(await poll(asked), 400, 'expired_token');
  });

  it('is redeemed once', async () => {
    const { agent, email } = await someone();
    const asked = await ask(kiosk, email);
    await answer(issuer, agent, 'allow');
    const polls = await Promise.all(Array.from({ length: 5 }, () => poll(asked)));
    expect(polls.filter(({ status }) => status === 200)).toHaveLength(1);
    expectRefusal(await poll(asked), 400, 'invalid_grant');
  });

  it('is of no use to another client, whose polls do not count either', async () => {
    const { agent, email } = await someone();
    const asked = await ask(kiosk, email);
    expectRefusal(await poll(asked, 'other-kiosk'), 400, 'invalid_grant');
    expectRefusal(await poll(asked), 400, 'authorization_pending');
    await answer(issuer, agent, 'allow');
    expectRefusal(await poll(asked, 'other-kiosk'), 400, 'invalid_grant');
    expect((await poll(asked)).status).toBe(200);
  });

  it('answers for nobody as for a member, and nobody is asked', async () => {
    const { email } = await someone();
    const known = await request({ login_hint: email });
    const unknown = await request({ login_hint: 'nobody-here@example.com' });
    const shape = ({ status, json }: typeof known) => ({
      status,
      fields: Object.keys(json).sort(),
      expires: json.expires_in,
      length: String(json.auth_req_id).length,
    });
    expect(shape(unknown)).toEqual(shape(known));
    await settled(issuer);
    expect(issuer.mailbox.messages().some(({ to }) => to.includes('nobody-here@example.com'))).toBe(false);
    const asked = { auth_req_id: String(unknown.json.auth_req_id), expires_in: 600 };
    expectRefusal(await poll(asked), 400, 'authorization_pending');
    expectRefusal(await poll(asked), 400, 'slow_down');
    issuer.clock.advance(601_000);
    expectRefusal(await poll(asked), 400, 'expired_token');
  });

  it('answers for a locked member as for nobody', async () => {
    const { email, memberId } = await someone();
    await lock(memberId);
    const asked = await ask(kiosk, email);
    await settled(issuer);
    expect(
      issuer.mailbox
        .messages()
        .filter(({ to }) => to.includes(email))
        .at(-1)?.subject,
    ).not.toMatch(/confirm/);
    expectRefusal(await poll(asked), 400, 'authorization_pending');
  });

  it('ends waiting requests when the member is locked', async () => {
    const { email, memberId } = await someone();
    const asked = await ask(kiosk, email);
    await lock(memberId);
    expectRefusal(await poll(asked), 400, 'access_denied');
  });

  async function lock(memberId: string): Promise<void> {
    const { members } = issuer.issuer.people;
    const member = await members.get(memberId);
    if (!member) throw new Error('no such member');
    await inTransaction(issuer.db, (tx) =>
      members.setStatus(tx, member, 'locked', 'test', systemVisit('test')),
    );
  }

  it('lets a few requests wait for one member, whoever they are, and no flood', async () => {
    for (const email of [(await someone()).email, 'flooded-nobody@example.com']) {
      for (let nth = 0; nth < 3; nth += 1) expect((await request({ login_hint: email })).status).toBe(200);
      const refused = await request({ login_hint: email });
      expectRefusal(refused, 429, 'temporarily_unavailable');
      expect((await request({ login_hint: email }, 'other-kiosk')).status).toBe(200);
      for (let nth = 3; nth < 10; nth += 3) {
        issuer.clock.advance(601_000);
        for (let more = 0; more < Math.min(3, 10 - nth); more += 1)
          expect((await request({ login_hint: email })).status).toBe(200);
      }
      issuer.clock.advance(601_000);
      const tooOften = await request({ login_hint: email });
      expectRefusal(tooOften, 429, 'temporarily_unavailable');
      expect(Number(tooOften.headers.get('retry-after'))).toBeGreaterThan(0);
      issuer.clock.advance(3_600_000);
    }
  });

  it('takes an ID token of the client as a hint, and none of another', async () => {
    const { agent, email, memberId } = await someone();
    const first = await ask(kiosk, email);
    await answer(issuer, agent, 'allow');
    const hint = (await redeem(first)).id_token ?? '';
    const asked = await client.initiateBackchannelAuthentication(kiosk.config, {
      scope: 'openid',
      id_token_hint: hint,
    });
    await answer(issuer, agent, 'allow');
    expect((await redeem(asked)).claims()?.sub).toBe(memberId);
    expectRefusal(await request({ id_token_hint: hint }, 'other-kiosk'), 400, 'invalid_request');
    expectRefusal(await request({ id_token_hint: `${hint}x` }), 400, 'invalid_request');
  });

  it.each([
    ['no hint', {}, 'invalid_request'],
    ['two hints', { login_hint: 'a@example.com', id_token_hint: 'x.y.z' }, 'invalid_request'],
    ['a hint that is no address', { login_hint: 'somebody' }, 'invalid_request'],
    ['a login_hint_token', { login_hint_token: 'x.y.z' }, 'invalid_request'],
    ['a user code', { login_hint: 'a@example.com', user_code: '1234' }, 'invalid_request'],
    ['no openid scope', { login_hint: 'a@example.com', scope: 'profile' }, 'invalid_request'],
    ['an expiry that is none', { login_hint: 'a@example.com', requested_expiry: '-1' }, 'invalid_request'],
    [
      'a long message',
      { login_hint: 'a@example.com', binding_message: 'x'.repeat(65) },
      'invalid_binding_message',
    ],
    [
      'a message with a line break',
      { login_hint: 'a@example.com', binding_message: 'a\nb' },
      'invalid_binding_message',
    ],
    [
      'a message that turns direction',
      { login_hint: 'a@example.com', binding_message: 'a\u202eb' },
      'invalid_binding_message',
    ],
    [
      'a message with an address',
      { login_hint: 'a@example.com', binding_message: 'https://evil.example' },
      'invalid_binding_message',
    ],
    [
      'a message that mail programs make a link of',
      { login_hint: 'a@example.com', binding_message: 'see evil.example/now' },
      'invalid_binding_message',
    ],
  ])('refuses %s', async (_what, form, error) => {
    expectRefusal(await request(form as Record<string, string>), 400, error);
  });

  it('is for clients that are registered for it and prove who they are', async () => {
    expectRefusal(await request({ login_hint: 'a@example.com' }, 'airline'), 400, 'unauthorized_client');
    const anonymous = await post(issuer, endpoint, {
      client_id: 'kiosk',
      scope: 'openid',
      login_hint: 'a@example.com',
    });
    expectRefusal(anonymous, 401, 'invalid_client');
    await expect(
      registerKiosk(issuer, { id: 'public-kiosk', metadata: { token_endpoint_auth_method: 'none' } }),
    ).rejects.toThrow();
  });

  it('keeps neither the id of a request, an address nor the words of the app readable, and logs none', async () => {
    const { agent, email } = await someone();
    const asked = await ask(kiosk, email, { binding_message: 'unmistakable-words' });
    await answer(issuer, agent, 'allow');
    await redeem(asked);
    for (const secret of [asked.auth_req_id, email, 'unmistakable-words']) {
      expect(await collectionsHolding(issuer.db, secret)).toEqual([]);
      expect(issuer.logLines.join('')).not.toContain(secret);
    }
  });
});
