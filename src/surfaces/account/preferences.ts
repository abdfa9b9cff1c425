/**
 * The preferences page: how the program may reach the member, and what each brand asks them to choose. One form, so that
 * nothing that was typed is lost, with a section for each form of the configuration, of the member's home market; the
 * brand whose site the member came from stands first. Each section is judged and kept by itself.
 */
import { z } from 'zod';
import { csrfField } from '../../base/http/csrf.ts';
import { type Route, route } from '../../base/http/routes.ts';
import { DomainError, type FieldFault, FormError } from '../../base/kernel/errors.ts';
import type { Experience } from '../../business/experiences/experience.ts';
import type { Experiences } from '../../business/experiences/experiences.ts';
import type { SentForm } from '../../business/profiles/form-seen.ts';
import { communicationForm, formNamed, preferencesForm } from '../../business/profiles/form-shape.ts';
import { inLanguage } from '../../business/profiles/text-shape.ts';
import type { Here } from '../pages/visitor.ts';
import type { AccountDeps } from './deps.ts';
import { broughtBack, type FormAt, isChanged, keepForm, sentShape, shownForm } from './form-parts.ts';
import { type PreferenceSection, preferencesView } from './views.ts';
import { accountPage, accountScope, doneAt, nav, requireVisitor, showAccountPage } from './visitor.ts';

const path = nav.preferencesUrl;
/** No id of a brand. */
const wholeProgram = '_program';

/** What the page sends: the inputs of every section, each name beginning with the section's scope. */
const sentPage = z.object({}).catchall(z.string().max(30_000));
const sentSections = z.record(z.string(), sentShape);

type SentSections = z.output<typeof sentSections>;

/** A section of the page. */
export interface Section {
  scope: string;
  /** Name of the form. */
  name: string;
  experience: Experience;
  brandName?: string;
}

/** What was typed and is not kept, and why. */
interface Again {
  status: number;
  /** Of inputs as the page names them. */
  faults: FieldFault[];
  /** By section. */
  typed: ReadonlyMap<string, SentForm>;
  /** Sections that were kept all the same. */
  kept: readonly Section[];
}

/**
 * The routes of the preferences page.
 * @param deps modules
 */
export function preferenceRoutes(deps: AccountDeps): Route[] {
  return [
    accountPage(deps, { name: 'account.preferences', path, show: (here) => showPreferences(deps, here) }),
    route({
      name: 'account.preferences.save',
      method: 'POST',
      path,
      limiter: 'edge',
      csrf: accountScope,
      input: { body: sentPage },
      handle: async (ctx, { body }) =>
        savePreferences(deps, await requireVisitor(deps, ctx, path), bySection(body)),
    }),
  ];
}

/**
 * The inputs of each section: names begin with its scope, up to the first dot; what has none is no section's.
 * @throws DomainError `input.invalid`
 */
function bySection(sent: z.output<typeof sentPage>): SentSections {
  const sections = new Map<string, [name: string, text: string][]>();
  for (const [input, text] of Object.entries<string>(sent)) {
    if (input === csrfField) continue;
    const dot = input.indexOf('.');
    const scope = input.slice(0, Math.max(0, dot));
    sections.set(scope, [...(sections.get(scope) ?? []), [input.slice(dot + 1), text]]);
  }
  const read = sentSections.safeParse(
    Object.fromEntries([...sections].map(([scope, inputs]) => [scope, Object.fromEntries(inputs)])),
  );
  if (!read.success) throw new DomainError('input.invalid');
  return read.data;
}

function sectionsFor({ experiences }: AccountDeps, { place, member }: Here): Section[] {
  return preferenceSections(experiences, { brand: place.experience.brand.id, market: member.market });
}

/**
 * The sections there are for a member; none of a brand that has no such form in their market.
 * @param experiences brands and what they are like
 * @param at the brand whose site the member came from, and their home market
 */
