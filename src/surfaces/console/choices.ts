/** What forms of the console let one choose from: brands that one may do something with, and drafts. */
import type { Configuration } from '../../business/layers/configuration.ts';
import { brandMarketPath, brandPath, parseItemPath } from '../../business/layers/item-path.ts';
import { isObject, type Json } from '../../business/layers/json.ts';
import type { Draft } from '../../business/releases/draft.ts';
import type { Permission } from '../../people/staff/grants.ts';
import type { Acting } from '../desk/acting.ts';
import { draftsFor } from '../desk/draft-sight.ts';
import type { ConsoleDeps } from './deps.ts';
import type { Choice } from './look-views.ts';
import type { StaffHere } from './staff.ts';

/** Most drafts that are offered. */
const mostDrafts = 50;
/** A draft in one of these states can still be changed. */
const changeable: readonly Draft['state'][] = ['open', 'submitted', 'approved'];

/**
 * The drafts that can still be changed, the newest first.
 * @param deps drafts, clients, what is live
 * @param acting whoever chooses
 * @param which one that is chosen, whatever its state; whether only what they may change as a whole is offered
 */
export async function draftChoices(
  deps: Pick<ConsoleDeps, 'workflow' | 'clients' | 'releases'>,
  acting: Acting,
  { chosen, editable = false }: { chosen?: Draft | undefined; editable?: boolean },
): Promise<Choice[]> {
  const { items } = await draftsFor(deps, acting, { limit: mostDrafts });
  const changed = items.filter(({ id, state }) => changeable.includes(state) && id !== chosen?.id);
  const paths = [...new Set(changed.flatMap(itemsOf))];
  const allowed = editable ? await acting.allowed('edit', paths) : new Set(paths);
  const offered = changed.filter((draft) => itemsOf(draft).every((item) => allowed.has(item)));
  return (chosen ? [chosen, ...offered] : offered).map(({ id, message }) => ({ value: id, label: message }));
}

/**
 * Paths of everything that a draft changes; nothing where there is none.
 * @param draft the draft
 */
export function itemsOf(draft: Pick<Draft, 'changes'> | undefined): string[] {
  return (draft?.changes ?? []).map(({ item }) => item);
}

/**
 * The brands whose own layer somebody may do something with, those that only the draft has among them.
 * @param deps what is live
 * @param here who
 * @param asked what they want to do, and the draft they look at
 */
export async function brandChoices(
  { releases }: Pick<ConsoleDeps, 'releases'>,
  { acting }: Pick<StaffHere, 'acting'>,
  { permission, draft }: { permission: Permission; draft: Draft | undefined },
): Promise<Choice[]> {
  const { configuration } = releases.live.current().all;
  const brands = brandsWith(configuration, draft);
  const allowed = await acting.allowed(permission, brands.map(brandPath));
  return brands
    .filter((brand) => allowed.has(brandPath(brand)))
    .map((value) => ({ value, label: brandName(configuration, value) }));
}

/** A brand with the layers of its look that somebody may read. */
export interface LookPlaces extends Choice {
  /** Whether its own layer is among them. */
  everywhere: boolean;
  markets: readonly string[];
}

/**
 * The brands of which somebody may read a layer: their own, or one in a market.
 * @param deps what is live
 * @param here who
 * @param draft the draft they look at
 */
export async function lookPlaces(
  { releases }: Pick<ConsoleDeps, 'releases'>,
  { acting }: Pick<StaffHere, 'acting'>,
  draft: Draft | undefined,
): Promise<LookPlaces[]> {
  const { configuration } = releases.live.current().all;
  const brands = brandsWith(configuration, draft);
  const markets = [...configuration.markets.keys()];
  const allowed = await acting.allowed(
    'read',
    brands.flatMap((brand) => [brandPath(brand), ...markets.map((market) => brandMarketPath(brand, market))]),
  );
  return brands
    .map((brand) => ({
      value: brand,
      label: brandName(configuration, brand),
      everywhere: allowed.has(brandPath(brand)),
      markets: markets.filter((market) => allowed.has(brandMarketPath(brand, market))),
    }))
    .filter(({ everywhere, markets: some }) => everywhere || some.length > 0);
}

/** Brands that are live, and those that only the draft has. */
function brandsWith({ brands }: Configuration, draft: Draft | undefined): string[] {
  const drafted = (draft?.changes ?? []).flatMap(({ item, change }) => {
    const name = parseItemPath(item);
    return name?.kind === 'brand' && change === 'put' ? [name.brand] : [];
  });
  return [...new Set([...brands.keys(), ...drafted])].sort();
}

/**
 * What a brand calls itself, or its id where it has no name.
 * @param configuration what is live
 * @param brand its id
 */
export function brandName(configuration: Configuration, brand: string): string {
  return nameIn(configuration.joinedOf({ brand }).look) ?? brand;
}

function nameIn(look: Json | undefined): string | undefined {
  return isObject(look) && typeof look.name === 'string' ? look.name : undefined;
}
