/**
 * Forms by API: what a form of the app asks its member, for drawing it natively, and keeping the answers. What may be
 * asked, shown and changed is the business of people/answers, the same as for the hosted page; here it is told in JSON.
 */
import { z } from 'zod';
import { inTransaction, type Tx } from '../../base/db/transaction.ts';
import { callerOf, type EdgeContext } from '../../base/http/context.ts';
import { jsonRoute } from '../../base/http/json-routes.ts';
import type { Route } from '../../base/http/routes.ts';
import { FormError } from '../../base/kernel/errors.ts';
import { guardOf } from '../../business/experiences/released-attributes.ts';
import type { AttributeDefinition } from '../../business/profiles/attribute-shape.ts';
import { type JsonAnswers, sentJson } from '../../business/profiles/form-answers.ts';
import { registrationForm } from '../../business/profiles/form-shape.ts';
import { inLanguage } from '../../business/profiles/text-shape.ts';
import type { AnsweredBy, MemberForm } from '../../people/answers/forms.ts';
import type { AccountApiDeps } from './deps.ts';
import { drawnForm, formSchema } from './drawn-form.ts';
import { documentErrorOf, memberHere, sightOf, versionOf } from './member-here.ts';

const path = '/api/account/forms';
const params = z.object({ name: z.string().max(40).meta({ description: 'Name of the form.' }) });

const short = z.string().min(1).max(100);

const consentAnswer = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('given'),
    version: short.meta({ description: 'Of the text that was shown, as the field brought it.' }),
    language: short,
    hash: short,
  }),
  z.strictObject({
    state: z.literal('refused').meta({ description: 'What had been given is withdrawn.' }),
  }),
]);

const sentAnswers = z
  .strictObject({
    attributes: z.record(z.string(), z.unknown()).optional().meta({
      description: 'By attribute, typed; `null` takes the answer away. What is not named stays as it is.',
    }),
    consents: z.record(z.string(), consentAnswer).optional().meta({
      description: 'By purpose. What is not named is not decided on.',
    }),
    name: z.string().nullable().optional(),
    locale: z.string().optional(),
  })
  .meta({ id: 'FormAnswers' });

const formItem = z
  .object({ name: z.string(), title: z.string(), lead: z.string().nullable() })
  .meta({ id: 'FormItem' });

/**
 * `GET /api/account/forms`, `GET /api/account/forms/:name` and `POST /api/account/forms/:name/answers`
 * @param deps modules
 */
