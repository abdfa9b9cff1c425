/**
 * The PersonalData port: every room that stores anything keyed by member joins it, so that the access bundle,
 * erasure, merge and un-merge are loops over it (GDPR articles 15, 17, 20).
 */

/** Fields that a legal hold keeps through an erasure, as `collection.field`. */
export type HeldFields = ReadonlySet<string>;

/** What a merge moved, so that an un-merge can move it back. */
export interface UndoRecord {
  room: string;
  moved: readonly { collection: string; id: string }[];
}

/** One room's part in the rights of a person; every method is idempotent and can be resumed. */
export interface PersonalData {
  /** The room's name, as the architecture test knows it. */
  readonly room: string;
  /** The collections that hold documents keyed by member. */
  readonly collections: readonly string[];
  /** Everything the room holds about the member, readable, without secrets. */
  export(memberId: string): Promise<Record<string, unknown>>;
  /** Forgets the member except held fields; append-only rooms pseudonymise instead of deleting. */
  erase(memberId: string, keep: HeldFields): Promise<void>;
  /** Moves what belongs to `from` over to `to` and says what moved. */
  reassign(from: string, to: string): Promise<UndoRecord>;
}
