/**
 * The unit of work: what one request reads and writes of artefacts. Nothing is read twice, and everything written
 * leaves in one command before any byte of the answer: a failed flush means 503 and no cookie, code or token. It
 * never keeps anything longer than its request.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Artefact } from './model.ts';
import type { ArtefactStore, MemberDocument, Statement } from './store.ts';

/** A spent or replayed artefact was found only when it was to be spent: somebody else was faster. */
export class LostRace extends Error {
  /** The library's model name of the artefact that was spent already. */
  readonly kind: string;

  /** @param kind the library's model name */
  constructor(kind: string) {
    super(`${kind} was spent by another request`);
    this.name = 'LostRace';
    this.kind = kind;
  }
}

/** How a pending document relates to what is stored. */
type Pending =
  | { mode: 'replace'; document: Artefact }
  | { mode: 'insert'; document: Artefact }
  | { mode: 'patch'; set: Record<string, unknown>; unset: Record<string, true>; absent: string[] }
  | { mode: 'decide'; set: Record<string, unknown> }
  | { mode: 'bury'; expiresAt: Date; instead: Pending | undefined };

/** What spending leaves behind. */
type Spent =
  | { consumed: number; successor?: string }
  | { consumed: number; displaced: true }
  | { gone: true; expiresAt: Date };

/** Kinds that may travel with a consume in an unordered batch: unguessable, and dead when their source was lost. */
const tokenKinds = new Set(['AccessToken', 'RefreshToken', 'AuthorizationCode', 'ClientCredentials']);

/** The reads and writes of one request. */
export class ArtefactUnit {
  readonly #store: ArtefactStore;
  readonly #artefacts = new Map<string, Artefact | undefined>();
  readonly #members = new Map<string, MemberDocument>();
  readonly #pending = new Map<string, Pending>();
  readonly #spends = new Map<string, { kind: string; set: Spent; standing: Record<string, unknown> }>();
  readonly #revokedGrants = new Map<string, Date>();
  readonly #afterFlush: (() => void)[] = [];
  #hints: string[] = [];
  #clients: string[] = [];

  /** @param store where artefacts live */
  constructor(store: ArtefactStore) {
    this.#store = store;
  }

  /**
   * Names artefacts this request will probably want, so that its first read brings them along.
   * @param ids `_id`s, such as those its cookies lead to
   * @param clients clients whose grants will be wanted
   */
  hint(ids: readonly string[], clients: readonly string[]): void {
    this.#hints.push(...ids);
    this.#clients.push(...clients);
  }

