/** The profile page: name and language. */
import { z } from 'zod';
import { inTransaction } from '../../base/db/transaction.ts';
import { type Route, route } from '../../base/http/routes.ts';
import { localeCookie } from '../../base/http/visit.ts';
import type { FormError } from '../../base/kernel/errors.ts';
import { personName } from '../../business/profiles/person-name.ts';
import type { Here, Refused } from '../pages/visitor.ts';
import type { AccountDeps } from './deps.ts';
import { type LanguageChoice, profileView } from './views.ts';
import {
  accountPage,
  accountScope,
  doneAt,
  nav,
  profileOf,
  requireVisitor,
  showAccountPage,
} from './visitor.ts';

const path = nav.profileUrl;
const localeLifeSeconds = 400 * 86_400;

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
        await showProfile(deps, here, refusedForm(error, sent));
      },
      async handle(ctx, { body }) {
        await saveProfile(deps, await requireVisitor(deps, ctx, path), body);
      },
    }),
  ];
}

async function showProfile(deps: AccountDeps, here: Here, refused?: Refused): Promise<void> {
  const { name, email } = await profileOf(deps, here);
  await showAccountPage(deps, here, {
    view: profileView,
    data: {
      nav,
      action: path,
      name: name ?? '',
      email: email ?? '',
      locale: here.member.locale,
      languages: languagesAt(deps, here),
    },
    refused,
  });
}

/** What is offered here, and what the member has already: a brand's choice of languages takes none away. */
function languagesAt(deps: AccountDeps, { member, place }: Here): LanguageChoice[] {
  const { offered } = place.experience.locales;
  return deps.i18n.locales
    .filter(({ code }) => code === member.locale || (offered?.includes(code) ?? true))
    .map(({ code, tag, name }) => ({ code, tag, name }));
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
  deps.cookies.write(ctx, localeCookie, locale, { maxAgeSeconds: localeLifeSeconds });
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
