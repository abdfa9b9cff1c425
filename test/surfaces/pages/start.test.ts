import { describe, expect, it } from '@jest/globals';
import { startIssuer } from '../../support/issuer.ts';

const issuer = await startIssuer();
const base = { brand: 'aurora-air', firstParty: true };
await issuer.client({
  ...base,
  id: 'airline',
  name: 'Airline',
  metadata: {
    redirect_uris: ['https://air.example/callback'],
    initiate_login_uri: 'https://air.example/login?from=idp',
  },
});
await issuer.client({
  ...base,
  id: 'site',
  name: 'Site',
  metadata: { redirect_uris: ['https://site.example/callback'], client_uri: 'https://site.example/' },
});
await issuer.client({
  ...base,
  id: 'native',
  name: 'Native',
  metadata: {
    application_type: 'native',
    redirect_uris: ['com.example.app:/callback'],
    token_endpoint_auth_method: 'none',
    initiate_login_uri: 'https://native.example/login',
  },
});
await issuer.client({
  ...base,
  id: 'nowhere',
  name: 'Nowhere',
  metadata: { redirect_uris: ['https://nowhere.example/callback'] },
});

const start = (path: string) => issuer.agent().request(`/start/${path}`);

describe('starting an app from the issuer', () => {
  it('leads to where the app begins a sign-in, and says who the issuer is', async () => {
    const answer = await start('airline');
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe(
      `https://air.example/login?from=idp&iss=${encodeURIComponent(issuer.url)}`,
    );
  });

  it('passes on where the person wants to go inside the app', async () => {
    const target = 'https://air.example/miles?year=2026';
    const answer = await start(`airline?target_link_uri=${encodeURIComponent(target)}`);
    expect(new URL(answer.headers.get('location') ?? '').searchParams.get('target_link_uri')).toBe(target);
  });

  it.each([
    'https://evil.example/',
    '//evil.example',
    'javascript:alert(1)',
    'https://air.example.evil.example/',
  ])('goes nowhere else: %s', async (target) => {
    const answer = await start(`airline?target_link_uri=${encodeURIComponent(target)}`);
    expect(answer.status).toBe(422);
    expect(answer.headers.get('location')).toBeNull();
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'com.other.app:/callback'])(
    'hands a native app no address like %s',
    async (target) => {
      const answer = await start(`native?target_link_uri=${encodeURIComponent(target)}`);
      expect(answer.status).toBe(422);
    },
  );

  it('leads to the site of an app that does not begin sign-ins', async () => {
    expect((await start('site')).headers.get('location')).toBe('https://site.example/');
  });

  it.each(['nowhere', 'unknown', 'account', 'a.b', 'x'.repeat(65)])('finds nothing for %s', async (id) => {
    expect((await start(id)).status).toBeGreaterThanOrEqual(400);
  });
});
