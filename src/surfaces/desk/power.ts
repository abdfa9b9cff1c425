/**
 * What staff do with the configuration, through whichever surface they come: who may do what with which of its items,
 * and what they see of it. Owns these questions, once for the Configuration API and the console; no addresses, no
 * shapes of answers, no pages, and nothing of how somebody has shown who they are.
 */
import { DomainError } from '../../base/kernel/errors.ts';
import { allows, type Permission, type Place, type StaffGrant } from '../../people/staff/grants.ts';

/** Who acts, as releases and drafts name their authors. */
export interface ActingPrincipal {
  kind: 'member' | 'client';
  id: string;
}

/** What somebody may do. */
export interface Power {
  readonly principal: ActingPrincipal;
  readonly grants: readonly StaffGrant[];
  /** Whether they may do it, with an item by its path. */
  may(permission: Permission, path: string, place?: Place): boolean;
  /**
   * Lets them go on only if they may.
   * @throws DomainError `permission.missing`, and what the bound refuses with
   */
  require(permission: Permission, path: string, place?: Place): void;
}

/** What holds somebody back although they were granted it, such as a token without the scope. */
export interface Bound {
  allows(permission: Permission, path: string): boolean;
  /** Says what is lacking. */
  refusal(permission: Permission, path: string): DomainError;
}

/**
 * What somebody may do: what they were granted as staff, within what holds them back besides.
 * @param principal who
 * @param grants what they were granted
 * @param bound what holds them back; nothing when undefined
 */
export function powerFrom(principal: ActingPrincipal, grants: readonly StaffGrant[], bound?: Bound): Power {
  const within = (permission: Permission, path: string) => bound?.allows(permission, path) ?? true;
  return {
    principal,
    grants,
    may: (permission, path, place) => within(permission, path) && allows(grants, permission, path, place),
    require(permission, path, place) {
      if (bound && !within(permission, path)) throw bound.refusal(permission, path);
      if (!allows(grants, permission, path, place)) throw new DomainError('permission.missing');
    },
  };
}
