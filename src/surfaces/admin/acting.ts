/** Who acts in a request, what they may do with which items, and what they are told of others. */
import { callerOf, type EdgeContext } from '../../base/http/context.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { Who } from '../../business/releases/draft-writes.ts';
import type { Author } from '../../business/releases/model.ts';
import type { Permission, Place } from '../../people/staff/grants.ts';
import type { ConfigurationApiDeps } from './deps.ts';
import { placesOf } from './places.ts';
import { powerOf } from './power.ts';

/** Who acts in a request. */
export interface Acting {
  /** As drafts and publications record it. */
  who: Who;
  /** Which of these items the caller may read. */
  readable(paths: readonly string[]): Promise<ReadonlySet<string>>;
  /** Lets the caller go on only if they may do it with every item. @throws DomainError as `Power.require` */
  require(permission: Permission, paths: readonly string[]): Promise<void>;
  /** The same for an item that is not there yet, at a named place. */
  requireAt(permission: Permission, path: string, place: Place): void;
  /** Lets the caller go on only if they may do it with anything at all. @throws DomainError `permission.missing` */
  requireSome(permission: Permission): void;
  /** Lets the caller go on only if they may do it with everything. @throws DomainError `permission.missing` */
  requireEverywhere(permission: Permission): void;
  /** Somebody by the name that this client knows them by. */
  nameOf(author: Author): Promise<Author>;
}

/**
 * Reads who acts in a request.
 * @param deps staff, clients, what is live
 * @param ctx a request of a route that asks for a token
 */
export async function actingIn(deps: ConfigurationApiDeps, ctx: EdgeContext): Promise<Acting> {
  const power = await powerOf(deps, ctx);
  const { clientId } = callerOf(ctx);
  const names = new Map<string, Promise<string>>();
  const subjectOf = (memberId: string) => {
    const name = names.get(memberId) ?? deps.apiTokens.subjectFor(clientId, memberId);
    names.set(memberId, name);
    return name;
  };
  return {
    who: { by: power.principal, visit: ctx.state.visit },
    async readable(paths) {
      const placeOf = await placesOf(deps, paths);
      return new Set(paths.filter((path) => power.may('read', path, placeOf(path))));
    },
    async require(permission, paths) {
      const placeOf = await placesOf(deps, paths);
      for (const path of paths) power.require(permission, path, placeOf(path));
    },
    requireAt(permission, path, { brand, market }) {
      const { regionsOf } = deps.releases.live.current().all.configuration;
      power.require(permission, path, {
        brand,
        market,
        regions: market === undefined ? [] : regionsOf(market),
      });
    },
    requireSome(permission) {
      const some = power.grants.some((grant) => grant.permission === permission || permission === 'read');
      if (!some) throw new DomainError('permission.missing');
    },
    requireEverywhere(permission) {
      const all = power.grants.some((grant) => grant.permission === permission && grant.layers.includes('*'));
      if (!all) throw new DomainError('permission.missing');
    },
    async nameOf({ kind, id }) {
      return { kind, id: kind === 'member' ? await subjectOf(id) : id };
    },
  };
}
