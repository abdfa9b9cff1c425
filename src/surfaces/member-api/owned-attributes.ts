/** Attributes that a server of the program owns: the tier by the ledger of points, and nobody else. */
import { z } from 'zod';
import { inTransaction } from '../../base/db/transaction.ts';
import { callerOf } from '../../base/http/context.ts';
import { jsonRoute } from '../../base/http/json-routes.ts';
import type { Route } from '../../base/http/routes.ts';
import { DocumentError, DomainError } from '../../base/kernel/errors.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import { mayWrite } from '../../business/profiles/attribute-access.ts';
import { valueContext } from '../../business/profiles/attribute-values.ts';
import type { AccountApiDeps } from './deps.ts';
import { judged, placed } from './member-here.ts';
import { attributeValue } from './profile.ts';

/**
 * `PUT /api/members/:sub/attributes/:name`
 * @param deps modules
 */
export function ownedAttribute(deps: AccountApiDeps): Route {
  return jsonRoute({
    name: 'account_api.members.attribute',
    method: 'PUT',
    path: '/api/members/:sub/attributes/:name',
    summary: 'Writes an attribute that the caller owns.',
    description:
      'For servers, with a token of their own. Only attributes whose `write` names the client (`client:<id>`). Saying a value again changes nothing.',
    tag: 'members',
    limiter: 'edge',
    auth: { api: 'account', scopes: ['members:attributes.write'] },
    errors: ['member.unknown', 'member.unavailable', 'attribute.unknown', 'permission.missing'],
    input: {
      params: z.object({
        sub: z.string().max(255).meta({ description: 'The member, as the client knows them.' }),
        name: z.string().max(40).meta({ description: 'Name of the attribute.' }),
      }),
      body: z.strictObject({
        value: attributeValue.nullable().meta({ description: '`null` removes it.' }),
      }),
    },
    answers: { 204: null },
    async handle(ctx, { params, body }) {
      const { clientId } = callerOf(ctx);
      const memberId = await deps.apiTokens.memberIdFor(clientId, params.sub);
      if (memberId === undefined) throw new DomainError('member.unknown');
      const write = { clientId, memberId, name: params.name, value: body.value };
      await writeAttribute(deps, ctx.state.visit, write);
      return { status: 204 };
    },
  });
}

async function writeAttribute(
  deps: AccountApiDeps,
  visit: Visit,
  write: { clientId: string; memberId: string; name: string; value: unknown },
): Promise<void> {
  const { clientId, memberId, name, value } = write;
  await inTransaction(deps.db, async (tx) => {
    const member = await deps.members.get(memberId, tx);
    if (!member || member.status === 'erased') throw new DomainError('member.unknown');
    const { experience } = placed(deps, visit, member);
    const definitions = experience.settings.attributes;
    const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
    if (!definition) throw new DomainError('attribute.unknown');
    // By name only: the scope that opens this route is no owner of anything.
    const owner = { kind: 'client', id: clientId, scopes: [] } as const;
    if (!mayWrite(definition, owner)) throw new DomainError('permission.missing');
    const kept = (await deps.members.attributes(member))[name];
    const outcome = judged(
      definition,
      { value, path: ['value'] },
      kept,
      valueContext(deps.clock.now(), experience.market),
    );
    if ('faults' in outcome) throw new DocumentError(outcome.faults);
    if (outcome.change === undefined) return;
    const source = { by: 'client' as const, client: clientId, release: experience.release };
    const values = { [name]: outcome.change };
    await deps.members.setAttributes(tx, member, { values, definitions, source }, visit);
  });
}
