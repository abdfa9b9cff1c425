import { describe, expect, it } from '@jest/globals';
import { post as postForm } from '../../protocol/world.ts';
import {
  type Asked,
  ask as askFor,
  cibaGrant,
  pollForm,
  registerKiosk,
  settled,
} from '../../support/backchannel.ts';
import { signIn } from '../../support/people.ts';
import { post, type Someone, startWorld } from './world.ts';

const path = '/account/requests';
const world = await startWorld();
const kiosk = await registerKiosk(world.issuer, { id: 'kiosk', brand: 'greenleaf' });

describe('the page of apps that wait for an answer', () => {
  const ask = async (someone: Someone, parameters: Record<string, string> = {}, by = kiosk) => {
    const asked = await askFor(by, someone.email, parameters);
    await settled(world.issuer);
    return asked;
  };
  const poll = async (asked: Asked, as = 'kiosk') => {
    await settled(world.issuer);
    const { status, json } = await postForm(world.issuer, '/token', pollForm(asked), { as });
    return status === 200 ? 'tokens' : json.error;
  };

  it('says that nothing waits', async () => {
    const agent = await world.signedIn(await world.member());
    const page = await agent.open(path);
    expect(page.text).toContain('Nothing waits for your answer.');
    expect(page.forms.some(({ action }) => action.includes('/answer'))).toBe(false);
    expect((await agent.open('/account')).text).not.toContain(path);
  });

  it('shows the app, its words escaped, what it would learn and until when, and the overview leads to it', async () => {
    const someone = await world.member();
    const agent = await world.signedIn(someone);
    await ask(someone, { binding_message: '<i>A7</i>', scope: 'openid email' });
    expect((await agent.open('/account')).text).toContain(`href="${path}"`);
    const page = await agent.open(path);
    for (const text of [
      'Test kiosk asks you to confirm',
      '&lt;i&gt;A7&lt;/i&gt;',
      'See your e-mail address',
      'Recognise you when you come back',
    ])
      expect(page.text).toContain(text);
    expect(page.text).toMatch(/<button class="button equal" name="decision" value="allow"/);
    expect(page.text).toMatch(/<button class="button equal" name="decision" value="deny"/);
  });

  it('lets allow, deny, and deny with a report, each with its event', async () => {
    const someone = await world.member();
    const agent = await world.signedIn(someone);
    for (const [decision, outcome, event] of [
      ['allow', 'tokens', 'authentication_request.allowed kiosk'],
      ['deny', 'access_denied', 'authentication_request.denied kiosk false'],
      ['report', 'access_denied', 'authentication_request.denied kiosk true'],
    ] as const) {
      const asked = await ask(someone);
      const done = await agent.submit(await agent.open(path), { decision }, '/answer');
      expect(done.status).toBe(200);
      expect(done.text).toContain('class="notice success"');
      expect(await poll(asked)).toBe(outcome);
      const events = await world.eventsOf(someone);
      expect(events.slice(-2)).toEqual(['authentication_request.made kiosk', event]);
    }
  });

  it('shows no request of an app that was reported for a day; the app cannot tell', async () => {
    const someone = await world.member();
    const agent = await world.signedIn(someone);
    await ask(someone);
    await agent.submit(await agent.open(path), { decision: 'report' }, '/answer');
    const mails = (await world.mailsTo(someone)).length;
    const silent = await ask(someone);
    expect((await agent.open(path)).text).toContain('Nothing waits for your answer.');
    expect(await world.mailsTo(someone)).toHaveLength(mails);
    expect(await poll(silent)).toBe('authorization_pending');
    world.issuer.clock.advance(25 * 3_600_000);
    await ask(someone);
    const again = await world.signedIn(someone);
    expect((await again.open(path)).forms.some(({ action }) => action.includes('/answer'))).toBe(true);
  });

  it('keeps the answer to the member who is asked', async () => {
    const someone = await world.member();
    const agent = await world.signedIn(someone);
    const stranger = await world.signedIn(await world.member());
    const asked = await ask(someone);
    const page = await agent.open(path);
    expect((await stranger.open(path)).text).not.toContain('Test kiosk');
    const theirs = await stranger.open('/account/profile');
    const { action } = page.forms.find((form) => form.action.endsWith('/answer')) ?? { action: '' };
    const csrf = theirs.forms.find(({ fields }) => fields._csrf)?.fields._csrf ?? '';
    const tried = await stranger.request(action, { form: { _csrf: csrf, decision: 'allow' } });
    expect(tried.status).toBe(409);
    expect(await poll(asked)).toBe('authorization_pending');
  });

  it('takes no answer without the token of its form, and none twice', async () => {
    const someone = await world.member();
    const agent = await world.signedIn(someone);
    const asked = await ask(someone);
    const page = await agent.open(path);
    expect((await post(agent, page, '/answer', { _csrf: 'forged', decision: 'allow' })).status).toBe(403);
    expect((await post(agent, page, '/answer', { decision: 'deny' })).status).toBe(303);
    const replayed = await post(agent, page, '/answer', { decision: 'allow' });
    expect(replayed.status).toBe(409);
    expect(replayed.text).toContain('answered or has run out');
    expect(await poll(asked)).toBe('access_denied');
  });

  it('asks for an answer that was not given', async () => {
    const someone = await world.member();
    const agent = await world.signedIn(someone);
    await ask(someone);
    expect((await post(agent, await agent.open(path), '/answer', {})).status).toBe(422);
  });

  it('asks for a fresh sign-in when the last one is old, and comes back', async () => {
    const someone = await world.member();
    const agent = await world.signedIn(someone);
    world.issuer.clock.advance(6 * 60_000);
    const asked = await ask(someone);
    const proof = await agent.open(path);
    expect(proof.url).toContain('/interaction/');
    const back = await signIn(agent, proof, someone);
    expect(back.url).toContain(path);
    await agent.submit(back, { decision: 'allow' }, '/answer');
    expect(await poll(asked)).toBe('tokens');
  });

  it('asks for a sign-in after the request when the app wishes for a level', async () => {
    const someone = await world.member();
    const agent = await world.signedIn(someone);
    world.issuer.clock.advance(2_000);
    await ask(someone, { acr_values: 'urn:symbolon:acr:one-factor' });
    expect((await agent.open(path)).url).toContain('/interaction/');
  });

  it('is for the signed-in member only', async () => {
    const someone = await world.member();
    await ask(someone);
    const agent = world.issuer.agent();
    const first = await agent.open(path);
    expect(first.url).toContain('/interaction/');
    const page = await signIn(agent, first, someone);
    expect(page.url).toContain(path);
    expect(page.text).toContain('Test kiosk asks you to confirm');
  });

  it('keeps a third party to what was ticked', async () => {
    await world.issuer.client({
      id: 'shop',
      name: 'Shop',
      brand: 'greenleaf',
      firstParty: false,
      metadata: { grant_types: [cibaGrant], subject_type: 'public' },
    });
    const someone = await world.member();
    const agent = await world.signedIn(someone);
    const { json } = await postForm(
      world.issuer,
      '/backchannel-authentication',
      { scope: 'openid profile email', login_hint: someone.email },
      { as: 'shop' },
    );
    const page = await agent.open(path);
    await agent.submit(page, { decision: 'allow', 'scope.email': 'yes', 'scope.points': 'yes' }, '/answer');
    await settled(world.issuer);
    const { consents } = world.issuer.issuer.people;
    const grant = await consents.grantOf(someone.id, 'shop');
    expect([...(grant?.scopes ?? [])].sort()).toEqual(['email', 'openid']);
    const tokens = await postForm(
      world.issuer,
      '/token',
      { grant_type: cibaGrant, auth_req_id: String(json.auth_req_id) },
      { as: 'shop' },
    );
    expect(String(tokens.json.scope).split(' ').sort()).toEqual(['email', 'openid']);
  });
});
