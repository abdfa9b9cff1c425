/**
 * Forms of the configuration as parts of account pages: what they show of a member's answers, and keeping what comes
 * back. Decides nothing about what may be asked or changed.
 */
import { z } from 'zod';
import { inTransaction } from '../../base/db/transaction.ts';
import { csrfField } from '../../base/http/csrf.ts';
import { localeCookie } from '../../base/http/visit.ts';
import { DomainError, type FieldFault, FormError } from '../../base/kernel/errors.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import { noAnswers } from '../../business/profiles/form-answers.ts';
import {
  isTouched,
  readSeen,
  type SentForm,
  seenOf,
  sentSince,
  shownInputs,
  textsShown,
} from '../../business/profiles/form-seen.ts';
import type { FormField } from '../../business/profiles/form-shape.ts';
import { inLanguage } from '../../business/profiles/text-shape.ts';
import type { AskedForm, FormVisit, MemberForm } from '../../people/answers/forms.ts';
import type { Member } from '../../people/members/members.ts';
import { legalQuestions } from '../interactions/legal.ts';
import { shownFields } from '../pages/form-fields.ts';
import type { Here } from '../pages/visitor.ts';
import type { AccountDeps } from './deps.ts';
import type { AnswerOrigin, FormPart, LanguageChoice } from './views.ts';

/** What the page of a form sends: the form's inputs, and the marks of what was shown. */
export const sentShape = z
  .object({ seen: z.string().max(30_000).default('') })
  .catchall(z.string().max(2_000));

/** Whose form, where. */
export interface FormAt {
  /** Name of the form. */
  name: string;
  visit: FormVisit;
  /** What the page has of it already: what every member has is not asked twice on a page. */
  without?: readonly ('name' | 'locale')[];
}

/** A form that was refused, and what was sent. */
export interface RefusedForm {
  error: FormError;
  sent: SentForm;
}

/** A part of a page, and what its inputs hold. */
export interface ShownForm {
  part: Omit<FormPart, 'action'>;
  values: Record<string, string>;
}

/**
 * A form as a page shows it, filled with what the member may see of their answers.
 * @param deps modules
 * @param at whose form
 * @param page path of the page, for the way back from legal texts; and what was typed and is not kept
 * @throws DomainError `form.unknown`
 */
export async function shownForm(
  deps: AccountDeps,
  at: FormAt,
  page: { path: string; typed?: SentForm | undefined },
): Promise<ShownForm> {
  const form = await deps.memberForms.read(at.visit, at.name);
  const fields = fieldsHere(
    form.form.steps.flatMap((step) => step.fields),
    at,
  );
  const now = { fields, answers: form.answers, context: form.context };
  return {
    part: {
      ...drawnForm(deps, form, at, page.path),
      seen: seenOf(now, form.purposes),
      origins: await originsOf(deps, at.visit, form),
    },
    values: shownInputs(now, page.typed),
  };
}

/** Where a form is drawn, and who looks at it. */
export interface DrawnAt extends Pick<FormAt, 'name' | 'without'> {
  visit: Pick<FormVisit, 'experience' | 'locale'> & { member: Pick<Member, 'locale'> };
}

/**
 * The words and fields of a form, without anything of a member's answers.
 * @param deps the catalogues
 * @param form what it asks
 * @param at where, in which language
 * @param path of the page, for the way back from legal texts
 */
export function drawnForm(
  deps: Pick<AccountDeps, 'i18n'>,
  { form, context, purposes: texts }: AskedForm,
  at: DrawnAt,
  path: string,
): Pick<FormPart, 'title' | 'lead' | 'sections' | 'languages'> {
  const { locale } = at.visit;
  const steps = form.steps.map((step) => ({ ...step, fields: fieldsHere(step.fields, at) }));
  const { purposes } = legalQuestions({ terms: [], notices: [], purposes: texts }, path);
  const drawing = { answers: noAnswers, context, locale, purposes };
  const above: FormField[] = [];
  const asksLanguage = steps.some(({ fields }) => fields.some(({ core }) => core === 'locale'));
  return {
    title: inLanguage(form.title ?? { en: at.name }, locale),
    lead: form.lead && inLanguage(form.lead, locale),
    // All steps stand on one page: the member knows the answers, and changes one of them.
    sections: steps
      .map(({ title, fields }) => ({
        title: title && inLanguage(title, locale),
        fields: shownFields(fields, drawing, above),
      }))
      .filter(({ fields }) => fields.length > 0),
    languages: asksLanguage ? languagesFor(deps, at.visit) : undefined,
  };
}

/**
 * Keeps what a page brought back.
 * @param deps modules
 * @param here the visitor; a new language is remembered at this browser
 * @param at whose form, and how the answers came
 * @param page inputs as sent, and the names of those that belong to the page and not to the form
 * @returns what was refused; undefined when everything is kept
 * @throws DomainError `form.unknown`, `member.unavailable`
 */
