/** What somebody who is not there may still do: asked again where what they once decided is to count. */
import type { Author } from '../../business/releases/model.ts';
import type { MayPublish } from '../../business/releases/orders.ts';
import type { Standing } from '../../business/releases/standing.ts';
import type { Members } from '../../people/members/members.ts';
import { allows, type StaffGrant } from '../../people/staff/grants.ts';
import type { Staff } from '../../people/staff/staff.ts';
import { type PlacesDeps, placesOf } from './places.ts';

/** What asking takes. */
export interface StandingQuestions extends PlacesDeps {
  staff: Pick<Staff, 'grantsOf' | 'responsibleFor'>;
  members: Pick<Members, 'get'>;
}

/**
 * Whether whoever planned a publication still may when it is due: what was taken away meanwhile counts. Operators and
 * the system itself are not granted anything.
 * @param deps staff, members, clients, what is live
 */
export function mayStillPublish(deps: StandingQuestions): MayPublish {
  return async (by, items, ending) => {
    const grants = await grantsNow(deps, by);
    if (!grants) return true;
    const placeOf = await placesOf(deps, items);
    const mayEnd = grants.some(({ permission, layers }) => permission === 'publish' && layers.includes('*'));
    return (!ending || mayEnd) && items.every((item) => allows(grants, 'publish', item, placeOf(item)));
  };
}

/**
 * Whether whoever approved a draft still may approve all of it, and who answers for a machine that changed it.
 * @param deps staff, members, clients, what is live
 */
export function standingOf(deps: StandingQuestions): Standing {
  return {
    async mayApprove(by, items) {
      const grants = await grantsNow(deps, by);
      if (!grants) return true;
      const placeOf = await placesOf(deps, items);
      return items.every((item) => allows(grants, 'approve', item, placeOf(item)));
    },
    async answerFor(machine) {
      return (await deps.staff.responsibleFor(machine)).map((id) => ({ kind: 'member', id }));
    },
  };
}

/** What somebody was granted; nothing for a member whose account is locked or gone, undefined for whoever needs no grant. */
async function grantsNow(
  { staff, members }: Pick<StandingQuestions, 'staff' | 'members'>,
  { kind, id }: Author,
): Promise<readonly StaffGrant[] | undefined> {
  if (kind !== 'member' && kind !== 'client') return undefined;
  if (kind === 'member' && (await members.get(id))?.status !== 'active') return [];
  return staff.grantsOf({ kind, id });
}
