/** What forms of the console let one choose from: brands that one may do something with, and drafts. */
import { brandPath, parseItemPath } from '../../business/layers/item-path.ts';
import { isObject, type Json } from '../../business/layers/json.ts';
import type { Draft } from '../../business/releases/draft.ts';
import type { Permission } from '../../people/staff/grants.ts';
import type { Acting } from '../desk/acting.ts';
import type { ConsoleDeps } from './deps.ts';
import type { Choice } from './look-views.ts';
import type { StaffHere } from './staff.ts';

/** Most drafts that are offered. */
const mostDrafts = 50;
/** A draft in one of these states can still be changed. */
const changeable: readonly Draft['state'][] = ['open', 'submitted', 'approved'];

/**
 * The drafts that can still be changed, the newest first.
 * @param deps drafts
 * @param chosen one that is chosen, whatever its state
 * @param editor leaves out what somebody may not change as a whole
 */
export async function draftChoices(
  { workflow }: Pick<ConsoleDeps, 'workflow'>,
  chosen: Draft | undefined,
  editor?: Acting,
): Promise<Choice[]> {
  const { items } = await workflow.drafts.list({ limit: mostDrafts });
  const changed = items.filter(({ id, state }) => changeable.includes(state) && id !== chosen?.id);
  const paths = [...new Set(changed.flatMap(itemsOf))];
  const allowed = editor ? await editor.allowed('edit', paths) : new Set(paths);
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
  const drafted = (draft?.changes ?? []).flatMap(({ item, change }) => {
    const name = parseItemPath(item);
    return name?.kind === 'brand' && change === 'put' ? [name.brand] : [];
  });
  const brands = [...new Set([...configuration.brands.keys(), ...drafted])].sort();
  const allowed = await acting.allowed(permission, brands.map(brandPath));
  return brands
    .filter((brand) => allowed.has(brandPath(brand)))
    .map((value) => ({ value, label: nameIn(configuration.joinedOf({ brand: value }).look) ?? value }));
}

function nameIn(look: Json | undefined): string | undefined {
  return isObject(look) && typeof look.name === 'string' ? look.name : undefined;
}
