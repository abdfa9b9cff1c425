/**
 * Sessions in the store: keyed by their unchanging uid, reached from the cookie through a pointer, and written as
 * differences, so that three relying parties signing on at the same moment each add their own entry.
 */
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { dateOf, epochSeconds } from '../../../base/kernel/clock.ts';
import { digest, ifKeyLives } from '../../../base/kernel/sealing.ts';
import { type Artefact, artefactId, entryKey, type SessionEntry } from './model.ts';
import { type AdapterDeps, deletableAt, isOfPresentEpoch, tombstoneUntil } from './rules.ts';
import { currentUnit } from './unit.ts';

/** A sliding expiry that moved less than this is not worth a write. */
const slideSeconds = 300;

type Authorizations = NonNullable<AdapterPayload['authorizations']>;

/**
 * Builds the adapter of the Session model.
 * @param deps sealer, clock, epochs
 */
export function createSessionAdapter(deps: AdapterDeps): Adapter {
  return {
    async find(jti) {
      if (!jti) return undefined;
      const unit = currentUnit();
      const pointer = await unit.find(artefactId('SessionCookie', jti));
      const session = pointer?.session ? await unit.find(pointer.session) : undefined;
      if (session?.cookie !== digest(jti)) return undefined;
      const payload = await readable(session, deps);
      return payload && { ...payload, jti };
    },
    async findByUid(uid) {
      if (!uid) return undefined;
      const session = await currentUnit().find(artefactId('Session', uid));
      return session && readable(session, deps);
    },
    async upsert(jti, payload) {
      await write(jti, payload, deps);
    },
    async destroy(jti) {
      const unit = currentUnit();
      const until = tombstoneUntil(deps.clock);
      const pointerId = artefactId('SessionCookie', jti);
      const pointer = await unit.find(pointerId);
      unit.bury(pointerId, until);
      const session = pointer?.session ? await unit.find(pointer.session) : undefined;
      // A rotation destroys the old cookie first and writes the session under the new one: see `write`.
      if (session && session.cookie === digest(jti)) unit.bury(session._id, until);
    },
    async consume() {
      throw new Error('consume is not used with this model');
    },
    async revokeByGrantId() {
      throw new Error('revokeByGrantId is not used with this model');
    },
    async findByUserCode() {
      throw new Error('findByUserCode is not used with this model');
    },
  };
}

/**
 * A stored session as the library knows it, or undefined when it is of an older epoch or over, or its key was revoked.
 * @param session the artefact
 * @param deps sealer, clock, epochs
 */
export async function readable(
  session: Artefact,
  deps: Pick<AdapterDeps, 'sealer' | 'clock' | 'liveEpoch'>,
): Promise<AdapterPayload | undefined> {
  if (!session.sealed || session.exp === undefined || session.exp <= epochSeconds(deps.clock))
    return undefined;
  if (!(await isOfPresentEpoch(session, deps))) return undefined;
  return ifKeyLives(() => ({
    ...JSON.parse(openCore(session, deps)),
    exp: session.exp,
    ...(session.entries && { authorizations: openEntries(session, deps) }),
  }));
}

function openCore(session: Artefact, deps: Pick<AdapterDeps, 'sealer'>): string {
  return deps.sealer.open(session.sealed ?? '', `artefacts.sealed.${session._id}`).toString();
}

function openEntries(session: Artefact, deps: Pick<AdapterDeps, 'sealer'>): Authorizations {
  const open = (key: string, entry: SessionEntry) =>
    JSON.parse(deps.sealer.open(entry.sealed, `artefacts.entries.${session._id}.${key}`).toString());
  return Object.fromEntries(
    Object.entries(session.entries ?? {}).map(([key, entry]) => [entry.client, open(key, entry)]),
  );
}

