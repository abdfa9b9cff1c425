/**
 * Sessions of a member across browsers: listing, and ending one, all others or all. It works on stored artefacts and never needs a cookie but that of the present session.
 */
import type { Connection } from 'mongoose';
import { trusted } from '../../base/db/schema.ts';
import { dateOf, epochSeconds } from '../../base/kernel/clock.ts';
import { ifKeyLives } from '../../base/kernel/sealing.ts';
import { type Artefact, artefactId, artefacts } from './artefacts/model.ts';
import { type AdapterDeps, tombstoneUntil } from './artefacts/rules.ts';
import { readable } from './artefacts/session-adapter.ts';
import { inUnit } from './artefacts/unit.ts';

/** A session as the member sees it. */
export interface SessionInfo {
  /** Opaque handle for ending it: not a cookie value, useless anywhere else. */
  id: string;
  /** The library's uid, to recognise the present session. */
  uid: string;
  signedInAt: Date;
  /** Last use, to the hour. */
  lastSeenAt: Date | undefined;
  /** What {@link AdapterDeps.describeVisit} said at that time. */
  visit: string | undefined;
  clients: string[];
}

/** A relying party to be told that a session ended. */
export interface LogoutNotice {
  clientId: string;
  memberId: string;
  sid: string | undefined;
}

/**
 * Keeps what ending sessions owes to relying parties. It is called before anything is ended: a process that dies in
 * between has told somebody too early rather than nobody at all. It must bear being called again with the same.
 */
export type Owe = (notices: LogoutNotice[], ended: readonly SessionInfo[]) => Promise<void>;

/** The member's sessions. */
export interface Sessions {
  /** Live sessions, newest sign-in first. */
  list(memberId: string): Promise<SessionInfo[]>;
  /** Ends sessions of the member for which `choose` is true; without any, nothing is owed. */
  end(memberId: string, choose: (session: SessionInfo) => boolean, owe: Owe): Promise<void>;
  /** Buries every grant of the member for one client, with all that was issued under it. */
  endGrants(memberId: string, clientId: string): Promise<void>;
  /** Buries every grant of a client, with all that was issued under it; it bears being called again. */
  endClient(clientId: string): Promise<void>;
  /**
   * Sweeps what an epoch has outdated: sessions are ended with their notices, grants and tokens buried. The session
   * whose uid is `kept` is left alone: the request that raised the epoch is about to renew it, and if it fails to,
   * the session is dead by its epoch.
   */
  sweep(outdated: Outdated, owe: (notices: LogoutNotice[]) => Promise<void>): Promise<void>;
}

/** What a raised epoch has outdated. */
export interface Outdated {
  memberId: string;
  /** The new epoch. */
  epoch: number;
  /** uid of the session that is left alone. */
  kept?: string | undefined;
}

type SessionDeps = Pick<AdapterDeps, 'store' | 'sealer' | 'clock' | 'liveEpoch'> & { connection: Connection };

/**
 * Builds the sessions.
 * @param deps connection, artefact store, sealer, clock, epochs
 */
