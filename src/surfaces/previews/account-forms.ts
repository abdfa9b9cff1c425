/**
 * Account pages whose parts are forms of the configuration, as members meet them who have answered nothing yet. Never
 * reads anything of a member.
 */
import type { I18n } from '../../base/i18n/i18n.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import type { Experience } from '../../business/experiences/experience.ts';
import type { Experiences } from '../../business/experiences/experiences.ts';
import {
  besideProfileForm,
  type FormDefinition,
  formNamed,
  profileForm,
} from '../../business/profiles/form-shape.ts';
import type { Purposes } from '../../business/purposes/purposes.ts';
import { formAsked } from '../../people/answers/forms.ts';
import { type DrawnAt, drawnForm, languagesFor } from '../account/form-parts.ts';
import { preferenceSections } from '../account/preferences.ts';
import {
  type FormPart,
  type MemberFormData,
  memberFormView,
  type PreferenceSection,
  type PreferencesData,
  type ProfileData,
  preferencesView,
  profileView,
} from '../account/views.ts';

/** What the pages are made with. */
export interface AccountFormsDeps {
  clock: Clock;
  i18n: I18n;
}

/** Where somebody looks at them. */
export interface AccountFormsPlace {
  experience: Experience;
  experiences: Pick<Experiences, 'brands' | 'experienceFor'>;
  purposes: Pick<Purposes, 'forVisit'>;
  /** BCP 47 code of a catalogue. */
  locale: string;
  /** Ids of the brands that may be shown. */
  readable: ReadonlySet<string>;
}

/**
 * The profile page; no value of others' writing is on it, since nobody has written any.
 * @param deps clock, languages
 * @param place where
 */
export function profilePage(deps: AccountFormsDeps, place: AccountFormsPlace): ProfileData {
  const { experience, locale } = place;
  const form = formNamed(experience.forms, profileForm);
  const at = { name: profileForm, experience, without: besideProfileForm };
  const part = form && partOf(deps, place, form, at);
  const sample = profileView.sample();
  return {
    ...sample,
    locale,
    languages: languagesFor(deps, { experience, member: { locale } }),
    answers: part && part.sections.length > 0 ? part : undefined,
    readOnly: [],
  };
}

/**
 * The preferences page.
 * @param deps clock, languages
 * @param place where
 */
export function preferencesPage(deps: AccountFormsDeps, place: AccountFormsPlace): PreferencesData {
  const { brand, market } = place.experience;
  const all = preferenceSections(place.experiences, { brand: brand.id, market: market.id });
  const sections = all
    .filter(({ experience }) => experience.brand.id === brand.id || place.readable.has(experience.brand.id))
    .flatMap(({ scope, name, experience, brandName }): PreferenceSection[] => {
      const form = formNamed(experience.forms, name);
      const part = form && partOf(deps, place, form, { name, experience });
      return part && part.sections.length > 0 ? [{ scope, brandName, form: part }] : [];
    });
  return { ...preferencesView.sample(), sections };
}

/**
 * A form that an app sends its members to.
 * @param deps clock, languages
 * @param place where
 * @param name of the form
 * @param form the form
 */
export function namedForm(
  deps: AccountFormsDeps,
  place: AccountFormsPlace,
  name: string,
  form: FormDefinition,
): MemberFormData {
  const { seen: _, ...part } = partOf(deps, place, form, { name, experience: place.experience });
  return { ...memberFormView.sample(), ...part };
}

function partOf(
  deps: AccountFormsDeps,
  { purposes, locale }: AccountFormsPlace,
  form: FormDefinition,
  { name, experience, without }: Pick<DrawnAt, 'name' | 'without'> & { experience: Experience },
): FormPart {
  const { brand, market, jurisdiction } = experience;
  const locales = deps.i18n.locales.map(({ code }) => code);
  const law = { brand: brand.id, market: market.id, jurisdiction, locale };
  const asked = formAsked({ clock: deps.clock, purposes, locales }, form, experience, law);
  const at = { name, visit: { experience, locale, member: { locale } }, ...(without && { without }) };
  return { ...drawnForm(deps, asked, at, '/account'), action: '#', seen: '', origins: [] };
}