async function write(jti: string, payload: AdapterPayload, deps: AdapterDeps): Promise<void> {
  const unit = currentUnit();
  const { jti: _cookie, exp = 0, authorizations = {}, uid = '', ...rest } = payload;
  const _id = artefactId('Session', uid);
  const core = JSON.stringify({ uid, ...rest });
  // Destroyed by this very request means rotated: only the differences are written, as for any other change.
  // A session that this request has never read is one it has just begun under a new uid: nothing to look up.
  const begun = !unit.asked(_id);
  const before = begun ? undefined : ((await unit.find(_id)) ?? unit.exhume(_id));
  const entries = sealEntries(_id, authorizations, before, deps);
  const cookie = digest(jti);
  const rotated = before?.cookie !== cookie;
  const changed = !before?.sealed || openCore(before, deps) !== core;
  const member = payload.accountId;
  const epoch = await epochFor(member, before, deps);
  const next: Artefact = {
    _id,
    kind: 'Session',
    cookie,
    exp,
    expiresAt: deletableAt(exp),
    entries: Object.fromEntries(entries.map(([key, { entry }]) => [key, entry])),
    sealed: changed || !before?.sealed ? deps.sealer.seal(core, `artefacts.sealed.${_id}`) : before.sealed,
    ...(member && { member }),
    ...(epoch !== undefined && { epoch }),
    ...seenOf(_id, before, deps),
  };
  if (rotated) {
    unit.replace({
      _id: artefactId('SessionCookie', jti),
      kind: 'SessionCookie',
      session: _id,
      expiresAt: deletableAt(exp),
    });
  }
  if (!before) {
    if (begun) unit.insert(next);
    else unit.replace(next);
    return;
  }
  const set = differences(before, next, entries);
  const gone = Object.keys(before.entries ?? {}).filter((key) => !(key in (next.entries ?? {})));
  const worthIt = rotated || changed || gone.length > 0 || entries.some(([, { fresh }]) => fresh);
  const slid = Math.abs(exp - (before.exp ?? 0)) >= slideSeconds;
  if (worthIt || slid) {
    // Two tabs of one site must not both make its first entry: the second one takes up the first one's grant.
    const first = entries.map(([key]) => key).filter((key) => !(key in (before.entries ?? {})));
    unit.patch(next, set, gone.map(entryPath), first.map(entryPath));
  }
}

const entryPath = (key: string) => `entries.${key}`;

/** The fields of a session that differ from what is stored; entries one by one, so that nobody's is overwritten. */
function differences(
  before: Artefact,
  next: Artefact,
  entries: readonly [string, { entry: SessionEntry; fresh: boolean }][],
): Record<string, unknown> {
  const set: Record<string, unknown> = { exp: next.exp, expiresAt: next.expiresAt };
  for (const field of ['cookie', 'sealed', 'member', 'epoch', 'seen'] as const) {
    if (next[field] !== undefined && next[field] !== before[field]) set[field] = next[field];
  }
  for (const [key, { entry, fresh }] of entries) if (fresh) set[entryPath(key)] = entry;
  return set;
}

/** Entries in stored form; an unchanged one keeps its seal, so that it is not written again. */
function sealEntries(
  sessionId: string,
  authorizations: Authorizations,
  before: Artefact | undefined,
  deps: AdapterDeps,
): [string, { entry: SessionEntry; fresh: boolean }][] {
  const known = before ? openEntries(before, deps) : {};
  return Object.entries(authorizations).map(([client, value]) => {
    const key = entryKey(client);
    const plain = JSON.stringify(value);
    const stored = before?.entries?.[key];
    if (stored && JSON.stringify(known[client]) === plain) return [key, { entry: stored, fresh: false }];
    const entry: SessionEntry = {
      client,
      ...(value.grantId && { grant: artefactId('Grant', value.grantId) }),
      sealed: deps.sealer.seal(plain, `artefacts.entries.${sessionId}.${key}`),
    };
    return [key, { entry, fresh: true }];
  });
}

/** A session keeps the epoch it was born with; a new sign-in is born in the present one. */
async function epochFor(
  member: string | undefined,
  before: Artefact | undefined,
  deps: AdapterDeps,
): Promise<number | undefined> {
  if (!member) return undefined;
  if (before?.member === member && before.epoch !== undefined) return before.epoch;
  return deps.liveEpoch(member);
}

/** What the member sees of the session: renewed at most hourly, so that it costs no write of its own. */
function seenOf(id: string, before: Artefact | undefined, deps: AdapterDeps): Pick<Artefact, 'seen'> {
  const context = `artefacts.seen.${id}`;
  const hour = Math.floor(dateOf(deps.clock).getTime() / 3_600_000);
  const described = deps.describeVisit();
  if (!described) return before?.seen ? { seen: before.seen } : {};
  const { seen } = before ?? {};
  if (seen) {
    const old = ifKeyLives(() => JSON.parse(deps.sealer.open(seen, context).toString()));
    if (old?.hour === hour && old.visit === described) return { seen };
  }
  return { seen: deps.sealer.seal(JSON.stringify({ hour, visit: described }), context) };
}
