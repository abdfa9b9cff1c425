/** Walks past every page of the product; at each stop somebody may look. */
import type { Page } from 'playwright-core';
import { deviceClientId } from '../../../examples/demo-world.ts';
import type { TestDemo } from '../../support/demo.ts';
import { goodPassword } from '../../support/people.ts';
import {
  agree,
  arriveAt,
  enterCode,
  follow,
  goToSignIn,
  greetings,
  openAccount,
  press,
  signIn,
} from './steps.ts';

/** Looks at a page; the walk waits. */
export type Look = (stop: string, at?: Page) => Promise<void>;

/** One walk; the address belongs to nobody before it. */
export interface Walk {
  /** For reading. */
  walk: string;
  /** For addresses. */
  name: string;
  go(page: Page, demo: TestDemo, email: string, look: Look): Promise<void>;
}

const refused = (page: Page) => page.getByRole('heading', { name: 'There is a problem' }).waitFor();

const joining: Walk = {
  walk: 'the way to join',
  name: 'joining',
  async go(page, demo, email, look) {
    await page.goto(demo.site('airline'));
    await look('welcome');
    await follow(page, 'Sign in');
    await arriveAt(page, 'Sign in');
    await look('sign-in');
    await follow(page, 'Join in a minute');
    await arriveAt(page, 'Join');
    await look('register');
    await page.getByLabel('E-mail address').fill('nobody@');
    await press(page, 'Create account');
    await refused(page);
    await look('register refused');
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Choose a password').fill(goodPassword);
    await agree(page);
    await press(page, 'Create account');
    await arriveAt(page, 'Check your e-mail');
    await look('code');
    await page.getByLabel('Code from the e-mail').fill('1');
    await press(page, 'Confirm address');
    await refused(page);
    await look('code refused');
    await enterCode(page, demo, email);
    await press(page, 'Confirm address');
    await arriveAt(page, greetings.airline);
    await press(page, 'Call userinfo');
    await page.getByText('The program answered.').waitFor();
    await look('signed in');
    await page.goto(`${demo.issuer.url}/legal/program-terms/1.0`);
    await arriveAt(page, /terms/i);
    await look('terms');
  },
};

const signingIn: Walk = {
  walk: 'the way in and out',
  name: 'signing-in',
  async go(page, demo, email, look) {
    const member = await demo.member(email, 'Wanda Walk');
    await goToSignIn(page, demo, 'grocery');
    await press(page, 'Continue');
    await refused(page);
    await look('sign-in refused');
    await page.getByLabel('E-mail address').fill(email);
    await press(page, 'Continue');
    await arriveAt(page, 'Enter your password');
    await look('password');
    await page.getByLabel('Password', { exact: true }).fill('no');
    await press(page, 'Sign in');
    await refused(page);
    await look('password refused');
    await press(page, 'E-mail me a code instead');
    await arriveAt(page, 'Check your e-mail');
    await look('sign-in code');
    await follow(page, 'Enter your password instead');
    await arriveAt(page, 'Enter your password');
    await follow(page, 'Forgotten your password?');
    await arriveAt(page, 'Forgotten password');
    await look('recover');
    await page.getByLabel('E-mail address').fill(email);
    await press(page, 'Send code');
    await arriveAt(page, 'Check your e-mail');
    await look('recover code');
    await enterCode(page, demo, email);
    await press(page, 'Continue');
    await arriveAt(page, 'Choose a new password');
    await look('new password');
    await goToSignIn(page, demo, 'grocery');
    await signIn(page, member);
    await arriveAt(page, greetings.grocery);
    await press(page, 'Sign out everywhere');
    await arriveAt(page, 'Sign out everywhere?');
    await look('sign-out');
    await press(page, 'Sign out everywhere');
    await page.getByText('You are signed out.').waitFor();
    await page.goto(`${demo.issuer.url}/sign-out`);
    await arriveAt(page, 'You are signed out');
    await look('signed out already');
  },
};

