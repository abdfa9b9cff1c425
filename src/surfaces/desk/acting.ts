/** Somebody who acts on the configuration, and what they may do with which items, wherever these lie. */
import { DomainError } from '../../base/kernel/errors.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import type { Who } from '../../business/releases/draft-writes.ts';
import { allows, type Permission, type Place, type StaffGrant } from '../../people/staff/grants.ts';
import { type PlacesDeps, placesOf } from './places.ts';
import type { Power } from './power.ts';

/** Somebody who acts. */
export interface Acting {
  /** As drafts and publications record it. */
  who: Who;
  grants: readonly StaffGrant[];
  /** With which of these items they may do it. */
  allowed(permission: Permission, paths: readonly string[]): Promise<ReadonlySet<string>>;
  /** Lets them go on only if they may do it with every item. @throws DomainError as `Power.require` */
  require(permission: Permission, paths: readonly string[]): Promise<void>;
  /**
   * The same for a site that is not there yet, at a named place: what was granted for a site by its id says nothing
   * about where one may be made.
   */
  requireAt(permission: Permission, path: string, place: Place): void;
  /** Lets them go on only if they may do it with anything at all. @throws DomainError `permission.missing` */
  requireSome(permission: Permission): void;
  /** Lets them go on only if they may do it with everything. @throws DomainError `permission.missing` */
  requireEverywhere(permission: Permission): void;
}

/**
 * Somebody who acts in a request.
 * @param deps clients, what is live
 * @param power what they may do
 * @param visit the request
 */
export function actingBy(deps: PlacesDeps, power: Power, visit: Visit): Acting {
  return {
    who: { by: power.principal, visit },
    grants: power.grants,
    async allowed(permission, paths) {
      const placeOf = await placesOf(deps, paths);
      return new Set(paths.filter((path) => power.may(permission, path, placeOf(path))));
    },
    async require(permission, paths) {
      const placeOf = await placesOf(deps, paths);
      for (const path of paths) power.require(permission, path, placeOf(path));
    },
    requireAt(permission, path, { brand, market }) {
      const { regionsOf } = deps.releases.live.current().all.configuration;
      const place = { brand, market, regions: market === undefined ? [] : regionsOf(market) };
      power.require(permission, path, place);
      const around = power.grants.map((grant) => ({
        ...grant,
        layers: grant.layers.filter((layer) => !layer.startsWith('site:')),
      }));
      if (!allows(around, permission, path, place)) throw new DomainError('permission.missing');
    },
    requireSome(permission) {
      const some = power.grants.some((grant) => grant.permission === permission || permission === 'read');
      if (!some) throw new DomainError('permission.missing');
    },
    requireEverywhere(permission) {
      const all = power.grants.some((grant) => grant.permission === permission && grant.layers.includes('*'));
      if (!all) throw new DomainError('permission.missing');
    },
  };
}
