/** The one rule of phone numbers: kept in E.164. Pure. */
import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { plainDigits } from './plain-text.ts';

/** Longest text that is looked at: a number, its separators and a prefix. */
const maxLength = 40;

/**
 * The E.164 form of a phone number, such as `+4930123456`; undefined when it is none, or has an extension. Only the
 * length is judged against the plan of the country: plans gain ranges faster than releases of a library.
 * @param input what was typed
 * @param country ISO 3166-1 alpha-2: whose national form is understood; without it a number begins with `+`
 */
export function normalisePhone(input: string, country?: string): string | undefined {
  const text = plainDigits(input);
  if (text.length > maxLength || !/^[+\d][\d\s().\-/]*$/.test(text.replace(/^\(/, ''))) return undefined;
  const parsed = parsePhoneNumberFromString(text, {
    extract: false,
    ...(country && isSupportedCountry(country) && { defaultCountry: country }),
  });
  return parsed && !parsed.ext && parsed.isPossible() ? parsed.number : undefined;
}
