/**
 * Forms that an app sends its members to: the form of the app's own experience, filled with what the member may see,
 * kept, and back to an address that the app has registered. Decides nothing about what may be asked or changed.
 */
import { z } from 'zod';
import { type Route, route } from '../../base/http/routes.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import type { FormVisit } from '../../people/answers/forms.ts';
import type { Place } from '../pages/pages.ts';
import { type Here, seeOther, sendToSignIn } from '../pages/visitor.ts';
import type { AccountDeps } from './deps.ts';
import { keepForm, type RefusedForm, sentShape, shownForm } from './form-parts.ts';
import { memberFormView } from './views.ts';
import { accountScope, requireVisitor, visitorOf } from './visitor.ts';

const params = z.object({ name: z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/) });
const asked = z.object({
  client_id: z.string().max(100),
  return_to: z.string().max(1_000).optional(),
  state: z.string().max(300).optional(),
  locale: z.string().max(35).optional(),
});
/** `locale` may be the language of the page, and a field of the form. */
const sent = sentShape.extend(asked.shape);
const own = ['client_id', 'return_to', 'state', 'go'];

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

interface AppForm {
  name: string;
  query: Asked;
  client: ClientRecord;
  /** Where it leads back to: registered, never from the request alone. */
  target: string;
}

/** @throws DomainError `client.unknown`, `client.disabled`, `redirect_uri.invalid` */
async function appOf(deps: AccountDeps, query: Asked): Promise<Pick<AppForm, 'client' | 'target'>> {
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
  { name, client, query }: AppForm,
): { place: Place; visit: FormVisit } {
  // Whoever chooses a language on the page is not overruled by the one that the app asked for.
  const again = queryOf({ ...query, locale: undefined });
  const place = deps.pages.place(here.ctx, {
    client,
    scope: accountScope(),
    returnTo: `/forms/${name}?${again}`,
    chosenLocale: query.locale ?? here.visit.locale,
  });
  here.ctx.state.visit = { ...here.ctx.state.visit, actor: { kind: 'member', id: here.member._id } };
  const { locale } = here.ctx.state.visit;
  return { place, visit: { experience: place.experience, member: here.member, locale } };
}

async function showForm(deps: AccountDeps, here: Here, at: AppForm, refused?: RefusedForm): Promise<void> {
  const { place, visit } = placeOf(deps, here, at);
  const shown = await shownForm(deps, { name: at.name, visit }, { path: '/account', typed: refused?.sent });
  if (refused) here.ctx.state.errorCode = refused.error.code;
  const { seen, ...part } = shown.part;
  deps.pages.show(here.ctx, place, {
    view: memberFormView,
    data: {
      ...part,
      action: `/forms/${at.name}`,
      hidden: { client_id: at.client.id, return_to: at.target, state: at.query.state, seen },
    },
    shown: {
      ...(refused && { status: refused.error.status, faults: refused.error.faults }),
      values: shown.values,
      formAction: [at.target],
    },
  });
}

async function saveForm(
  deps: AccountDeps,
  here: Here,
  at: AppForm,
  fields: z.output<typeof sent>,
): Promise<void> {
  if (fields.go === 'cancel') return seeOther(here.ctx, backAddress(at, 'cancelled'));
  const { visit } = placeOf(deps, here, at);
  const by = { visit: here.ctx.state.visit, clientId: at.client.id };
  const refused = await keepForm(deps, here, { name: at.name, visit, by }, { sent: fields, own });
  if (refused) return showForm(deps, here, at, refused);
  seeOther(here.ctx, backAddress(at, 'saved'));
}

function backAddress({ name, target, query }: AppForm, how: 'saved' | 'cancelled'): string {
  const url = new URL(target);
  url.searchParams.set('form', name);
  url.searchParams.set('form_state', how);
  if (query.state !== undefined) url.searchParams.set('state', query.state);
  return url.href;
}
