/**
 * The preferences page: how the program may reach the member, and what each brand asks them to choose. Every section is
 * a form of its own, of the member's home market; the brand whose site the member came from stands first.
 */
import { z } from 'zod';
import { type Route, route } from '../../base/http/routes.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { Experience } from '../../business/experiences/experience.ts';
import type { Experiences } from '../../business/experiences/experiences.ts';
import { communicationForm, formNamed, preferencesForm } from '../../business/profiles/form-shape.ts';
import type { Here } from '../pages/visitor.ts';
import type { AccountDeps } from './deps.ts';
import { type FormAt, keepForm, type RefusedForm, sentShape, shownForm } from './form-parts.ts';
import { type PreferenceSection, preferencesView } from './views.ts';
import { accountPage, accountScope, doneAt, nav, requireVisitor, showAccountPage } from './visitor.ts';

const path = nav.preferencesUrl;
/** No id of a brand. */
const wholeProgram = '_program';

/** A section of the page. */
export interface Section {
  scope: string;
  /** Name of the form. */
  name: string;
  experience: Experience;
  action: string;
  brandName?: string;
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
      input: { body: sentShape },
      async handle(ctx, { body }) {
        const here = await requireVisitor(deps, ctx, path);
        const saved = await saveSection(deps, here, wholeProgram, body);
        if (saved) doneAt(deps, ctx, { path, notice: 'preferences-saved' });
      },
    }),
    route({
      name: 'account.preferences.save_brand',
      method: 'POST',
      path: `${path}/:brand`,
      limiter: 'edge',
      csrf: accountScope,
      input: { params: z.object({ brand: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/) }), body: sentShape },
      async handle(ctx, { params: { brand }, body }) {
        const here = await requireVisitor(deps, ctx, path);
        const saved = await saveSection(deps, here, brand, body);
        if (saved) doneAt(deps, ctx, { path, notice: 'brand-preferences-saved', about: brand });
      },
    }),
  ];
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
  const program = { scope: wholeProgram, name: communicationForm, experience: first, action: path };
  const others = experiences.brands().filter(({ id }) => id !== first.brand.id);
  const ofBrands = [first.brand, ...others].flatMap(({ id }): Section[] => {
    const experience = experiences.experienceFor({ brand: id, market });
    // A brand may not have come to the member's market yet.
    if (experience.brand.id !== id) return [];
    const { name: brandName } = experience.look;
    return [{ scope: id, name: preferencesForm, experience, action: `${path}/${id}`, brandName }];
  });
  return [program, ...ofBrands].filter(({ name, experience }) => formNamed(experience.forms, name));
}

async function showPreferences(
  deps: AccountDeps,
  here: Here,
  refused?: { scope: string; form: RefusedForm },
): Promise<void> {
  const values: Record<string, string> = {};
  // All of them read the same member at the same moment, which is the same command.
  const sections = await Promise.all(
    sectionsFor(deps, here).map(async (section): Promise<PreferenceSection[]> => {
      const { scope, action, brandName } = section;
      const again = refused?.scope === scope ? refused.form : undefined;
      const shown = await shownForm(deps, formOf(here, section), { path, refused: again });
      for (const [name, value] of Object.entries(shown.values)) values[`${scope}.${name}`] = value;
      if (shown.part.sections.length === 0) return [];
      return [{ scope, brandName, form: { ...shown.part, action } }];
    }),
  );
  await showAccountPage(deps, here, {
    view: preferencesView,
    data: { nav, sections: sections.flat() },
    values,
    refused: refused && refusedPart(refused.scope, refused.form),
  });
}

function refusedPart(scope: string, { error: { status, faults } }: RefusedForm) {
  const there = faults.map((fault) =>
    fault.field === 'form' ? fault : { ...fault, field: `${scope}.${fault.field}` },
  );
  return { status, faults: there };
}

function formOf({ member, visit }: Here, { name, experience }: Section): FormAt {
  return { name, visit: { experience, member, locale: visit.locale } };
}

/**
 * Keeps one section, on behalf of its brand.
 * @returns whether it is kept; otherwise the page has been answered
 * @throws DomainError `form.unknown` for a brand without such a form
 */
async function saveSection(
  deps: AccountDeps,
  here: Here,
  scope: string,
  sent: z.output<typeof sentShape>,
): Promise<boolean> {
  const section = sectionsFor(deps, here).find((each) => each.scope === scope);
  if (!section) throw new DomainError('form.unknown');
  const { brand, market } = section.experience;
  const visit = { ...here.visit, brand: brand.id, market: market.id };
  const refused = await keepForm(deps, here, { ...formOf(here, section), by: { visit } }, { sent });
  if (refused) await showPreferences(deps, here, { scope, form: refused });
  return refused === undefined;
}