export function createSessions(deps: SessionDeps): Sessions {
  const collection = artefacts(deps.connection);

  const stored = (memberId: string) =>
    collection.find({ member: memberId, kind: 'Session', gone: trusted({ $exists: false }) }).toArray();

  const bury = async (sessions: readonly Artefact[]): Promise<void> => {
    const until = tombstoneUntil(deps.clock);
    await inUnit(deps.store, async (unit) => {
      for (const session of sessions) {
        unit.bury(session._id, until);
        for (const { grant } of Object.values(session.entries ?? {})) {
          if (!grant) continue;
          unit.bury(grant, until);
          unit.revokeGrant(grant, until);
        }
      }
    });
  };

  const notices = (session: Artefact, memberId: string): LogoutNotice[] =>
    Object.entries(session.entries ?? {}).map(([key, entry]) => ({
      clientId: entry.client,
      memberId,
      // Without it the notice speaks of all sessions of the member (Back-Channel Logout 1.0 section 2.4).
      sid: ifKeyLives(
        () =>
          JSON.parse(deps.sealer.open(entry.sealed, `artefacts.entries.${session._id}.${key}`).toString())
            .sid,
      ),
    }));

  return {
    async list(memberId) {
      const found: SessionInfo[] = [];
      for (const session of await stored(memberId)) {
        const payload = await readable(session, deps);
        if (payload) found.push(toInfo(session, payload.uid ?? '', payload.loginTs, deps));
      }
      return found.sort((left, right) => right.signedInAt.getTime() - left.signedInAt.getTime());
    },
    async end(memberId, choose, owe) {
      const chosen: { session: Artefact; info: SessionInfo }[] = [];
      for (const session of await stored(memberId)) {
        const payload = await readable(session, deps);
        const info = payload && toInfo(session, payload.uid ?? '', payload.loginTs, deps);
        if (info && choose(info)) chosen.push({ session, info });
      }
      if (chosen.length === 0) return;
      const owed = chosen.flatMap(({ session }) => notices(session, memberId));
      await owe(
        owed,
        chosen.map(({ info }) => info),
      );
      await bury(chosen.map(({ session }) => session));
    },
    async endGrants(memberId, clientId) {
      const grants = await collection.find({ member: memberId, kind: 'Grant', client: clientId }).toArray();
      const until = tombstoneUntil(deps.clock);
      await inUnit(deps.store, async (unit) => {
        for (const grant of grants) {
          unit.bury(grant._id, until);
          unit.revokeGrant(grant._id, until);
        }
      });
    },
    async endClient(clientId) {
      // Grants stand side by side in the index of `_id`; no index leads from a client to its own.
      const grants = collection.find(
        {
          _id: trusted({ $gt: 'Grant:', $lt: 'Grant;' }),
          client: clientId,
          gone: trusted({ $exists: false }),
        },
        { batchSize: 200 },
      );
      const until = tombstoneUntil(deps.clock);
      for await (const grant of grants) {
        await inUnit(deps.store, async (unit) => {
          unit.bury(grant._id, until);
          unit.revokeGrant(grant._id, until);
        });
      }
    },
    async sweep({ memberId, epoch, kept }, owe) {
      const keptId = kept === undefined ? undefined : artefactId('Session', kept);
      const outdated = (artefact: Artefact) => (artefact.epoch ?? 0) < epoch && artefact._id !== keptId;
      const sessions = (await stored(memberId)).filter(outdated);
      const owed = sessions
        .filter((session) => stillKnown(session, deps))
        .flatMap((session) => notices(session, memberId));
      if (owed.length > 0) await owe(owed);
      await bury(sessions);
      await buryOutdated(collection, memberId, epoch, deps);
    },
  };
}

/** Grants of an older epoch are dead already; burying them and what leans on them is housekeeping. */
async function buryOutdated(
  collection: ReturnType<typeof artefacts>,
  memberId: string,
  epoch: number,
  deps: SessionDeps,
): Promise<void> {
  const grants = await collection
    .find({ member: memberId, kind: 'Grant', epoch: trusted({ $lt: epoch }) })
    .toArray();
  const until = tombstoneUntil(deps.clock);
  await inUnit(deps.store, async (unit) => {
    for (const grant of grants) {
      unit.bury(grant._id, until);
      unit.revokeGrant(grant._id, until);
    }
  });
}

/** A session that ran out by itself owes nobody a notice. */
function stillKnown(session: Artefact, deps: SessionDeps): boolean {
  return (session.exp ?? 0) > epochSeconds(deps.clock);
}

function toInfo(session: Artefact, uid: string, loginTs: number | undefined, deps: SessionDeps): SessionInfo {
  const { seen: sealed } = session;
  const seen = sealed
    ? ifKeyLives(() => JSON.parse(deps.sealer.open(sealed, `artefacts.seen.${session._id}`).toString()))
    : undefined;
  return {
    id: session._id.slice(session._id.indexOf(':') + 1),
    uid,
    signedInAt: loginTs ? new Date(loginTs * 1000) : dateOf(deps.clock),
    lastSeenAt: seen ? new Date(seen.hour * 3_600_000) : undefined,
    visit: seen?.visit,
    clients: Object.values(session.entries ?? {}).map((entry) => entry.client),
  };
}
