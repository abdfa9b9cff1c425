/** How a value is said: to a person, and to the inputs of a form that shows it again. Pure. */
import { type AddressValue, addressParts } from './address-value.ts';
import type { AttributeDefinition } from './attribute-shape.ts';
import type { AttributeValue } from './attribute-values.ts';
import { inLanguage } from './text-shape.ts';

/** What a text is made with: the language, and its words for yes and no. */
export interface ValueWords {
  /** BCP 47 language. */
  locale: string;
  yes: string;
  no: string;
}

/**
 * A value as a person reads it in their language; options by their labels, countries by name, days in full.
 * @param definition the attribute
 * @param value as it is kept; what no longer fits the definition is shown as it is
 * @param words language, yes and no
 */
export function valueAsText(
  definition: AttributeDefinition,
  value: AttributeValue,
  words: ValueWords,
): string {
  const { locale } = words;
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  if (typeof value === 'number') {
    return new Intl.NumberFormat(locale, { maximumFractionDigits: 9 }).format(value);
  }
  const label = (chosen: string) => {
    const option = definition.constraints?.options?.find((each) => each.value === chosen);
    return option ? inLanguage(option.label, locale) : chosen;
  };
  if (typeof value === 'string') return definition.type === 'date' ? dayAsText(value, locale) : label(value);
  if (isAddress(value)) return addressAsText(value, locale);
  return new Intl.ListFormat(locale, { type: 'conjunction' }).format(value.map(label));
}

/**
 * What the inputs of a form show for a value, by the part of the input's name after the attribute: the inverse of
 * reading. One text stands under the empty name.
 * @param value as it is kept
 */
export function valueAsInputs(value: AttributeValue): Readonly<Record<string, string>> {
  if (typeof value === 'boolean') return { '': value ? 'yes' : '' };
  if (typeof value === 'string' || typeof value === 'number') return { '': String(value) };
  if (isAddress(value)) return Object.fromEntries(Object.entries(value));
  return Object.fromEntries(value.map((chosen) => [chosen, 'yes']));
}

function isAddress(value: readonly string[] | AddressValue): value is AddressValue {
  return !Array.isArray(value);
}

function dayAsText(day: string, locale: string): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(at)) return day;
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(at);
}

/** One line; on an envelope the parts stand elsewhere in every country, here it is only to be recognised. */
function addressAsText(address: AddressValue, locale: string): string {
  const names = new Intl.DisplayNames([locale], { type: 'region' });
  return addressParts
    .flatMap((part) => address[part]?.replaceAll('\n', ', ') ?? [])
    .map((text, index, all) =>
      index === all.length - 1 && address.country === text ? (names.of(text) ?? text) : text,
    )
    .join(', ');
}
