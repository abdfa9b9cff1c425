/** The profile: name, language and those attributes that the caller may see, read and changed. */
import { z } from 'zod';
import { inTransaction, type Tx } from '../../base/db/transaction.ts';
import { callerOf, type EdgeContext } from '../../base/http/context.ts';
import { type JsonInput, jsonRoute } from '../../base/http/json-routes.ts';
import type { Route } from '../../base/http/routes.ts';
import { DocumentError, type DocumentFault } from '../../base/kernel/errors.ts';
import { mayWrite } from '../../business/profiles/attribute-access.ts';
import type { AttributeValue } from '../../business/profiles/attribute-values.ts';
import { valueContext } from '../../business/profiles/attribute-values.ts';
import { personName } from '../../business/profiles/person-name.ts';
import type { AttributeChanges } from '../../people/members/attributes.ts';
import type { AccountApiDeps } from './deps.ts';
import { judged, type MemberHere, memberHere, readerOf, sightOf, versionOf } from './member-here.ts';

const path = '/api/account/profile';

/** A value as JSON has it; an address is an object of its parts. */
export const attributeValue = z
  .union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.record(z.string(), z.string())])
  .meta({ id: 'AttributeValue', description: 'Typed as the attribute is defined; a date is yyyy-mm-dd.' });

const profile = z
  .object({
    sub: z.string().meta({ description: 'The member, as this client knows them.' }),
    name: z.string().nullable().meta({ description: 'What the member calls themselves.' }),
    locale: z.string().meta({ description: 'The language the member chose.' }),
    attributes: z
      .record(z.string(), attributeValue)
      .meta({ description: 'Values the client may read; one without a value is left out.' }),
    writable: z.array(z.string()).meta({ description: 'Attributes the client may write with this token.' }),
  })
  .meta({ id: 'Profile' });

const change = z
  .strictObject({
    name: personName.nullable().optional().meta({ description: '`null` removes it.' }),
    locale: z.string().max(35).optional(),
    attributes: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({ description: 'What is named is written, `null` removes, what is not named stays.' }),
  })
  .meta({ id: 'ProfileChange' });

type Change = z.output<typeof change>;
type Patch = Pick<
  JsonInput<z.ZodObject, z.ZodObject, typeof change, { 200: typeof profile; 204: null }>,
  'body' | 'conditions'
>;

/**
 * `GET` and `PATCH /api/account/profile`
 * @param deps modules
 */
export function profileRoutes(deps: AccountApiDeps): Route[] {
  return [
    jsonRoute({
      name: 'account_api.profile',
      method: 'GET',
      path,
      summary: 'Reads the profile.',
      description:
        'Only attributes whose `read` names the client (`client:<id>`) or a scope of its token; those that belong to a purpose only while the member agrees to it.',
      tag: 'profile',
      limiter: 'edge',
      auth: { api: 'account', scopes: ['account:profile.read'] },
      versioned: true,
      errors: ['member.unavailable'],
      answers: { 200: profile },
      async handle(ctx) {
        const body = await profileOf(deps, ctx, await memberHere(deps, ctx));
        return { status: 200, body, etag: versionOf(body) };
      },
    }),
    jsonRoute({
      name: 'account_api.profile.change',
      method: 'PATCH',
      path,
      summary: 'Changes the profile.',
      description:
        'All of it or, with every fault named, nothing. A token that may write but not read is answered 204. Saying what is there already changes nothing.',
      tag: 'profile',
      limiter: 'edge',
      auth: { api: 'account', scopes: ['account:profile.write'] },
      versioned: true,
      ifMatch: 'optional',
      errors: ['member.unavailable'],
      input: { body: change },
      answers: { 200: profile, 204: null },
      async handle(ctx, input) {
        const body = await inTransaction(deps.db, async (tx) => {
          await changeProfile(deps, tx, ctx, input);
          return profileOf(deps, ctx, await memberHere(deps, ctx, tx));
        });
        const seen = callerOf(ctx).scopes.has('account:profile.read');
        return seen ? { status: 200, body, etag: versionOf(body) } : { status: 204 };
      },
    }),
  ];
}

