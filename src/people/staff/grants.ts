/**
 * What staff may do, and where: grants, and the one question that is asked of them. Pure; who is where in the program
 * (the brand of a site, the regions of a market) is told by whoever asks.
 */
import { z } from 'zod';
import { type ItemName, parseItemPath } from '../../business/layers/item-path.ts';

/** What may be done with a part of the configuration; whoever may do anything with it may read it. */
export const permissions = ['read', 'edit', 'approve', 'publish'] as const;

/** Something that may be done. */
export type Permission = (typeof permissions)[number];

/**
 * Which parts: `*` everything, `program` its own layer and the legal texts, `brand:x` the brand with its markets and
 * sites, `region:x` the region with what lies in it, `market:x` the market with every brand and site in it, `site:x`.
 */
export const layerSelector = z
  .string()
  .regex(
    /^(?:\*|program|(?:brand|region|market):[a-z][a-z0-9-]{0,39}|site:[a-zA-Z0-9][a-zA-Z0-9_-]{2,63})$/,
    '*, program, brand:<id>, region:<id>, market:<id> or site:<client id>',
  );

/** One permission for some parts. */
export const staffGrant = z.strictObject({
  permission: z.enum(permissions),
  layers: z.array(layerSelector).min(1).max(200),
});

/** One permission for some parts. */
export type StaffGrant = z.output<typeof staffGrant>;

/** Where in the program a layer lies, as far as its path does not say it. */
export interface Place {
  /** Of a site. */
  brand?: string | undefined;
  /** Of a site. */
  market?: string | undefined;
  /** Every region around a market, a site or a region. */
  regions?: readonly string[] | undefined;
}

/**
 * Whether grants allow something with a part of the configuration.
 * @param grants what somebody was granted
 * @param permission what they want to do
 * @param path path of the item, such as `brands/volt/markets/de`
 * @param place where it lies
 */
export function allows(
  grants: readonly StaffGrant[],
  permission: Permission,
  path: string,
  place: Place = {},
): boolean {
  const name = parseItemPath(path);
  if (!name) return false;
  return grants.some(
    (grant) =>
      (grant.permission === permission || permission === 'read') &&
      grant.layers.some((selector) => covers(selector, name, place)),
  );
}

function covers(selector: string, name: ItemName, place: Place): boolean {
  if (selector === '*') return true;
  if (selector === 'program') return name.kind === 'program' || name.kind === 'legal';
  const [kind, id = ''] = selector.split(':');
  const own: Place = name.kind === 'site' ? place : { ...name, regions: place.regions };
  if (kind === 'brand') return own.brand === id;
  if (kind === 'market') return own.market === id;
  if (kind === 'site') return name.kind === 'site' && name.site === id;
  // A brand's own layer and the program's lie in no region, whatever the caller says.
  const within =
    ['region', 'market', 'brand-market', 'site'].includes(name.kind) && own.regions?.includes(id);
  return within === true || (name.kind === 'region' && name.region === id);
}

/**
 * What somebody has once more is granted: one entry per permission, parts in order, none twice.
 * @param before what they have
 * @param more what is added
 */
export function withGrants(before: readonly StaffGrant[], more: readonly StaffGrant[]): StaffGrant[] {
  return permissions.flatMap((permission) => {
    const layers = [...before, ...more]
      .filter((grant) => grant.permission === permission)
      .flatMap((grant) => grant.layers);
    return layers.length > 0 ? [{ permission, layers: [...new Set(layers)].sort() }] : [];
  });
}

/**
 * What somebody has once less is granted.
 * @param before what they have
 * @param less permissions and parts that are taken away together; every permission or every part when undefined
 */
export function withoutGrants(
  before: readonly StaffGrant[],
  less: { permissions?: readonly Permission[] | undefined; layers?: readonly string[] | undefined },
): StaffGrant[] {
  const kept = before.flatMap(({ permission, layers }) => {
    if (less.permissions && !less.permissions.includes(permission)) return [{ permission, layers }];
    const left = less.layers ? layers.filter((layer) => !less.layers?.includes(layer)) : [];
    return left.length > 0 ? [{ permission, layers: left }] : [];
  });
  return withGrants([], kept);
}