const upstream: Walk = {
  walk: 'the way through an upstream',
  name: 'upstream',
  async go(page, demo, _email, look) {
    await goToSignIn(page, demo, 'fuel');
    await press(page, 'Continue with Google');
    await page.getByRole('heading', { name: 'Sign in with Google' }).waitFor();
    await look('chooser');
    await press(page, 'Cancel and go back');
    await arriveAt(page, 'Signing in with Google did not work');
    await look('upstream problem');
    await press(page, 'Try Google again');
    await press(page, /^Mina Park/);
    await arriveAt(page, 'Almost there');
    await look('details');
    await press(page, 'Create account');
    await refused(page);
    await look('details refused');
    await goToSignIn(page, demo, 'drinks');
    await press(page, 'Continue with Facebook');
    await press(page, /^Priya Nair/);
    await arriveAt(page, 'Almost there');
    await look('asked for an address');
  },
};

const partner: Walk = {
  walk: 'the way of a partner and of the account',
  name: 'partner',
  async go(page, demo, email, look) {
    const member = await demo.member(email, 'Pat Partner');
    await goToSignIn(page, demo, 'partner');
    await signIn(page, member);
    await arriveAt(page, 'Let Harbour Hotels use your account?');
    await look('consent');
    await press(page, 'Allow');
    await arriveAt(page, greetings.partner);
    for (const path of [
      '',
      '/profile',
      '/preferences',
      '/security',
      '/sessions',
      '/applications',
      '/consents',
    ]) {
      await openAccount(page, demo, { path });
      await page.getByRole('heading', { level: 1 }).waitFor();
      await look(`account${path}`);
    }
    await openAccount(page, demo, { path: '/security' });
    await press(page, 'Change password');
    await refused(page);
    await look('account/security refused');
  },
};

const astray: Walk = {
  walk: 'the ways that lead nowhere',
  name: 'astray',
  async go(page, demo, _email, look) {
    await page.goto(`${demo.issuer.url}/no-such-page`);
    await arriveAt(page, 'There is nothing here');
    await look('not found');
    await page.goto(`${demo.issuer.url}/interaction/nobody-knows-this-one`);
    await arriveAt(page, 'This page is too old');
    await look('expired');
    await page.goto(`${demo.issuer.url}/authorize?client_id=nobody&response_type=code&scope=openid`);
    await arriveAt(page, 'That did not work');
    await look('unknown client');
    await page.goto(`${demo.issuer.url}/recover/link?t=${'a'.repeat(43)}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await look('dead link');
    await page.goto(`${demo.issuer.url}/recover`);
    await arriveAt(page, 'Forgotten password');
    await look('recover by link');
  },
};

/** Asks for a code as a screen does. */
async function codeOf(demo: TestDemo): Promise<string> {
  const body = new URLSearchParams({ client_id: deviceClientId, scope: 'openid profile' });
  const answer = await fetch(`${demo.issuer.url}/device/authorize`, { method: 'POST', body });
  const asked = (await answer.json()) as { user_code: string };
  return asked.user_code;
}

const connecting: Walk = {
  walk: 'the way of a device',
  name: 'connecting',
  async go(page, demo, email, look) {
    const member = await demo.member(email, 'Dana Vice');
    const at = `${demo.issuer.url}/device`;
    await page.goto(at);
    await look('code');
    await page.getByLabel('Code on your device').fill('AEIO');
    await press(page, 'Continue');
    await refused(page);
    await look('code refused');
    await page.goto(`${at}?user_code=${await codeOf(demo)}`);
    await look('code by address');
    await press(page, 'Continue');
    await arriveAt(page, /on this device\?$/);
    await look('question');
    await press(page, 'Allow');
    await signIn(page, member);
    await arriveAt(page, 'You can go back to your device');
    await look('allowed');
    await page.goto(`${at}?user_code=${await codeOf(demo)}`);
    await press(page, 'Continue');
    await arriveAt(page, /on this device\?$/);
    await look('question to a member');
    await press(page, 'Refuse');
    await arriveAt(page, 'The device was not signed in');
    await look('refused');
    for (const end of ['expired', 'unknown']) {
      await page.goto(`${at}/ended?as=${end}`);
      await look(end);
    }
  },
};

/** Every walk. */
export const walks: Walk[] = [joining, signingIn, upstream, partner, astray, connecting];
