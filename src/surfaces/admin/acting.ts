/** Who calls, what they may do with which items, and what they are told of others. */
import { callerOf, type EdgeContext } from '../../base/http/context.ts';
import type { Author } from '../../business/releases/model.ts';
import { type Acting, actingBy } from '../desk/acting.ts';
import type { ConfigurationApiDeps } from './deps.ts';
import { powerOf } from './power.ts';

/** Who calls. */
export interface Calling extends Acting {
  /** Somebody by the name that this client knows them by. */
  nameOf(author: Author): Promise<Author>;
}

/**
 * Reads who calls.
 * @param deps staff, clients, what is live
 * @param ctx a request of a route that asks for a token
 */
export async function actingIn(deps: ConfigurationApiDeps, ctx: EdgeContext): Promise<Calling> {
  const { clientId } = callerOf(ctx);
  const names = new Map<string, Promise<string>>();
  const subjectOf = (memberId: string) => {
    const name = names.get(memberId) ?? deps.apiTokens.subjectFor(clientId, memberId);
    names.set(memberId, name);
    return name;
  };
  return {
    ...actingBy(deps, await powerOf(deps, ctx), ctx.state.visit),
    async nameOf({ kind, id }) {
      return { kind, id: kind === 'member' ? await subjectOf(id) : id };
    },
  };
}
