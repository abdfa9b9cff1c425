import { describe, expect, it } from '@jest/globals';
import { addressBucket } from '../../../src/people/risk/addresses.ts';

describe('the bucket of a network address', () => {
  it.each([
    '203.0.113.7',
    '::ffff:203.0.113.7',
    '::FFFF:203.0.113.7',
    '::ffff:cb00:7107',
    '0:0:0:0:0:ffff:cb00:7107',
    '0000:0000:0000:0000:0000:ffff:203.0.113.7',
    ' 203.0.113.7 ',
  ])('is one for every spelling of an IPv4 address: %s', (ip) => {
    expect(addressBucket(ip)).toBe('203.0.113.7');
  });

  it.each([
    '2001:db8::1',
    '2001:DB8::1',
    '2001:0db8:0000:0000:0000:0000:0000:0001',
    '2001:db8:0:0:ffff:ffff:ffff:ffff',
    '2001:db8::203.0.113.7',
    '2001:db8::1%eth0',
    '2001:db8:0::',
  ])('is one for the whole /64 and every spelling of it: %s', (ip) => {
    expect(addressBucket(ip)).toBe('2001:db8:0:0::/64');
  });

  it('tells networks apart', () => {
    const addresses = ['2001:db8:0:1::1', '2001:db8::1', '203.0.113.7', '203.0.113.8', '::1', '::ffff:0:1'];
    expect(new Set(addresses.map(addressBucket)).size).toBe(addresses.length);
  });

  it.each(['', 'localhost', '203.0.113', '203.0.113.7.1', '2001:db8:::1', '::ffff:300.0.0.1', '{"$gt":""}'])(
    'is none for what is no address: %j',
    (ip) => {
      expect(addressBucket(ip)).toBeUndefined();
    },
  );
});