type Profile = z.output<typeof profile>;

async function profileOf(deps: AccountApiDeps, ctx: EdgeContext, here: MemberHere): Promise<Profile> {
  const { member, experience } = here;
  const [sub, { name }, values, standing] = await Promise.all([
    deps.apiTokens.subjectFor(callerOf(ctx).clientId, member._id),
    deps.members.profile(member),
    deps.members.attributes(member),
    deps.consents.current(member._id),
  ]);
  const mayBeSeen = sightOf(deps, ctx, member, standing);
  const reader = readerOf(ctx);
  const defined = Object.entries(experience.settings.attributes);
  const attributes: Record<string, AttributeValue> = {};
  for (const [attribute, definition] of defined) {
    const value = Object.hasOwn(values, attribute) ? values[attribute] : undefined;
    if (value !== undefined && mayBeSeen(definition)) attributes[attribute] = value;
  }
  return {
    sub,
    name: name || null,
    locale: member.locale,
    attributes: attributes as Profile['attributes'],
    writable: defined.flatMap(([attribute, definition]) => (mayWrite(definition, reader) ? [attribute] : [])),
  };
}

async function changeProfile(
  deps: AccountApiDeps,
  tx: Tx,
  ctx: EdgeContext,
  { body, conditions }: Patch,
): Promise<void> {
  // Read in the transaction that writes: of two changes of one version, the second finds the first one's.
  const here = await memberHere(deps, ctx, tx);
  const { member, visit, experience } = here;
  const before = await profileOf(deps, ctx, here);
  conditions.require(versionOf(before));
  const faults = localeFaults(deps, here, body.locale);
  const values = await attributeChanges(deps, ctx, { here, body, faults });
  if (faults.length > 0) throw new DocumentError(faults);
  const wanted = body.name === null ? '' : body.name;
  if (wanted !== undefined && wanted !== (before.name ?? '')) {
    await deps.members.updateProfile(tx, member, { name: wanted }, visit);
  }
  if (body.locale !== undefined && body.locale !== member.locale) {
    await deps.members.setLocale(tx, member, body.locale, visit);
  }
  const source = { by: 'client' as const, client: callerOf(ctx).clientId, release: experience.release };
  await deps.members.setAttributes(
    tx,
    member,
    { values, definitions: experience.settings.attributes, source },
    visit,
  );
}

function localeFaults(
  { i18n }: AccountApiDeps,
  { member, experience }: MemberHere,
  locale: string | undefined,
): DocumentFault[] {
  if (locale === undefined || locale === member.locale) return [];
  const { offered = i18n.locales.map(({ code }) => code) } = experience.locales;
  if (offered.includes(locale)) return [];
  return [{ path: '/locale', code: 'field.invalid', expected: `one of ${offered.join(', ')}` }];
}

async function attributeChanges(
  deps: AccountApiDeps,
  ctx: EdgeContext,
  { here, body, faults }: { here: MemberHere; body: Change; faults: DocumentFault[] },
): Promise<AttributeChanges> {
  if (!body.attributes) return {};
  const reader = readerOf(ctx);
  const context = valueContext(deps.clock.now(), here.experience.market);
  const definitions = here.experience.settings.attributes;
  const kept = await deps.members.attributes(here.member);
  const changes: Record<string, AttributeValue | null> = {};
  for (const [name, value] of Object.entries(body.attributes)) {
    const pointer = `/attributes/${name}`;
    const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
    if (!definition) faults.push({ path: pointer, code: 'attribute.unknown' });
    else if (!mayWrite(definition, reader)) faults.push({ path: pointer, code: 'permission.missing' });
    else {
      const sent = { value, path: ['attributes', name] };
      const outcome = judged(definition, sent, kept[name], context);
      if ('faults' in outcome) faults.push(...outcome.faults);
      else if (outcome.change !== undefined) changes[name] = outcome.change;
    }
  }
  return changes;
}
