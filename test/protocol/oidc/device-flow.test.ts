import { beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import { answerDevice, ask, enterCode, pollForm, registerDevice } from '../../support/device.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { goodPassword, signIn } from '../../support/people.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { newMember, post, refresh, type SignedIn } from '../world.ts';

describe('signing in a device', () => {
  let issuer: TestIssuer;
  let site: RelyingParty;
  let device: RelyingParty;
  let someone: SignedIn;

  beforeAll(async () => {
    issuer = await startIssuer();
    site = await RelyingParty.register(issuer, { id: 'airline' });
    device = await registerDevice(issuer, { id: 'seatback' });
    someone = await newMember(issuer, site, 'una@example.com');
  });

  const poll = (asked: { device_code: string }) =>
    post(issuer, '/token', pollForm('seatback', asked as never));

  it('gives the device a code in groups, an address for its person, a short life and an interval', async () => {
    const asked = await ask(device);
    expect(asked).toMatchObject({ verification_uri: `${issuer.url}/device`, expires_in: 600, interval: 5 });
    expect(asked.user_code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    expect(asked.verification_uri_complete).toBe(`${issuer.url}/device?user_code=${asked.user_code}`);
  });

  it('signs in the member who confirms the device, and its refresh tokens work', async () => {
    const asked = await ask(device, { scope: 'openid profile offline_access' });
    expect((await poll(asked)).json.error).toBe('authorization_pending');
    const agent = issuer.agent();
    const question = await enterCode(agent, asked.user_code.toLowerCase().replace('-', ' '));
    expect(question.text).toContain(asked.user_code);
    expect(question.text).toContain('Test seatback');
    const signInPage = await answerDevice(agent, question, 'allow');
    const end = await signIn(agent, signInPage, { email: someone.email, password: goodPassword });
    expect(new URL(end.url).pathname).toBe('/device/ended');
    expect(end.title).toContain('You can go back to your device');
    const tokens = await client.pollDeviceAuthorizationGrant(device.config, { ...asked, interval: 0 });
    expect(tokens.claims()?.sub).toBe(someone.memberId);
    expect(await refresh(device, tokens.refresh_token ?? '')).toBeDefined();
  });
});
