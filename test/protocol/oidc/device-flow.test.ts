import { beforeAll, describe, expect, it } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import type { Agent, Page } from '../../support/agent.ts';
import { commandsOf, watchedDatabaseAddress } from '../../support/commands.ts';
import {
  type Asked,
  answerDevice,
  ask,
  deviceGrant,
  enterCode,
  pollForm,
  registerDevice,
} from '../../support/device.ts';
import { everythingStored } from '../../support/everything.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { signIn } from '../../support/people.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { expectRefusal, newMember, opensUserinfo, post, refresh, type SignedIn } from '../world.ts';

describe('signing in a device', () => {
  let commands: string[];
  let issuer: TestIssuer;
  let device: RelyingParty;
  let someone: SignedIn;

  beforeAll(async () => {
    issuer = await startIssuer({ database: watchedDatabaseAddress() });
    commands = await commandsOf(issuer.db);
    const site = await RelyingParty.register(issuer, { id: 'airline' });
    device = await registerDevice(issuer, { id: 'seatback' });
    await registerDevice(issuer, { id: 'other-screen' });
    someone = await newMember(issuer, site, 'una@example.com');
  });

  const poll = (asked: Asked, id = 'seatback') => post(issuer, '/token', pollForm(id, asked));

  /** Enters a code in the browser that is signed in and answers; the page is the end. */
  async function decide(asked: Asked, decision: 'allow' | 'deny', agent = someone.agent): Promise<Page> {
    return answerDevice(agent, await enterCode(agent, asked.user_code), decision);
  }

  const redeem = (asked: Asked) =>
    client.pollDeviceAuthorizationGrant(device.config, { ...asked, interval: 0 });

  it('gives the device a code in groups, an address for its person, a short life and an interval', async () => {
    const asked = await ask(device);
    expect(asked).toMatchObject({ verification_uri: `${issuer.url}/device`, expires_in: 600, interval: 5 });
    expect(asked.user_code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    expect(asked.verification_uri_complete).toBe(`${issuer.url}/device?user_code=${asked.user_code}`);
  });

  it('is refused to a client that is not registered for it', async () => {
    const answer = await post(issuer, '/device/authorize', { scope: 'openid' }, { as: 'airline' });
    expectRefusal(answer, 400, 'unauthorized_client');
  });

  it('signs in the member who confirms the device, and its refresh tokens work', async () => {
    const asked = await ask(device, { scope: 'openid profile offline_access' });
    expect((await poll(asked)).json.error).toBe('authorization_pending');
    const agent = issuer.agent();
    const question = await enterCode(agent, ` ${asked.user_code.toLowerCase().replace('-', ' ')} `);
    const signInPage = await answerDevice(agent, question, 'allow');
    const end = await signIn(agent, signInPage, { email: someone.email });
    expect(new URL(end.url).pathname).toBe('/device/ended');
    const tokens = await redeem(asked);
    expect(tokens.claims()?.sub).toBe(someone.memberId);
    expect(await refresh(device, tokens.refresh_token ?? '')).toBeDefined();
  });

  it('works with another relying-party library', async () => {
    const url = new URL(issuer.url);
    const insecure = { [oauth.allowInsecureRequests]: true };
    const server = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, insecure));
    const me = { client_id: 'seatback' };
    const asked = await oauth.processDeviceAuthorizationResponse(
      server,
      me,
      await oauth.deviceAuthorizationRequest(server, me, oauth.None(), { scope: 'openid' }, insecure),
    );
    await decide(asked as Asked, 'allow');
    const answer = await oauth.deviceCodeGrantRequest(server, me, oauth.None(), asked.device_code, insecure);
    const tokens = await oauth.processDeviceCodeResponse(server, me, answer);
    expect(oauth.getValidatedIdTokenClaims(tokens)?.sub).toBe(someone.memberId);
  });

  it('keeps the tokens of a device alive when the browser that let it in signs out', async () => {
    const agent = issuer.agent();
    const asked = await ask(device, { scope: 'openid offline_access' });
    const question = await enterCode(agent, asked.user_code);
    await signIn(agent, await answerDevice(agent, question, 'allow'), { email: someone.email });
    const tokens = await redeem(asked);
    const page = await agent.open('/sign-out');
    await agent.submit(page, { logout: 'yes' });
    expect(await opensUserinfo(issuer, tokens.access_token)).toBe(true);
    expect(await refresh(device, tokens.refresh_token ?? '')).toBeDefined();
  });

  it('always asks whether the device is one’s own, also a member who is signed in and has agreed before', async () => {
    for (const _time of [1, 2]) {
      const asked = await ask(device);
      const question = await enterCode(someone.agent, asked.user_code);
      expect(question.title).toContain('Sign in to Test seatback on this device?');
      expect(question.text).toContain('una@example.com');
      expect((await poll(asked)).json.error).toBe('authorization_pending');
    }
  });

  it('still asks when another account was chosen on the way', async () => {
    const asked = await ask(device);
    const question = await enterCode(someone.agent, asked.user_code);
    const other = await someone.agent.submit(question, {}, '/switch');
    expect(other.title).toContain('Sign in');
    const again = await signIn(someone.agent, other, { email: someone.email });
    expect(again.title).toContain('Sign in to Test seatback on this device?');
  });

  it('tells the device that the person refused', async () => {
    const asked = await ask(device);
    const end = await decide(asked, 'deny');
    expect(end.title).toContain('The device was not signed in');
    expectRefusal(await poll(asked), 400, 'access_denied');
  });

  it('tells the device so too when somebody who is not signed in refuses or turns back', async () => {
    const refused = await ask(device);
    const agent = issuer.agent();
    expect((await decide(refused, 'deny', agent)).title).toContain('The device was not signed in');
    expectRefusal(await poll(refused), 400, 'access_denied');
    const left = await ask(device);
    const signInPage = await answerDevice(agent, await enterCode(agent, left.user_code), 'allow');
    const end = await agent.submit(signInPage, {}, '/cancel');
    expect(end.title).toContain('The device was not signed in');
    expectRefusal(await poll(left), 400, 'access_denied');
  });

  it('tells a device that polls too fast to slow down, by five seconds more each time', async () => {
    const asked = await ask(device);
    const pollAfter = async (seconds: number) => {
      issuer.clock.advance(seconds * 1000);
      return (await poll(asked)).json.error;
    };
    expect(await pollAfter(0)).toBe('authorization_pending');
    expect(await pollAfter(1)).toBe('slow_down');
    expect(await pollAfter(6)).toBe('slow_down');
    expect(await pollAfter(14)).toBe('slow_down');
    expect(await pollAfter(20)).toBe('authorization_pending');
    expect(await pollAfter(20)).toBe('authorization_pending');
    await decide(asked, 'allow');
    expect(await pollAfter(0)).toBeUndefined();
  });

  it('lets nobody else slow a device down', async () => {
    const asked = await ask(device);
    expect((await poll(asked)).json.error).toBe('authorization_pending');
    for (const _time of [1, 2, 3]) expectRefusal(await poll(asked, 'other-screen'), 400, 'invalid_grant');
    issuer.clock.advance(5_000);
    expect((await poll(asked)).json.error).toBe('authorization_pending');
  });

  it('says expired_token when nobody answered in time, however fast the device asks', async () => {
    const asked = await ask(device);
    const question = await enterCode(someone.agent, asked.user_code);
    issuer.clock.advance(601_000);
    expectRefusal(await poll(asked), 400, 'expired_token');
    expectRefusal(await poll(asked), 400, 'expired_token');
    expect((await someone.agent.open(question.url)).title).toContain('The code has expired');
    const late = await answerDevice(someone.agent, question, 'allow');
    expect(late.title).toContain('The code has expired');
    expect((await enterCode(issuer.agent(), asked.user_code)).text).toContain('No device is waiting');
  });

  it('costs one command for a poll, and one for asking', async () => {
    const counted = async (work: () => Promise<unknown>) => {
      commands.length = 0;
      await work();
      return [...commands];
    };
    let asked: Asked | undefined;
    expect(await counted(async () => (asked = await ask(device)))).toEqual(['update artefacts']);
    if (!asked) throw new Error('nothing was asked');
    const waiting = asked;
    expect(await counted(() => poll(waiting))).toEqual(['findAndModify artefacts']);
    await decide(waiting, 'allow');
    await issuer.issuer.outbox.run();
    await issuer.issuer.outbox.idle();
    issuer.clock.advance(5_000);
    expect(await counted(() => poll(waiting))).toEqual([
      'findAndModify artefacts',
      'aggregate artefacts',
      'update artefacts',
    ]);
  });

  it('records what members decide about devices', async () => {
    await decide(await ask(device), 'allow');
    await decide(await ask(device), 'deny');
    await issuer.issuer.outbox.run();
    await issuer.issuer.outbox.idle();
    const events = await issuer.issuer.core.events.ofMember(someone.memberId, 50);
    const ofDevices = events.filter(({ type }) => type.startsWith('device.'));
    expect(new Set(ofDevices.map(({ type }) => type))).toEqual(new Set(['device.allowed', 'device.denied']));
    expect(ofDevices[0]).toMatchObject({ actor: { kind: 'member' }, data: { client: 'seatback' } });
  });

  it('keeps no code readable, neither at rest nor in the log', async () => {
    const asked = await ask(device);
    await issuer.agent().open(asked.verification_uri_complete ?? '');
    await poll(asked);
    const before = JSON.stringify([...(await everythingStored(issuer.db))]);
    await decide(asked, 'allow');
    const after = JSON.stringify([...(await everythingStored(issuer.db))]);
    const plain = asked.user_code.replace('-', '');
    for (const secret of [asked.user_code, plain, asked.device_code]) {
      expect(before).not.toContain(secret);
      expect(after).not.toContain(secret);
      expect(issuer.logLines.join('\n')).not.toContain(secret);
    }
  });
});

