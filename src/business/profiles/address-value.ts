/** Postal addresses, structured as the claim `address` of OpenID Connect Core 1.0 section 5.1.1. Pure. */
import { lengthOf, plainText } from './plain-text.ts';

/** The parts of an address in the order they are asked, each with its longest length in code points. */
export const addressLimits = {
  street_address: 200,
  postal_code: 20,
  locality: 100,
  region: 100,
  country: 2,
} as const;

/** A part of an address. */
export type AddressPart = keyof typeof addressLimits;

/** The parts in the order they are asked. */
export const addressParts = Object.keys(addressLimits) as AddressPart[];

/** An address; `country` is ISO 3166-1 alpha-2, `street_address` may have lines. */
export type AddressValue = Readonly<Partial<Record<AddressPart, string>>>;

/** Parts that not every country has. */
const notEverywhere = new Set<AddressPart>(['postal_code', 'region']);

/**
 * Whether an address without this part is none.
 * @param part a part that is asked
 */
export function isNeeded(part: AddressPart): boolean {
  return !notEverywhere.has(part);
}

/** ISO 3166-1 alpha-2, and XK, which posts use for Kosovo. */
export const countries: readonly string[] = (
  'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ ' +
  'CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO ' +
  'FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE ' +
  'JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO ' +
  'MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW ' +
  'PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM ' +
  'TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW'
).split(' ');

const known = new Set(countries);

/** What is wrong with a part: too long (in code points), missing or not right. */
export type PartFault = { part: AddressPart; code: 'field.too_long' | 'field.required' | 'field.invalid' };

/**
 * Reads the parts of an address; empty ones are left out.
 * @param parts which parts are asked
 * @param given texts by part
 * @returns the address, undefined when every part is empty; or what is wrong, one fault for a part
 */
export function readAddress(
  parts: readonly AddressPart[],
  given: Readonly<Record<string, unknown>>,
): { value: AddressValue | undefined; faults: PartFault[] } {
  const address: Partial<Record<AddressPart, string>> = {};
  const faults: PartFault[] = [];
  for (const part of parts) {
    const text = partText(part, Object.hasOwn(given, part) ? (given[part] ?? '') : '');
    if (text === undefined || (part === 'country' && text !== '' && !known.has(text))) {
      faults.push({ part, code: 'field.invalid' });
    } else if (lengthOf(text) > addressLimits[part]) faults.push({ part, code: 'field.too_long' });
    else if (text !== '') address[part] = text;
  }
  if (faults.length === 0 && Object.keys(address).length === 0) return { value: undefined, faults };
  const wrong = new Set(faults.map(({ part }) => part));
  const missing = parts.filter((part) => isNeeded(part) && address[part] === undefined && !wrong.has(part));
  faults.push(...missing.map((part) => ({ part, code: 'field.required' as const })));
  const order = (fault: PartFault) => parts.indexOf(fault.part);
  return { value: address, faults: faults.sort((one, other) => order(one) - order(other)) };
}

function partText(part: AddressPart, raw: unknown): string | undefined {
  const text = typeof raw === 'string' ? plainText(raw, part === 'street_address') : undefined;
  return part === 'country' ? text?.toUpperCase() : text;
}

/**
 * The countries in a language, sorted as it sorts.
 * @param locale BCP 47 language
 */
export function countryNames(locale: string): { value: string; label: string }[] {
  const before = named.get(locale);
  if (before) return before;
  const names = new Intl.DisplayNames([locale], { type: 'region' });
  const order = new Intl.Collator(locale);
  const list = countries
    .map((value) => ({ value, label: names.of(value) ?? value }))
    .sort((a, b) => order.compare(a.label, b.label));
  named.set(locale, list);
  return list;
}

/** By language, for the few a program has. */
const named = new Map<string, { value: string; label: string }[]>();