  /**
   * An artefact by `_id`, as this request sees it: pending writes included, tombstones not.
   * @param id `_id`
   */
  async find(id: string): Promise<Artefact | undefined> {
    if (!this.#artefacts.has(id)) await this.#load([id, ...this.#takeHints()]);
    const found = this.#artefacts.get(id);
    return found?.gone ? undefined : found;
  }

  /**
   * Whether this request has asked for an artefact already, found or not; asks nobody.
   * @param id `_id`
   */
  asked(id: string): boolean {
    return this.#artefacts.has(id);
  }

  /**
   * A member that came along with an artefact of this request.
   * @param memberId member id
   */
  member(memberId: string): MemberDocument | undefined {
    return this.#members.get(memberId);
  }

  /**
   * Hands over a member that the request has read elsewhere, so that it is not read again.
   * @param member a document of the members' collection
   */
  keepMember(member: MemberDocument): void {
    this.#members.set(member._id, member);
  }

  /** Writes a whole document over what is stored; the flush fails with {@link LostRace} over a tombstone. */
  replace(document: Artefact): void {
    this.#artefacts.set(document._id, document);
    this.#pending.set(document._id, { mode: 'replace', document });
  }

  /** Writes a document that must not exist yet. */
  insert(document: Artefact): void {
    this.#artefacts.set(document._id, document);
    this.#pending.set(document._id, { mode: 'insert', document });
  }

  /**
   * Changes fields of a stored document and leaves the others to whoever changes them at the same time.
   * @param document the document as it shall be seen by this request
   * @param set fields to set, by path
   * @param unset paths to remove
   * @param absent paths that must not be there yet; the flush fails with {@link LostRace} when somebody was faster
   */
  patch(
    document: Artefact,
    set: Record<string, unknown>,
    unset: readonly string[] = [],
    absent: readonly string[] = [],
  ): void {
    const pending = this.#pending.get(document._id);
    if (pending?.mode === 'bury') return;
    this.#artefacts.set(document._id, document);
    if (pending?.mode === 'decide') {
      Object.assign(pending.set, set);
      return;
    }
    if (pending && pending.mode !== 'patch') {
      this.#pending.set(document._id, { mode: pending.mode, document });
      return;
    }
    const merged = pending ?? { mode: 'patch' as const, set: {}, unset: {}, absent: [] };
    Object.assign(merged.set, set);
    merged.absent.push(...absent);
    for (const path of unset) merged.unset[path] = true;
    this.#pending.set(document._id, merged);
  }

  /**
   * Says once and for all what came of an artefact that somebody else waits for. It is written last, so that whoever
   * sees the decision sees what it rests on; the flush fails with {@link LostRace} when it was decided or spent before.
   * @param document the document as it shall be seen by this request
   * @param set fields to set
   */
  decide(document: Artefact, set: Record<string, unknown>): void {
    this.#artefacts.set(document._id, document);
    this.#pending.set(document._id, { mode: 'decide', set: { ...set, decided: true } });
  }

  /**
   * Hands over an artefact that this request has read by a command of its own, or what it has found to be absent.
   * @param id `_id`
   * @param artefact as read; undefined when there is none
   */
  know(id: string, artefact: Artefact | undefined): void {
    this.#artefacts.set(id, artefact);
  }

  /**
   * Spends an artefact: the flush fails with {@link LostRace} when somebody else spent it first, or when what was
   * spent already is not as it was read.
   * @param artefact the artefact as read
   * @param set `consumed` for what must be remembered as spent, `gone` for what may disappear
   */
  spend(artefact: Artefact, set: Spent): void {
    const standing =
      artefact.consumed === undefined
        ? { consumed: { $exists: false } }
        : { consumed: artefact.consumed, successor: artefact.successor };
    this.#artefacts.set(artefact._id, { ...artefact, ...set });
    this.#pending.delete(artefact._id);
    this.#spends.set(artefact._id, { kind: artefact.kind, set, standing });
  }

  /**
   * Remembers, with what this request spends of a kind, what takes its place.
   * @param kind the library's model name
   * @param successor `_id` of the new artefact
   */
  replaceSpent(kind: string, successor: string): void {
    for (const spent of this.#spends.values()) {
      const { set } = spent;
      if (spent.kind === kind && 'consumed' in set && !('displaced' in set))
        spent.set = { ...set, successor };
    }
  }

  /**
   * Makes an artefact disappear, whether it was stored or only pending.
   * @param id `_id`
   * @param expiresAt when housekeeping may delete the tombstone
   */
  bury(id: string, expiresAt: Date): void {
    const known = this.#artefacts.get(id);
    if (known) this.#artefacts.set(id, { ...known, gone: true });
    this.#pending.set(id, { mode: 'bury', expiresAt, instead: this.#pending.get(id) });
  }

  /**
   * Takes back what this request itself has buried, as if it had not; what was gone before stays so.
   * @param id `_id`
   * @returns the document as this request saw it before
   */
  exhume(id: string): Artefact | undefined {
    const pending = this.#pending.get(id);
    const known = this.#artefacts.get(id);
    if (pending?.mode !== 'bury' || !known) return undefined;
    if (pending.instead) this.#pending.set(id, pending.instead);
    else this.#pending.delete(id);
    const { gone: _buried, ...alive } = known;
    this.#artefacts.set(id, alive);
    return alive;
  }

  /**
   * Makes everything issued under a grant disappear; the grant itself is buried by its own id.
   * @param grant `_id` of the grant
   * @param expiresAt when housekeeping may delete the tombstones
   */
  revokeGrant(grant: string, expiresAt: Date): void {
    this.#revokedGrants.set(grant, expiresAt);
  }

  /**
   * Forgets what a refused request would have spent and made anew; what it has ended stays ended.
   */
  takeBack(): void {
    for (const [id, { set }] of this.#spends) if ('consumed' in set) this.#spends.delete(id);
    for (const [id, { mode }] of this.#pending)
      if (mode === 'insert' || mode === 'replace') this.#pending.delete(id);
  }

  /**
   * Calls back once everything is durable; never when the flush failed.
   * @param hook must not throw
   */
  afterFlush(hook: () => void): void {
    this.#afterFlush.push(hook);
  }

  /**
   * Writes everything pending. A consume beside tokens rides in the shared batch; beside anything else it goes
   * first in an ordered command of its own, which stops when the race is lost.
   * @throws LostRace when something was spent by another request
   */
  async flush(): Promise<void> {
    const spends = [...this.#spends].map(([id, { kind, set, standing }]) => ({
      kind,
      statement: spendStatement(id, set, standing),
    }));
    // What was spent cannot be asked for again, so nothing else may refuse a request that spends.
    const writes = this.#writeStatements(spends.length === 0);
    const kinds = [...spends.map(({ kind }) => kind), ...writes.map(({ kind }) => kind)];
    const statements = [...spends, ...writes].map(({ statement }) => statement);
    const decides = [...this.#pending.values()].some(({ mode }) => mode === 'decide');
    this.#spends.clear();
    this.#pending.clear();
    this.#revokedGrants.clear();
    if (statements.length > 0) {
      // Of two things that are spent together, the second must not be when the first is lost.
      const alone =
        decides ||
        spends.length > 1 ||
        (spends.length > 0 && writes.some(({ kind }) => !tokenKinds.has(kind)));
      const lost = await (alone ? this.#store.writeInOrder(statements) : this.#store.write(statements));
      const first = lost[0];
      if (first !== undefined) throw new LostRace(kinds[first] ?? 'artefact');
    }
    for (const hook of this.#afterFlush.splice(0)) hook();
  }

  #writeStatements(guarded: boolean): { kind: string; statement: Statement }[] {
    const order = (kind: string) => (kind === 'Grant' ? 0 : kind.startsWith('Session') ? 1 : 2);
    const writes = [...this.#pending].map(([id, pending]) => {
      const kind = id.slice(0, id.indexOf(':'));
      const rank = pending.mode === 'decide' ? 3 : order(kind);
      return { kind, rank, statement: pendingStatement(id, pending, guarded) };
    });
    writes.sort((left, right) => left.rank - right.rank);
    for (const [grant, expiresAt] of this.#revokedGrants) {
      const u = { $set: { gone: true, expiresAt } };
      writes.push({
        kind: 'Revocation',
        rank: 4,
        // An interaction leans on a grant but was not issued under it: whoever is being asked goes on, as somebody else.
        statement: { q: { grant, kind: { $ne: 'Interaction' }, gone: { $exists: false } }, u, multi: true },
      });
    }
    return writes;
  }

  #takeHints(): string[] {
    const hints = this.#hints.filter((id) => !this.#artefacts.has(id));
    this.#hints = [];
    return hints;
  }

  async #load(ids: string[]): Promise<void> {
    const family = await this.#store.read({ ids, clients: this.#clients });
    for (const artefact of family.artefacts) {
      if (!this.#artefacts.has(artefact._id)) this.#artefacts.set(artefact._id, artefact);
    }
    for (const member of family.members) this.#members.set(member._id, member);
    for (const id of ids) if (!this.#artefacts.has(id)) this.#artefacts.set(id, undefined);
  }
}

/** The winner's update matches; a loser's finds nothing, tries to insert and hits the `_id` that is there. */
function spendStatement(id: string, set: Spent, standing: Record<string, unknown>): Statement {
  return {
    q: { _id: id, ...standing, gone: { $exists: false } },
    u: {
      $set: set,
      $setOnInsert: { kind: 'Stub', ...('expiresAt' in set ? {} : { expiresAt: new Date(0) }) },
    },
    upsert: true,
  };
}

/** As a spend: whoever comes second matches nothing and hits the `_id` that is there. */
function decideStatement(id: string, set: Record<string, unknown>): Statement {
  const open = Object.fromEntries(['decided', 'consumed', 'gone'].map((path) => [path, { $exists: false }]));
  const u = { $set: set, $setOnInsert: { kind: 'Stub', expiresAt: new Date(0) } };
  return { q: { _id: id, ...open }, u, upsert: true };
}

function pendingStatement(id: string, pending: Pending, guarded: boolean): Statement {
  if (pending.mode === 'bury') {
    return { q: { _id: id }, u: { $set: { gone: true, expiresAt: pending.expiresAt } } };
  }
  if (pending.mode === 'patch') {
    const { set, unset, absent } = pending;
    const u = {
      ...(Object.keys(set).length > 0 && { $set: set }),
      ...(Object.keys(unset).length > 0 && { $unset: unset }),
    };
    if (!guarded || absent.length === 0) return { q: { _id: id }, u };
    const missing = Object.fromEntries([...absent, 'gone'].map((path) => [path, { $exists: false }]));
    return { q: { _id: id, ...missing }, u: { ...u, $setOnInsert: { kind: 'Stub' } }, upsert: true };
  }
  if (pending.mode === 'decide') return decideStatement(id, pending.set);
  const { _id, ...rest } = pending.document;
  if (pending.mode === 'insert') {
    // No stored document is that old, so the query never matches and the upsert inserts or collides.
    return { q: { _id, expiresAt: { $lt: new Date(0) } }, u: { $setOnInsert: rest }, upsert: true };
  }
  // A tombstone is not written over: the query misses it, and the upsert collides with its `_id`.
  return { q: { _id, gone: { $exists: false } }, u: { _id, ...rest }, upsert: true };
}

const storage = new AsyncLocalStorage<ArtefactUnit>();

/**
 * Runs a request or job with a unit of work of its own and flushes it at the end.
 * @param store where artefacts live
 * @param work the request; what it wrote is durable when this returns
 */
export async function inUnit<T>(store: ArtefactStore, work: (unit: ArtefactUnit) => Promise<T>): Promise<T> {
  const unit = new ArtefactUnit(store);
  return storage.run(unit, async () => {
    const result = await work(unit);
    await unit.flush();
    return result;
  });
}

/**
 * The unit of the present request or job.
 * @throws Error outside of {@link inUnit}
 */
export function currentUnit(): ArtefactUnit {
  const unit = storage.getStore();
  if (!unit) throw new Error('artefacts are read and written inside a unit of work only');
  return unit;
}
