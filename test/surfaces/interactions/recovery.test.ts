import { beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import { signIn } from '../../support/people.ts';
import { goodPassword, linkOn, mailedCode, mailedLink, startWorld, type World, words } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});

const newPassword = 'copper lantern drifting nine';

/** Asks for recovery in a new browser, up to the page that asks for the code. */
async function askRecovery(email: string) {
  const { agent, page, begun } = await world.start();
  const form = await agent.open(
    linkOn(await agent.submit(page, { identifier: email }, '/identifier'), 'view=recover'),
  );
  return { agent, begun, asked: await agent.submit(form, { identifier: email }, '/recover') };
}

describe('recovery by code', () => {
  it('sets a new password, signs in, and ends every session and refresh token from before', async () => {
    const before = await world.member();
    const { agent, begun, asked } = await askRecovery(before.email);
    await world.mailsTo(before.email);
    const form = await agent.submit(
      asked,
      { code: await mailedCode(world.issuer, before.email) },
      '/recover/code',
    );
    const back = await agent.submit(form, { password: newPassword }, '/new-password');
    const tokens = await world.airline.finish(back, begun);
    expect(tokens.claims()?.sub).toBe(before.id);
    await expect(world.airline.silently(before.agent)).rejects.toThrow();
    await expect(
      client.refreshTokenGrant(world.airline.config, before.tokens.refresh_token ?? ''),
    ).rejects.toMatchObject({ error: 'invalid_grant' });
    const old = await world.start();
    expect((await signIn(old.agent, old.page, { email: before.email, password: goodPassword })).status).toBe(
      401,
    );
    const mails = await world.mailsTo(before.email);
    expect(mails.map(({ subject }) => subject).join()).toMatch(/password/i);
  });

  it('answers somebody unknown alike, who gets another mail', async () => {
    const { email } = await world.member();
    const stranger = world.newAddress();
    const known = await askRecovery(email);
    const unknown = await askRecovery(stranger);
    expect(known.asked.status).toBe(unknown.asked.status);
    expect(words(known.asked)).toBe(words(unknown.asked));
    const [mail] = await world.mailsTo(stranger);
    expect(mail?.text).not.toMatch(/\d{4} ?\d{4}/);
    const refused = await unknown.agent.submit(unknown.asked, { code: '1234 5678' }, '/recover/code');
    const alsoRefused = await known.agent.submit(known.asked, { code: '1234 5678' }, '/recover/code');
    expect([refused.status, words(refused)]).toEqual([alsoRefused.status, words(alsoRefused)]);
  });

  it('takes a weak new password no better than registration does, and keeps the proof', async () => {
    const { email } = await world.member();
    const { agent, begun, asked } = await askRecovery(email);
    await world.mailsTo(email);
    const form = await agent.submit(asked, { code: await mailedCode(world.issuer, email) }, '/recover/code');
    const weak = await agent.submit(form, { password: 'password' }, '/new-password');
    expect(weak.status).toBe(422);
    const back = await agent.submit(weak, { password: newPassword }, '/new-password');
    expect((await world.airline.finish(back, begun)).claims()?.sub).toMatch(/^mbr_/);
  });

  it('gives no new password to whoever skips the proof', async () => {
    const { email } = await world.member();
    const { agent, asked } = await askRecovery(email);
    const skipped = await agent.request(asked.url.replace(/\/recover.*|$/, '/new-password'), {
      form: { _csrf: asked.forms[0]?.fields._csrf ?? '', password: newPassword },
    });
    expect(skipped.status).toBe(422);
    const other = await world.start();
    expect((await signIn(other.agent, other.page, { email, password: newPassword })).status).toBe(401);
  });
});

describe('recovery by link', () => {
  it('works on another device, and looking at the link changes nothing', async () => {
    const before = await world.member();
    await askRecovery(before.email);
    const link = await mailedLink(world, before.email, '/recover/link');
    for (let scans = 0; scans < 3; scans += 1) {
      expect((await world.issuer.agent().open(link)).status).toBe(200);
      expect((await world.issuer.agent().request(link, { method: 'HEAD' })).status).toBe(200);
    }
    const device = world.issuer.agent();
    const form = await device.open(link);
    const done = await device.submit(form, { password: newPassword }, '/recover/link');
    expect(done.status).toBe(200);
    await expect(world.airline.silently(before.agent)).rejects.toThrow();
    const again = await world.start();
    const back = await signIn(again.agent, again.page, { email: before.email, password: newPassword });
    expect(new URL(back.url).searchParams.has('code')).toBe(true);
  });

  it('sets one password, also when it is used twice at the same instant', async () => {
    const { email } = await world.member();
    await askRecovery(email);
    const link = await mailedLink(world, email, '/recover/link');
    const agents = [world.issuer.agent(), world.issuer.agent()];
    const forms = await Promise.all(agents.map((agent) => agent.open(link)));
    const passwords = ['copper lantern drifting one', 'copper lantern drifting two'];
    const answers = await Promise.all(
      agents.map((agent, n) => {
        const form = forms[n]?.forms.find(({ action }) => action.includes('/recover/link'));
        return agent.request(form?.action ?? '', { form: { ...form?.fields, password: passwords[n] ?? '' } });
      }),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 410]);
    expect((await world.issuer.agent().open(link)).status).toBe(410);
  });

  it('dies with another recovery', async () => {
    const { email } = await world.member();
    const { agent, asked } = await askRecovery(email);
    const link = await mailedLink(world, email, '/recover/link');
    await agent.submit(asked, {}, '/recover/resend');
    expect((await world.issuer.agent().open(link)).status).toBe(410);
  });

  it('begins outside of any sign-in too, from "that was not me"', async () => {
    const { email } = await world.member();
    const agent = world.issuer.agent();
    const sent = await agent.submit(await agent.open('/recover'), { identifier: email }, '/recover');
    expect(sent.status).toBe(200);
    const link = await mailedLink(world, email, '/recover/link');
    const form = await agent.open(link);
    expect((await agent.submit(form, { password: 'password' }, '/recover/link')).status).toBe(422);
    expect((await agent.submit(form, { password: newPassword }, '/recover/link')).status).toBe(200);
  });

  it('names the configured issuer, whatever host the request claims', async () => {
    const { email } = await world.member();
    const agent = world.issuer.agent();
    const page = await agent.open('/recover');
    const form = page.forms.find(({ action }) => action.endsWith('/recover'));
    const { host } = new URL(world.issuer.url);
    await agent.request(form?.action ?? '', {
      form: { ...form?.fields, identifier: email },
      headers: {
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'https',
        forwarded: 'host=evil.example;proto=https',
      },
    });
    const mails = await world.mailsTo(email);
    expect(mails.at(-1)?.text).toContain(`http://${host}/recover/link`);
    expect(mails.at(-1)?.text).not.toContain('evil.example');
  });
});
