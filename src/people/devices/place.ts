/**
 * Roughly where an address is: its country, from a table loaded at start. Never asks a service, so no address leaves
 * the house, and never claims more than a country.
 */
import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import { type CountryResponse, open } from 'maxmind';

/** ISO 3166-1 alpha-2 code; `local` for this machine and private networks; undefined when unknown. */
export type Place = string | undefined;

/** Places by address. */
export interface Places {
  /** The country of an address. */
  placeOf(ip: string | undefined): Place;
}

/** Loopback, link-local and private networks (RFC 1918, RFC 4193, RFC 4291, RFC 6598). */
const localNetworks = [
  /^127\./,
  /^10\./,
  /^192\.168\./,
  /^169\.254\./,
  /^172\.(1[6-9]|2\d|3[01])\./,
  /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./,
  /^::1$/,
  /^fe[89ab][0-9a-f]:/i,
  /^f[cd][0-9a-f]{2}:/i,
];

/**
 * Loads the table of countries into memory (about 8 MB).
 * @param file path of an MMDB file with `country_code` (default: the table among the dependencies)
 */
export async function openPlaces(file: string = bundledTable()): Promise<Places> {
  const table = await open<CountryResponse>(file);
  return {
    placeOf(ip) {
      const address = ip?.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '') ?? '';
      if (isIP(address) === 0) return undefined;
      if (localNetworks.some((network) => network.test(address))) return 'local';
      // This table has one field of its own, unlike MaxMind's, which the type tells of.
      const found: object | null = table.get(address);
      const code = found && 'country_code' in found ? String(found.country_code) : '';
      return /^[A-Z]{2}$/.test(code) ? code : undefined;
    },
  };
}

/**
 * A country's name in a language; undefined for `local` and unknown places, which need words of the catalogues.
 * @param place as {@link Places.placeOf} gives it
 * @param locale BCP 47 language
 */
export function countryName(place: Place, locale: string): string | undefined {
  if (place === undefined || place === 'local') return undefined;
  return new Intl.DisplayNames([locale, 'en'], { type: 'region', fallback: 'none' }).of(place);
}

function bundledTable(): string {
  return createRequire(import.meta.url).resolve(
    '@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb',
  );
}
