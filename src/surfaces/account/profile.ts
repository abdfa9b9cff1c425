/** The profile page: name, language, what the profile form of the configuration asks, and what others noted. */
import { z } from 'zod';
import { inTransaction } from '../../base/db/transaction.ts';
import { type Route, route } from '../../base/http/routes.ts';
import type { FormError } from '../../base/kernel/errors.ts';
import { mayRead, mayWrite } from '../../business/profiles/attribute-access.ts';
import type { AttributeDefinition } from '../../business/profiles/attribute-shape.ts';
import { valueAsText } from '../../business/profiles/attribute-text.ts';
import { besideProfileForm, formNamed, profileForm } from '../../business/profiles/form-shape.ts';
import { personName } from '../../business/profiles/person-name.ts';
import { inLanguage } from '../../business/profiles/text-shape.ts';
import type { Here, Refused } from '../pages/visitor.ts';
import type { AccountDeps } from './deps.ts';
import {
  type FormAt,
  keepForm,
  languagesFor,
  originOf,
  type RefusedForm,
  rememberLocale,
  sentShape,
  shownForm,
} from './form-parts.ts';
import { profileView, type ReadOnlyValue } from './views.ts';
import {
  accountPage,
  accountScope,
  doneAt,
  experienceAtHome,
  nav,
  profileOf,
  requireVisitor,
  showAccountPage,
} from './visitor.ts';

const path = nav.profileUrl;
const answersPath = `${path}/answers`;

/**
 * The routes of the profile page.
 * @param deps modules
 */
export function profileRoutes(deps: AccountDeps): Route[] {
  const locales = deps.i18n.locales.map(({ code }) => code);
  return [
    accountPage(deps, { name: 'account.profile', path, show: (here) => showProfile(deps, here) }),
    route({
      name: 'account.profile.save',
      method: 'POST',
      path,
      csrf: accountScope,
      input: { body: z.object({ name: personName.prefault(''), locale: z.enum(locales) }) },
      async invalid(ctx, error, sent) {
        const here = await requireVisitor(deps, ctx, path);
        await showProfile(deps, here, { person: refusedForm(error, sent) });
      },
      async handle(ctx, { body }) {
        await saveProfile(deps, await requireVisitor(deps, ctx, path), body);
      },
    }),
    route({
      name: 'account.profile.answer',
      method: 'POST',
      path: answersPath,
      limiter: 'edge',
      csrf: accountScope,
      input: { body: sentShape },
      async handle(ctx, { body }) {
        const here = await requireVisitor(deps, ctx, path);
        const { visit } = here;
        const refused = await keepForm(deps, here, { ...formOf(deps, here), by: { visit } }, { sent: body });
        if (refused) await showProfile(deps, here, { answers: refused });
        else doneAt(deps, ctx, { path, notice: 'profile-saved' });
      },
    }),
  ];
}

/** The form of the brand whose site the member came from; name and language have a form of their own. */
function formOf(deps: AccountDeps, here: Here): FormAt {
  const { member, visit } = here;
  const experience = experienceAtHome(deps, here);
  return {
    name: profileForm,
    visit: { experience, member, locale: visit.locale },
    without: besideProfileForm,
  };
}

async function showProfile(
  deps: AccountDeps,
  here: Here,
  refused: { person?: Refused; answers?: RefusedForm } = {},
): Promise<void> {
  const at = formOf(deps, here);
  const [{ name, email }, form, readOnly] = await Promise.all([
    profileOf(deps, here),
    formNamed(at.visit.experience.forms, profileForm) &&
      shownForm(deps, at, { path, typed: refused.answers?.sent }),
    readOnlyValues(deps, here),
  ]);
  const { error } = refused.answers ?? {};
  await showAccountPage(deps, here, {
    view: profileView,
    data: {
      nav,
      action: path,
      name: name ?? '',
      email: email ?? '',
      locale: here.member.locale,
      languages: languagesFor(deps, { experience: here.place.experience, member: here.member }),
      // A form of nothing but name and language asks no more than the page does.
      answers: form && form.part.sections.length > 0 ? { ...form.part, action: answersPath } : undefined,
      readOnly,
    },
    ...(form && { values: form.values }),
    refused: error ? { status: error.status, faults: error.faults } : refused.person,
  });
}

/** What others write of the member, and the member may see: in any brand, in the words of the first that has it. */
async function readOnlyValues(deps: AccountDeps, here: Here): Promise<ReadOnlyValue[]> {
  const { member, visit } = here;
  const shown = readOnlyAttributes(deps, here);
  const values = await deps.members.attributes(member, [...shown.keys()]);
  const { locale } = visit;
  const words = { locale, yes: deps.i18n.t(locale, 'legal.yes'), no: deps.i18n.t(locale, 'legal.no') };
  const lines = [...shown].map(async ([name, definition]) => {
    const value = values[name];
    if (value === undefined) return [];
    const label = inLanguage(definition.label, locale);
    const origin = await originOf(deps, member, name);
    return [{ label, value: valueAsText(definition, value, words), origin }];
  });
  return (await Promise.all(lines)).flat();
}

function readOnlyAttributes(deps: AccountDeps, here: Here): Map<string, AttributeDefinition> {
  const reader = { kind: 'member' as const };
  const brands = deps.experiences.brands().map(({ id }) => experienceAtHome(deps, here, id));
  const defined = [experienceAtHome(deps, here), ...brands].flatMap(({ attributes }) =>
    Object.entries(attributes),
  );
  const shown = new Map<string, AttributeDefinition>();
  for (const [name, definition] of defined)
    if (mayRead(definition, reader) && !shown.has(name)) shown.set(name, definition);
  for (const [name, definition] of defined) if (mayWrite(definition, reader)) shown.delete(name);
  return shown;
}

/** Writes what differs, so that a form sent twice leaves one event. */
async function saveProfile(
  deps: AccountDeps,
  here: Here,
  { name, locale }: { name: string; locale: string },
): Promise<void> {
  const { ctx, member, visit } = here;
  const before = await profileOf(deps, here);
  const renamed = name !== (before.name ?? '');
  const relocated = locale !== member.locale;
  if (renamed || relocated) {
    await inTransaction(deps.db, async (tx) => {
      if (renamed) await deps.members.updateProfile(tx, member, { name }, visit);
      if (relocated) await deps.members.setLocale(tx, member, locale, visit);
    });
  }
  rememberLocale(deps, here, locale);
  doneAt(deps, ctx, { path, notice: 'profile-saved' });
}

/** What a refused form shows again: its faults and what was entered. */
function refusedForm(error: FormError, sent: Readonly<Record<string, string | string[]>>): Refused {
  const values: Record<string, string> = {};
  for (const name of ['name', 'locale']) {
    const value = sent[name];
    if (typeof value === 'string') values[name] = value;
  }
  return { status: error.status, faults: error.faults, values };
}
