/**
 * Forms that an app sends its members to: the form of the app's own experience, filled with what the member may see,
 * kept, and back to an address that the app has registered. Decides nothing about what may be asked or changed.
 */
import { z } from 'zod';
import { inTransaction } from '../../base/db/transaction.ts';
import { type Route, route } from '../../base/http/routes.ts';
import { DomainError, FormError } from '../../base/kernel/errors.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import { answerInputs, noAnswers, sentForm } from '../../business/profiles/form-answers.ts';
import type { FormField } from '../../business/profiles/form-shape.ts';
import { inLanguage } from '../../business/profiles/text-shape.ts';
import type { FormVisit, MemberForm } from '../../people/answers/forms.ts';
import { legalQuestions } from '../interactions/legal.ts';
import { shownFields } from '../pages/form-fields.ts';
import type { Place } from '../pages/pages.ts';
import { type Here, seeOther, sendToSignIn } from '../pages/visitor.ts';
import type { AccountDeps } from './deps.ts';
import { memberFormView } from './views.ts';
import { accountScope, requireVisitor, visitorOf } from './visitor.ts';

const params = z.object({ name: z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/) });
const asked = z.object({
  client_id: z.string().max(100),
  return_to: z.string().max(1_000).optional(),
  state: z.string().max(300).optional(),
  locale: z.string().max(35).optional(),
});
const sent = asked.catchall(z.string().max(2_000));

type Asked = z.output<typeof asked>;

/**
 * The routes of named forms.
 * @param deps modules
 */
export function formRoutes(deps: AccountDeps): Route[] {
  return [
    route({
      name: 'form.show',
      method: 'GET',
      path: '/forms/:name',
      input: { params, query: asked },
      async handle(ctx, { params: { name }, query }) {
        const app = await appOf(deps, query);
        const here = await visitorOf(deps, ctx, '/account');
        if (!here) return sendToSignIn(deps, ctx, `/forms/${name}?${queryOf(query)}`);
        await showForm(deps, here, { name, query, ...app });
      },
    }),
    route({
      name: 'form.save',
      method: 'POST',
      path: '/forms/:name',
      limiter: 'edge',
      csrf: accountScope,
      input: { params, body: sent },
      async handle(ctx, { params: { name }, body }) {
        const query = asked.parse(body);
        const app = await appOf(deps, query);
        const here = await requireVisitor(deps, ctx, '/account');
        await saveForm(deps, here, { name, query, ...app }, body);
      },
    }),
  ];
}

interface FormAt {
  name: string;
  query: Asked;
  client: ClientRecord;
  /** Where it leads back to: registered, never from the request alone. */
  target: string;
}

/** @throws DomainError `client.unknown`, `client.disabled`, `redirect_uri.invalid` */
async function appOf(deps: AccountDeps, query: Asked): Promise<Pick<FormAt, 'client' | 'target'>> {
  const client = await deps.findClient(query.client_id);
  if (!client) throw new DomainError('client.unknown');
  if (client.disabledAt) throw new DomainError('client.disabled');
  const target = query.return_to ?? client.metadata.client_uri;
  if (target === undefined || !isRegistered(client, target)) throw new DomainError('redirect_uri.invalid');
  return { client, target };
}

/** A redirect URI as it is registered, or any page of the app's own site. */
function isRegistered({ metadata }: ClientRecord, target: string): boolean {
  const { redirect_uris: exact = [], client_uri: site } = metadata;
  if (exact.includes(target)) return true;
  if (!site || !URL.canParse(target)) return false;
  const url = new URL(target);
  const web = url.protocol === 'https:' || url.protocol === 'http:';
  return web && !url.username && !url.password && !url.hash && url.origin === new URL(site).origin;
}

function queryOf(query: Asked): string {
  const said = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new URLSearchParams(said).toString();
}

/** The form stands in the app's look; what happens in it is the member's own. */
function placeOf(
  deps: AccountDeps,
  here: Here,
  { client, query }: FormAt,
): { place: Place; visit: FormVisit } {
  const place = deps.pages.place(here.ctx, {
    client,
    scope: accountScope(),
    chosenLocale: query.locale ?? here.visit.locale,
  });
  here.ctx.state.visit = { ...here.ctx.state.visit, actor: { kind: 'member', id: here.member._id } };
  const { locale } = here.ctx.state.visit;
  return { place, visit: { experience: place.experience, member: here.member, locale } };
}

async function showForm(
  deps: AccountDeps,
  here: Here,
  at: FormAt,
  refused?: { error: FormError; values: Record<string, string> },
): Promise<void> {
  const { place, visit } = placeOf(deps, here, at);
  const form = await deps.memberForms.read(visit, at.name);
  if (refused) here.ctx.state.errorCode = refused.error.code;
  deps.pages.show(here.ctx, place, {
    view: memberFormView,
    data: {
      action: `/forms/${at.name}`,
      hidden: {
        client_id: at.client.id,
        return_to: at.target,
        state: at.query.state,
      },
      title: inLanguage(form.form.title ?? { en: at.name }, visit.locale),
      lead: form.form.lead && inLanguage(form.form.lead, visit.locale),
      sections: sectionsOf(form, visit.locale),
    },
    shown: {
      ...(refused && { status: refused.error.status, faults: refused.error.faults }),
      values: refused?.values ?? answerInputs(fieldsOf(form), form.answers),
      formAction: [at.target],
    },
  });
}

const fieldsOf = ({ form }: MemberForm) => form.steps.flatMap(({ fields }) => fields);

/** All steps stand on one page: the member knows the answers, and changes one of them. */
function sectionsOf({ form, context, purposes: texts }: MemberForm, locale: string) {
  const { purposes } = legalQuestions({ terms: [], notices: [], purposes: texts }, '/account');
  const page = { answers: noAnswers, context, locale, purposes };
  const above: FormField[] = [];
  return form.steps.map(({ title, fields }) => ({
    title: title && inLanguage(title, locale),
    fields: shownFields(fields, page, above),
  }));
}

async function saveForm(
  deps: AccountDeps,
  here: Here,
  at: FormAt,
  fields: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  if (fields.go === 'cancel') return seeOther(here.ctx, backAddress(at, 'cancelled'));
  const { visit } = placeOf(deps, here, at);
  try {
    const by = { visit: here.ctx.state.visit, channel: 'web' as const, clientId: at.client.id };
    await inTransaction(deps.db, async (tx) => {
      // Read in the transaction that writes: what differs is told from what is there, not from what was.
      const member = await deps.members.get(visit.member._id, tx);
      if (!member) throw new DomainError('member.unavailable');
      const form = await deps.memberForms.read({ ...visit, member }, at.name, tx);
      await deps.memberForms.keep(tx, form, sentForm(fields), by);
    });
  } catch (error) {
    if (!(error instanceof FormError)) throw error;
    const values = Object.entries(fields).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    return showForm(deps, here, at, { error, values: Object.fromEntries(values) });
  }
  seeOther(here.ctx, backAddress(at, 'saved'));
}

function backAddress({ name, target, query }: FormAt, how: 'saved' | 'cancelled'): string {
  const url = new URL(target);
  url.searchParams.set('form', name);
  url.searchParams.set('form_state', how);
  if (query.state !== undefined) url.searchParams.set('state', query.state);
  return url.href;
}
