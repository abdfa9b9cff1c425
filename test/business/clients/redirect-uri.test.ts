import { describe, expect, it } from '@jest/globals';
import { redirectUriFault, serverUriFault } from '../../../src/business/clients/redirect-uri.ts';

describe('a redirect address that is accepted', () => {
  it.each([
    ['web', 'https://shop.example/callback'],
    ['web', 'https://shop.example:8443/callback?tenant=1'],
    ['web', 'http://localhost:4001/callback'],
    ['web', 'http://airline.localhost:4001/callback'],
    ['web', 'http://127.0.0.1:4001/callback'],
    ['web', 'http://[::1]:4001/callback'],
    ['native', 'http://127.0.0.1/callback'],
    ['native', 'http://[::1]/callback'],
    ['native', 'https://app.shop.example/claimed'],
    ['native', 'com.example.app:/callback'],
    ['native', 'com.example.app://callback'],
  ] as const)('%s %s', (type, uri) => {
    expect(redirectUriFault(uri, type)).toBeUndefined();
  });
});

describe('a redirect address that is refused', () => {
  it.each([
    ['a script', 'web', 'javascript:alert(1)'],
    ['a script in disguise', 'native', 'JavaScript://shop.example/%0aalert(1)'],
    ['data', 'web', 'data:text/html,hello'],
    ['data of a native app', 'native', 'data:text/html,hello'],
    ['a file', 'native', 'file:///etc/passwd'],
    ['a blob', 'web', 'blob:https://shop.example/1'],
    ['a fragment', 'web', 'https://shop.example/callback#top'],
    ['an empty fragment', 'web', 'https://shop.example/callback#'],
    ['a wildcard host', 'web', 'https://*.shop.example/callback'],
    ['a wildcard path', 'web', 'https://shop.example/*'],
    ['http beyond this machine', 'web', 'http://shop.example/callback'],
    ['http to a look-alike of localhost', 'web', 'http://localhost.shop.example/callback'],
    ['http to another loopback notation', 'web', 'http://127.0.0.1.shop.example/callback'],
    ['http of a native app beyond loopback', 'native', 'http://192.168.1.5/callback'],
    ['https on loopback of a native app', 'native', 'https://localhost/callback'],
    ['a private-use scheme without a dot', 'native', 'myapp:/callback'],
    ['a private-use scheme of a web application', 'web', 'com.example.app:/callback'],
    ['user information', 'web', 'https://user@shop.example/callback'],
    ['user information that hides the host', 'web', 'https://shop.example:pass@evil.example/'],
    ['a relative address', 'web', '/callback'],
    ['no host', 'web', 'https:///callback'],
    ['one slash', 'web', 'https:/shop.example/callback'],
    ['a backslash', 'web', 'https://shop.example\\@evil.example/'],
    ['white space', 'web', 'https://shop.example/call back'],
    ['a line break', 'web', 'https://shop.example/callback\n'],
    ['a NUL byte', 'web', 'https://shop.example/\u0000'],
    ['letters that are not ASCII', 'web', 'https://shöp.example/callback'],
    ['dot segments', 'web', 'https://shop.example/a/../callback'],
    ['encoded dot segments', 'web', 'https://shop.example/a/%2e%2e/callback'],
    ['nothing', 'web', ''],
    ['too much', 'web', `https://shop.example/${'a'.repeat(2048)}`],
  ] as const)('%s', (_what, type, uri) => {
    expect(redirectUriFault(uri, type)).toEqual(expect.any(String));
  });
});

describe('an address the house calls or links', () => {
  it.each(['https://shop.example/logout', 'http://127.0.0.1:4001/logout'])('accepts %s', (uri) => {
    expect(serverUriFault(uri)).toBeUndefined();
  });

  it.each(['http://shop.example/logout', 'ftp://shop.example/', 'com.example.app:/logout', 'javascript:1'])(
    'refuses %s',
    (uri) => {
      expect(serverUriFault(uri)).toEqual(expect.any(String));
    },
  );
});
