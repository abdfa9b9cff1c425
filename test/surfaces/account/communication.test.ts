import { beforeAll, describe, expect, it } from '@jest/globals';
import { newMember, type SignedIn } from '../../protocol/world.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import type { RelyingParty } from '../../support/relying-party.ts';
import { ask, memberToken, registerSite } from '../apis/world.ts';

const path = '/account/preferences';
let issuer: TestIssuer;
let app: RelyingParty;
let member: SignedIn;

/** Chooses on the page; what is not named stays. */
async function choose(values: Record<string, string>): Promise<void> {
  const page = await member.agent.open(path);
  const form = page.forms.find(({ action }) => action.endsWith(path));
  const saved = await member.agent.request(path, { form: { ...form?.fields, ...values } });
  if (saved.status !== 303) throw new Error(`${saved.status} ${saved.text}`);
}

beforeAll(async () => {
  issuer = await startIssuer();
  const scope = 'openid profile email account:profile.read account:forms';
  app = await registerSite(issuer, 'app', { scope });
  member = await newMember(issuer, app, 'una@example.com');
  await choose({
    '_program.field.contact_channels.sms': 'yes',
    '_program.field.contact_channels.app': 'yes',
    '_program.field.contact_frequency': 'weekly',
  });
});

describe('channels and frequency that a member has chosen', () => {
  const chosen = { contact_channels: ['sms', 'app'], contact_frequency: 'weekly' };

  it('are told to an app that asks for them by name', async () => {
    const claims = JSON.stringify({ userinfo: { contact_channels: null, contact_frequency: null } });
    const tokens = await app.silently(member.agent, { scope: 'openid profile', claims });
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    const answer = await fetch(`${issuer.url}/userinfo`, { headers });
    expect(await answer.json()).toMatchObject(chosen);
  });

  it('stand in the profile of the Account API, and in its form', async () => {
    const scope = 'account:profile.read account:forms';
    const token = (await memberToken(issuer, app, member, { api: 'account', scope })).access_token;
    const profile = await ask(issuer, '/api/account/profile', { token });
    expect(profile.json.attributes).toEqual(chosen);
    const form = await ask(issuer, '/api/account/forms/communication', { token });
    expect([form.status, form.text]).toEqual([200, expect.stringContaining('"weekly"')]);
  });
});