describe('the page of a device', () => {
  let issuer: TestIssuer;
  let device: RelyingParty;

  beforeAll(async () => {
    issuer = await startIssuer();
    device = await registerDevice(issuer, { id: 'seatback' });
  });

  const visitor = (): Agent =>
    issuer.agent({ 'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)' });

  it('fills in a code that came with the address, in groups, and changes nothing by that', async () => {
    const asked = await ask(device);
    for (const agent of [visitor(), visitor()]) {
      const page = await agent.open(asked.verification_uri_complete ?? '');
      expect(page.forms.find(({ action }) => action.endsWith('/device'))?.fields.user_code).toBe(
        asked.user_code,
      );
      expect(page.text).toContain('autocomplete="off"');
    }
    const question = await enterCode(visitor(), asked.user_code);
    expect(question.title).toContain('on this device?');
  });

  it('names the app, the device, where it is and the code', async () => {
    const response = await fetch(`${issuer.url}/device/authorize`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'user-agent': 'Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 SamsungBrowser/3.0',
      },
      body: 'client_id=seatback&scope=openid',
    });
    const asked = (await response.json()) as Asked;
    const page = await enterCode(visitor(), asked.user_code);
    for (const text of ['Test seatback', 'seatback.example', asked.user_code, 'Tizen', 'This network'])
      expect(page.text).toContain(text);
    expect(page.text).toContain('Only go on if you started this on a device in front of you.');
    expect(page.text).toContain('Aurora Air');
  });

  it('gives a code to the browser that entered it first, and to no other', async () => {
    const asked = await ask(device);
    const first = visitor();
    const question = await enterCode(first, asked.user_code);
    const other = visitor();
    const refused = await enterCode(other, asked.user_code);
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('No device is waiting with this code');
    expectRefusal(await other.open(question.url), 400);
    const form = question.forms.find(({ action }) => action.endsWith('/device'));
    expectRefusal(
      await other.open(form?.action ?? '', { form: { ...form?.fields, decision: 'allow' } }),
      403,
    );
    expect((await enterCode(first, asked.user_code)).title).toContain('on this device?');
    expect((await post(issuer, '/token', pollForm('seatback', asked))).json.error).toBe(
      'authorization_pending',
    );
  });

  it('answers alike for a code that never was, is over, or was answered', async () => {
    const agent = visitor();
    const answered = await ask(device);
    await answerDevice(agent, await enterCode(agent, answered.user_code), 'deny');
    const over = await ask(device);
    issuer.clock.advance(601_000);
    const pages = [];
    for (const code of [answered.user_code, over.user_code, 'BCDF-GHJK'])
      pages.push(await enterCode(visitor(), code));
    const plain = pages.map(({ status, text }) => [
      status,
      text.replace(/value="[^"]*"/g, '').replace(/user_code=[A-Z-]*/g, ''),
    ]);
    expect(plain[1]).toEqual(plain[0]);
    expect(plain[2]).toEqual(plain[0]);
  });

  it('says what a code looks like instead of counting what cannot be one', async () => {
    const agent = visitor();
    for (const _time of Array.from({ length: 8 })) {
      const page = await enterCode(agent, 'AEIO-1234');
      expect(page.status).toBe(422);
      expect(page.text).toContain('A code has eight letters');
    }
  });

  it('lets a browser guess five times, then says when to come back', async () => {
    const agent = visitor();
    // The same form twice in a moment is one double click, so each guess is another.
    for (const letter of 'BCDFG') expect((await enterCode(agent, `BCDF-GHJ${letter}`)).status).toBe(422);
    const limited = await enterCode(agent, 'BCDF-GHJK');
    expect(limited.status).toBe(429);
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(limited.text).toMatch(/try again in \d+ (minutes|seconds)/);
    issuer.clock.advance(901_000);
    const asked = await ask(device);
    expect((await enterCode(agent, asked.user_code)).title).toContain('on this device?');
  });

  it('counts guesses of one address over its browsers, but not codes that lead to a device', async () => {
    issuer.clock.advance(901_000);
    for (const _time of Array.from({ length: 21 })) {
      const asked = await ask(device);
      expect((await enterCode(visitor(), asked.user_code)).status).toBe(200);
    }
    const statuses: number[] = [];
    for (const _time of Array.from({ length: 21 }))
      statuses.push((await enterCode(visitor(), 'BCDF-GHJK')).status);
    expect(statuses.slice(0, 20).every((status) => status === 422)).toBe(true);
    expect(statuses[20]).toBe(429);
    issuer.clock.advance(901_000);
  });

  it('takes a form from nowhere but its own pages', async () => {
    const asked = await ask(device);
    const agent = visitor();
    const page = await agent.open('/device');
    const fields = { ...page.forms.find(({ action }) => action.endsWith('/device'))?.fields };
    const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    const typed = { ...fields, user_code: asked.user_code };
    expectRefusal(await agent.request('/device', { form: typed, headers: foreign }), 403);
    expectRefusal(await agent.request('/device', { form: { ...typed, _csrf: 'x' } }), 403);
    expect((await agent.submit(page, typed, '/device')).title).toContain('on this device?');
  });

  it('draws its own address with the code, known or not, and nothing else', async () => {
    const asked = await ask(device);
    for (const code of [asked.user_code, 'bcdf ghjk']) {
      const answer = await fetch(`${issuer.url}/device/qr?user_code=${encodeURIComponent(code)}`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toContain('image/svg+xml');
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('set-cookie')).toBeNull();
      expect(await answer.text()).toMatch(/^<svg/);
    }
    for (const code of ['', 'WDJB', 'AEIO-UAEI', '<script>'])
      expect((await fetch(`${issuer.url}/device/qr?user_code=${encodeURIComponent(code)}`)).status).toBe(400);
  });

  it('is not there for the grant without a device code', async () => {
    const answer = await post(issuer, '/token', { grant_type: deviceGrant, client_id: 'seatback' });
    expectRefusal(answer, 400, 'invalid_request');
  });
});