export function formApiRoutes(deps: AccountApiDeps): Route[] {
  const common = {
    tag: 'forms',
    limiter: 'edge',
    auth: { api: 'account', scopes: ['account:forms'] },
  } as const;
  return [
    jsonRoute({
      ...common,
      name: 'account_api.forms',
      method: 'GET',
      path,
      summary: 'Lists the forms of the client’s experience.',
      description: 'The registration is not among them: it makes a member, and stands on the hosted pages.',
      errors: ['member.unavailable'],
      answers: { 200: z.object({ items: z.array(formItem) }) },
      async handle(ctx) {
        await memberHere(deps, ctx);
        const { visit } = ctx.state;
        const { forms } = deps.experiences.experienceFor(visit);
        const items = Object.entries(forms)
          .filter(([name]) => name !== registrationForm)
          .map(([name, { title = { en: name }, lead }]) => ({
            name,
            title: inLanguage(title, visit.locale),
            lead: lead ? inLanguage(lead, visit.locale) : null,
          }));
        return { status: 200, body: { items } };
      },
    }),
    jsonRoute({
      ...common,
      name: 'account_api.form',
      method: 'GET',
      path: `${path}/:name`,
      summary: 'Reads a form, to draw it.',
      description:
        'In the language of `Accept-Language`, with the present answers as far as the client may read them: attributes by their `read`, consents with the scope `account:consents`, name and language with `account:profile.read`.',
      versioned: true,
      errors: ['form.unknown', 'member.unavailable'],
      input: { params },
      answers: { 200: formSchema },
      async handle(ctx, { params: { name } }) {
        return answerOf(deps, ctx, await formHere(deps, ctx, name));
      },
    }),
    jsonRoute({
      ...common,
      name: 'account_api.form.answer',
      method: 'POST',
      path: `${path}/:name/answers`,
      summary: 'Sends a form filled in.',
      description:
        'Judged as on the hosted page, and kept whole or, with every fault named, not at all. A field whose condition does not hold is not asked, whatever was sent for it; an answer the client may not read counts as none. A consent names the text that was shown (`consent.text_changed` where it is not the one in force). `If-Match` takes the version of the form as it was read, in the same language.',
      versioned: true,
      ifMatch: 'optional',
      idempotency: 'optional',
      errors: ['form.unknown', 'member.unavailable'],
      input: { params, body: sentAnswers },
      answers: { 200: formSchema },
      handle: (ctx, { params: { name }, body, conditions, keepAnswer }) =>
        inTransaction(deps.db, async (tx) => {
          // Read in the transaction that writes: of two answers to one version, the second finds the first one's.
          const form = await formHere(deps, ctx, name, tx);
          conditions.require(answerOf(deps, ctx, form).etag);
          await keep(deps, ctx, { tx, form, body });
          const answer = answerOf(deps, ctx, await formHere(deps, ctx, name, tx));
          await keepAnswer(tx, answer);
          return answer;
        }),
    }),
  ];
}

/** The forms of an app are those of its own place, as on the hosted page; the member's law is their home market's. */
async function formHere(deps: AccountApiDeps, ctx: EdgeContext, name: string, tx?: Tx): Promise<MemberForm> {
  const { member, visit, experience: home } = await memberHere(deps, ctx, tx);
  const { scopes } = callerOf(ctx);
  const standing = await deps.consents.current(member._id, tx);
  const isSeen = sightOf(deps, ctx, member, standing);
  const sight = {
    attribute: (definition: AttributeDefinition, attribute: string) => {
      const guard = guardOf(home, attribute);
      return isSeen(definition) && (!guard || isSeen(guard));
    },
    consents: scopes.has('account:consents'),
    core: scopes.has('account:profile.read'),
  };
  const experience = deps.experiences.experienceFor(visit);
  return deps.memberForms.read({ experience, member, locale: visit.locale, sight, standing }, name, tx);
}

function answerOf({ issuer, i18n }: AccountApiDeps, ctx: EdgeContext, form: MemberForm) {
  const { locale } = ctx.state.visit;
  const texts = i18n.overlay(form.at.experience.settings.texts);
  const body = drawnForm(form, {
    issuer,
    locale,
    locales: i18n.locales,
    t: (key) => texts.t(locale, key),
  });
  return { status: 200, body, etag: versionOf(body) } as const;
}

/** @throws DocumentError with every fault at its place */
async function keep(
  deps: AccountApiDeps,
  ctx: EdgeContext,
  { tx, form, body }: { tx: Tx; form: MemberForm; body: z.output<typeof sentAnswers> },
): Promise<void> {
  const { consents = {}, ...others } = body;
  const decided = Object.entries(consents);
  const json: JsonAnswers = {
    ...others,
    consents: Object.fromEntries(decided.map(([purpose, { state }]) => [purpose, state === 'given'])),
  };
  const shown = decided.flatMap(([purpose, answer]) =>
    answer.state === 'given' ? [[purpose, answer] as const] : [],
  );
  const by: AnsweredBy = {
    visit: ctx.state.visit,
    channel: 'api',
    clientId: callerOf(ctx).clientId,
    shown: Object.fromEntries(shown),
  };
  try {
    await deps.memberForms.keep(tx, form, sentJson(json), by);
  } catch (error) {
    throw error instanceof FormError ? documentErrorOf(error.faults) : error;
  }
}
