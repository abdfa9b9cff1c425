/** A draft as a form has seen it: what was sent counts against that version only, and a second click for nothing. Pure. */
import { DomainError } from '../../base/kernel/errors.ts';
import type { Draft } from '../../business/releases/draft.ts';
import type { Seen } from '../../business/releases/drafts.ts';

/**
 * The draft to act on.
 * @param draft as it is
 * @param version that the form was made for
 * @param isDone whether what is asked for is so already: a first click has done it
 * @returns undefined when there is nothing left to do
 * @throws DomainError `draft.changed`
 */
export function seenByForm(draft: Draft, version: string, isDone: () => boolean): Seen | undefined {
  if (String(draft.version) === version) return { id: draft.id, version: draft.version };
  if (isDone()) return undefined;
  throw new DomainError('draft.changed');
}