export function preferenceSections(
  experiences: Pick<Experiences, 'brands' | 'experienceFor'>,
  { brand, market }: { brand: string; market: string },
): Section[] {
  const first = experiences.experienceFor({ brand, market });
  const program = { scope: wholeProgram, name: communicationForm, experience: first };
  const others = experiences.brands().filter(({ id }) => id !== first.brand.id);
  const ofBrands = [first.brand, ...others].flatMap(({ id }): Section[] => {
    const experience = experiences.experienceFor({ brand: id, market });
    // A brand may not have come to the member's market yet.
    if (experience.brand.id !== id) return [];
    const { name: brandName } = experience.look;
    return [{ scope: id, name: preferencesForm, experience, brandName }];
  });
  return [program, ...ofBrands].filter(({ name, experience }) => formNamed(experience.forms, name));
}

async function showPreferences(deps: AccountDeps, here: Here, again?: Again): Promise<void> {
  const values: Record<string, string> = {};
  // All of them read the same member at the same moment, which is the same command.
  const sections = await Promise.all(
    sectionsFor(deps, here).map(async (section): Promise<PreferenceSection[]> => {
      const { scope, brandName } = section;
      const typed = again?.typed.get(scope);
      const shown = await shownForm(deps, formOf(here, section), { path, typed });
      for (const [name, value] of Object.entries(shown.values)) values[`${scope}.${name}`] = value;
      return shown.part.sections.length === 0 ? [] : [{ scope, brandName, form: shown.part }];
    }),
  );
  const saved = (again?.kept ?? []).map((section) => nameOf(section, here.visit.locale));
  await showAccountPage(deps, here, {
    view: preferencesView,
    data: { nav, action: path, saved, sections: sections.flat() },
    values,
    refused: again && { status: again.status, faults: again.faults },
  });
}

function nameOf({ brandName, name, experience }: Section, locale: string): string {
  return brandName ?? inLanguage(formNamed(experience.forms, name)?.title ?? { en: name }, locale);
}

function formOf({ member, visit }: Here, { name, experience }: Section): FormAt {
  return { name, visit: { experience, member, locale: visit.locale } };
}

/** Keeps what was changed, section by section: what is wrong in one stands in no other's way. */
async function savePreferences(deps: AccountDeps, here: Here, sent: SentSections): Promise<void> {
  const sections = sectionsFor(deps, here);
  const typed = new Map(Object.entries(sent).map(([scope, own]) => [scope, broughtBack(own)]));
  if ([...typed.keys()].some((scope) => !sections.some((each) => each.scope === scope))) {
    const { status, faults } = new FormError([{ field: 'form', code: 'field.unknown' }]);
    return showPreferences(deps, here, { status, faults: [...faults], typed, kept: [] });
  }
  const again = { status: 0, faults: [] as FieldFault[], typed, kept: [] as Section[] };
  for (const section of sections) {
    const own = sent[section.scope];
    const given = typed.get(section.scope);
    if (!own || !given || !isChanged(deps, formOf(here, section), given)) continue;
    const error = await keepSection(deps, here, section, own);
    if (!error) {
      again.kept.push(section);
      typed.delete(section.scope);
      continue;
    }
    again.status ||= error.status;
    again.faults.push(...error.faults.map((fault) => faultIn(section, fault)));
  }
  const { kept } = again;
  if (again.faults.length > 0) {
    const member = (kept.length > 0 && (await deps.members.get(here.member._id))) || here.member;
    return showPreferences(deps, { ...here, member }, again);
  }
  const [only] = kept;
  const about = kept.length === 1 && only?.brandName !== undefined ? only.scope : undefined;
  if (about === undefined) doneAt(deps, here.ctx, { path, notice: 'preferences-saved' });
  else doneAt(deps, here.ctx, { path, notice: 'brand-preferences-saved', about });
}

/** Keeps one section, on behalf of its brand. @returns what it was refused for */
async function keepSection(
  deps: AccountDeps,
  here: Here,
  section: Section,
  sent: z.output<typeof sentShape>,
): Promise<FormError | undefined> {
  const { brand, market } = section.experience;
  const visit = { ...here.visit, brand: brand.id, market: market.id };
  const refused = await keepForm(deps, here, { ...formOf(here, section), by: { visit } }, { sent });
  return refused?.error;
}

function faultIn({ scope }: Section, fault: FieldFault): FieldFault {
  return fault.field === 'form' ? fault : { ...fault, field: `${scope}.${fault.field}` };
}