export async function keepForm(
  deps: AccountDeps,
  here: Pick<Here, 'ctx'>,
  at: FormAt & { by: { visit: Visit; clientId?: string } },
  { sent, own = [] }: { sent: z.output<typeof sentShape>; own?: readonly string[] },
): Promise<RefusedForm | undefined> {
  const brought = broughtBack(sent, own);
  const source = sentSince(brought);
  // A yes that was left standing is no new one, whatever text it was given to.
  const shown = Object.entries(textsShown(brought)).filter(([purpose]) => source.consent(purpose) === true);
  const by = { ...at.by, channel: 'web' as const, shown: Object.fromEntries(shown) };
  try {
    await inTransaction(deps.db, async (tx) => {
      // Read in the transaction that writes: of two sendings at once, the second finds the first one's answers.
      const member = await deps.members.get(at.visit.member._id, tx);
      if (!member) throw new DomainError('member.unavailable');
      const form = await deps.memberForms.read({ ...at.visit, member }, at.name, tx);
      await deps.memberForms.keep(tx, form, source, by);
    });
  } catch (error) {
    if (!(error instanceof FormError)) throw error;
    return { error: new FormError(error.faults.map(atInput)), sent: brought };
  }
  const locale = source.text('locale');
  if (locale !== undefined) rememberLocale(deps, here, locale);
  return undefined;
}

/**
 * Whether a page's sender has changed anything of a form; reads nothing.
 * @param deps modules
 * @param at whose form
 * @param sent inputs and marks
 * @throws DomainError `form.unknown`
 */
export function isChanged(
  { memberForms }: Pick<AccountDeps, 'memberForms'>,
  at: FormAt,
  sent: SentForm,
): boolean {
  const { form, context } = memberForms.asked(at.visit, at.name);
  const fields = fieldsHere(
    form.steps.flatMap((step) => step.fields),
    at,
  );
  return isTouched({ fields, context }, sent);
}

/**
 * What a page brought back, without what is the page's own.
 * @param sent as parsed
 * @param own names of inputs that belong to the page and not to the form
 */
export function broughtBack(
  { seen, ...sent }: z.output<typeof sentShape>,
  own: readonly string[] = [],
): SentForm {
  const beside = new Set([csrfField, ...own]);
  const inputs = Object.entries<string>(sent).filter(([name]) => !beside.has(name));
  return { inputs: Object.fromEntries(inputs), seen: readSeen(seen) };
}

/** A consent stands in the input of its purpose. */
function atInput(fault: FieldFault): FieldFault {
  return { ...fault, field: fault.field.replace(/^consents\./, 'purpose.') };
}

const localeLifeSeconds = 400 * 86_400;

/**
 * Remembers a language at this browser.
 * @param deps cookies
 * @param here the request
 * @param locale code of a catalogue
 */
export function rememberLocale(
  deps: Pick<AccountDeps, 'cookies'>,
  { ctx }: Pick<Here, 'ctx'>,
  locale: string,
): void {
  deps.cookies.write(ctx, localeCookie, locale, { maxAgeSeconds: localeLifeSeconds });
}

/**
 * What is offered here, and what the member has already: a brand's choice of languages takes none away.
 * @param deps the catalogues
 * @param at the member and the experience
 */
export function languagesFor(
  { i18n }: Pick<AccountDeps, 'i18n'>,
  { experience, member }: Omit<DrawnAt['visit'], 'locale'>,
): LanguageChoice[] {
  const { offered } = experience.locales;
  return i18n.locales
    .filter(({ code }) => code === member.locale || (offered?.includes(code) ?? true))
    .map(({ code, tag, name }) => ({ code, tag, name }));
}

function fieldsHere(fields: readonly FormField[], { without = [] }: Pick<FormAt, 'without'>): FormField[] {
  return fields.filter(({ core }) => !without.some((each) => each === core));
}

/** Where the answers to a form come from, in its order; an answer that the member may not see is not mentioned. */
async function originsOf(
  deps: AccountDeps,
  { member, locale }: FormVisit,
  { form, context, answers }: MemberForm,
): Promise<AnswerOrigin[]> {
  const names = form.steps.flatMap(({ fields }) => fields.flatMap(({ attribute = [] }) => attribute));
  const known = names.filter((name) => Object.hasOwn(answers.attributes, name));
  const origins = known.map(async (name) => {
    const definition = context.attributes[name];
    const origin = await originOf(deps, member, name);
    return definition && origin ? [{ label: inLanguage(definition.label, locale), ...origin }] : [];
  });
  return (await Promise.all(origins)).flat();
}

/**
 * Who said a value, where and when; undefined where that was not written down.
 * @param deps brands and clients
 * @param member whose value
 * @param attribute name of the attribute
 */
export async function originOf(
  deps: Pick<AccountDeps, 'experiences' | 'findClient'>,
  member: Member,
  attribute: string,
): Promise<Omit<AnswerOrigin, 'label'> | undefined> {
  const { sources = {} } = member;
  const source = Object.hasOwn(sources, attribute) ? sources[attribute] : undefined;
  if (!source) return undefined;
  const { by, brand, client, at } = source;
  const brandName = deps.experiences.brands().find(({ id }) => id === brand)?.name;
  const isApp = by === 'client' || brandName === undefined;
  const app = isApp && client !== undefined ? (await deps.findClient(client))?.name : undefined;
  return { kind: by, place: app ?? brandName, at: at.toISOString() };
}
