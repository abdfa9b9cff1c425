/** A device and a rough place in words, for lists of sessions and for mails. Pure apart from the table of countries. */
import { z } from 'zod';
import type { I18n } from '../../base/i18n/i18n.ts';
import { deviceName, deviceNameText } from '../../people/devices/device-name.ts';
import { countryName, type Places } from '../../people/devices/place.ts';
import type { SessionInfo } from '../../protocol/oidc/sessions.ts';
import { type Place, textsAt } from '../pages/pages.ts';

/** What words are made of. */
export interface WordDeps {
  i18n: Pick<I18n, 't'>;
  places: Places;
}

/**
 * The words of a place: the brand's own texts count.
 * @param deps texts and countries
 * @param place where the page stands
 */
export function wordsAt(
  deps: { i18n: Pick<I18n, 'overlay'>; places: Places },
  place: Pick<Place, 'experience'>,
): WordDeps {
  return { i18n: textsAt(deps, place), places: deps.places };
}

/** A visit as a session keeps it: a JSON text, written by whoever describes visits to the protocol. */
const keptVisit = z.object({ ua: z.string().optional(), ip: z.string().optional() });

/** A browser and where it was, readable. */
export interface Whereabouts {
  /** Such as `Firefox on Windows`. */
  device: string;
  /** Such as `Japan`; undefined when unknown. */
  place: string | undefined;
}

/**
 * Says what a session keeps of its last visit.
 * @param deps texts and countries
 * @param locale language of the words
 * @param visit JSON text `{"ua": …, "ip": …}`; anything else is an unknown device
 */
export function whereaboutsOf(deps: WordDeps, locale: string, visit: string | undefined): Whereabouts {
  const { ua, ip } = readVisit(visit);
  return { device: deviceWords(deps, locale, ua), place: placeWords(deps, locale, ip) };
}

/**
 * A device in words.
 * @param deps texts
 * @param locale language
 * @param userAgent `User-Agent`
 */
export function deviceWords(deps: WordDeps, locale: string, userAgent: string | undefined): string {
  const { key, params } = deviceNameText(deviceName(userAgent));
  return deps.i18n.t(locale, key, params);
}

/**
 * A rough place in words; undefined when it is unknown.
 * @param deps texts and countries
 * @param locale language
 * @param ip address, or the first address of its network
 */
export function placeWords(deps: WordDeps, locale: string, ip: string | undefined): string | undefined {
  const place = deps.places.placeOf(ip);
  return place === 'local' ? deps.i18n.t(locale, 'place.local') : countryName(place, locale);
}

function readVisit(visit: string | undefined): z.output<typeof keptVisit> {
  if (visit === undefined) return {};
  try {
    return keptVisit.parse(JSON.parse(visit));
  } catch {
    // What cannot be read is an unknown device, not a broken page.
    return {};
  }
}

/**
 * When a session was used last. A session keeps that to the hour only, so a young one would seem to have been used
 * before it began.
 * @param session the session
 */
export function lastUseOf({ lastSeenAt, signedInAt }: Pick<SessionInfo, 'lastSeenAt' | 'signedInAt'>): Date {
  return lastSeenAt && lastSeenAt > signedInAt ? lastSeenAt : signedInAt;
}
