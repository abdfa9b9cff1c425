import { describe, expect, it } from '@jest/globals';
import { signInAddress, wayBackFrom, wayBackTo } from '../../../src/surfaces/pages/way-back.ts';

const key = Buffer.alloc(32, 7);
const device = 'dev_1';
const home = { path: '/account', again: false };

describe('the way back from a sign-in', () => {
  it('leads to the page that was wanted', () => {
    for (const path of ['/account', '/account/sessions', '/account/security']) {
      const state = wayBackTo(key, device, { path, again: false });
      expect(wayBackFrom([key], device, state)).toEqual({ path, again: false });
    }
  });

  it.each([
    '/console',
    '/console/drafts/drf_0aB-9_x/items/brands/volt/markets/de',
    '/console/explain?brand=volt&key=password.minLength',
  ])('leads to a page of the console: %s', (path) => {
    expect(wayBackFrom([key], device, wayBackTo(key, device, { path, again: true }))).toEqual({
      path,
      again: true,
    });
  });

  it('leads there as well when the key has been rotated in the meantime', () => {
    const state = wayBackTo(key, device, { path: '/account/sessions', again: false });
    const after = [Buffer.alloc(32, 9), key];
    expect(wayBackFrom(after, device, state)).toEqual({ path: '/account/sessions', again: false });
  });

  it('remembers that the sign-in was a second one', () => {
    const state = wayBackTo(key, device, { path: '/account/security', again: true });
    expect(wayBackFrom([key], device, state)).toEqual({ path: '/account/security', again: true });
  });

  it.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example/account',
    'javascript:alert(1)',
    '/accounts',
    '/account//evil.example',
    '/account/../authorize',
    '/account/sessions?next=//evil.example',
    '/account/sessions#x',
    '/account/\nset-cookie',
    '/consoles',
    '/console//evil.example',
    '/console/../sign-out',
    '/console?next=//evil.example',
    '/sign-out',
    '',
  ])('leads home instead of to %j', (path) => {
    expect(wayBackFrom([key], device, wayBackTo(key, device, { path, again: false }))).toEqual(home);
  });

  it('leads home when it was made for another browser, with another key, or by nobody', () => {
    const state = wayBackTo(key, device, { path: '/account/sessions', again: true });
    expect(wayBackFrom([key], 'dev_2', state)).toEqual(home);
    expect(wayBackFrom([key], undefined, state)).toEqual(home);
    expect(wayBackFrom([Buffer.alloc(32, 8)], device, state)).toEqual(home);
    for (const forged of [undefined, '', '.', 'x.y.z', `${state}x`, state.slice(0, -1), `a${state}`]) {
      expect(wayBackFrom([key], device, forged)).toEqual(home);
    }
  });
});

describe('the address that signs in', () => {
  const query = (again: boolean) =>
    new URL(signInAddress('https://id.example', 'the-state', again), 'https://id.example').searchParams;

  it('asks for a session and nothing else', () => {
    expect(Object.fromEntries(query(false))).toEqual({
      client_id: 'account',
      response_type: 'none',
      redirect_uri: 'https://id.example/account/signed-in',
      scope: 'openid',
      state: 'the-state',
    });
  });

  it('asks for the proof anew before a sensitive change', () => {
    expect(query(true).get('max_age')).toBe('0');
  });

  it('is an address of ours', () => {
    expect(signInAddress('https://id.example', 's')).toMatch(/^\/authorize\?/);
  });
});
