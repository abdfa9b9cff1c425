/** Who made, approved or published something, by the name that colleagues know: never by an address. */
import type { Author } from '../../business/releases/model.ts';
import type { ConsoleDeps } from './deps.ts';
import type { StaffHere } from './staff.ts';
import type { ShownPerson } from './views.ts';

/** Tells who is who on one page. */
export type NameOf = (author: Author) => ShownPerson;

/**
 * The names of everybody on a page, read at once.
 * @param deps members
 * @param here who looks
 * @param authors everybody on the page; nobody twice is read
 */
export async function namesOf(
  deps: ConsoleDeps,
  here: Pick<StaffHere, 'member'>,
  authors: readonly (Author | undefined)[],
): Promise<NameOf> {
  const members = authors.flatMap((author) => (author?.kind === 'member' ? [author.id] : []));
  const unique = [...new Set(members)];
  const names = unique.length > 0 ? await deps.members.names(unique) : new Map<string, string>();
  return ({ kind, id }) => ({
    kind,
    // The end of an id tells two people without a name apart.
    name: kind === 'member' ? (names.get(id) ?? id.slice(-6)) : id,
    you: kind === 'member' && id === here.member._id,
  });
}
