import { beforeAll, describe, expect, it } from '@jest/globals';
import { countryName, openPlaces, type Places } from '../../../src/people/devices/place.ts';

let places: Places;
beforeAll(async () => {
  places = await openPlaces();
});

describe('where an address is', () => {
  it.each([
    ['8.8.8.8', 'US'],
    ['::ffff:8.8.8.8', 'US'],
    ['2001:4860:4860::8888', 'US'],
    ['133.1.1.1', 'JP'],
  ])('%s is in %s', (ip, country) => {
    expect(places.placeOf(ip)).toBe(country);
  });

  it.each([
    '127.0.0.1',
    '::1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.1.1',
    '100.64.0.1',
    'fe80::1%eth0',
    'fd12:3456::1',
    '::ffff:127.0.0.1',
  ])('%s is this network', (ip) => {
    expect(places.placeOf(ip)).toBe('local');
  });

  it.each([undefined, '', 'nowhere', '8.8.8', '172.32.0.1.5', '1; drop'])('%s is unknown', (ip) => {
    expect(places.placeOf(ip)).toBeUndefined();
  });

  it('has a name in the visitor’s language', () => {
    expect(countryName('JP', 'en')).toBe('Japan');
    expect(countryName('JP', 'ja')).toBe('日本');
    expect(countryName('local', 'en')).toBeUndefined();
    expect(countryName(undefined, 'en')).toBeUndefined();
  });
});
