/**
 * The artefact store: two gathered commands, one that reads artefacts with everything they depend on, one that
 * writes. It knows nothing of the protocol; conditional writes are phrased so that losing is an error of the
 * server (a duplicate `_id`), because a batch reports errors one by one but counts only in sum.
 */
import type { Connection } from 'mongoose';
import mongoose from 'mongoose';
import { createGatherer } from '../../../base/db/gather.ts';
import { isStorageUnavailable } from '../../../base/db/storage-errors.ts';
import { DomainError } from '../../../base/kernel/errors.ts';
import { type Artefact, artefactCollection, entryKey } from './model.ts';

/** What to read. */
export interface Wanted {
  /** `_id`s of the artefacts themselves. */
  ids: readonly string[];
  /** Clients whose grants are wanted of any session that is met. */
  clients: readonly string[];
}

/** A document of the members' collection, handed on as it is. */
export interface MemberDocument {
  _id: string;
  status: string;
  securityEpoch: number;
}

/** What was found: the wanted artefacts and their sessions, grants and members. */
export interface Family {
  artefacts: readonly Artefact[];
  members: readonly MemberDocument[];
}

/** One statement of an update command. */
export interface Statement {
  q: Record<string, unknown>;
  u: Record<string, unknown>;
  upsert?: boolean;
  multi?: boolean;
}

/** The store as the unit of work uses it. */
export interface ArtefactStore {
  /** Reads artefacts with their families; one command for all who ask at the same time. */
  read(wanted: Wanted): Promise<Family>;
  /**
   * Writes statements whose order does not matter, together with those of other requests.
   * @returns positions of the statements that lost (a duplicate `_id`)
   */
  write(statements: readonly Statement[]): Promise<readonly number[]>;
  /** Writes statements in order, alone, and stops at the first that loses; same result. */
  writeInOrder(statements: readonly Statement[]): Promise<readonly number[]>;
  /**
   * Changes one artefact by a pipeline and reads it in the same command, without what it depends on.
   * @returns the artefact as changed; undefined when none matches
   */
  change(
    filter: { _id: string } & Record<string, unknown>,
    pipeline: object[],
  ): Promise<Artefact | undefined>;
}

type Row = Artefact & { sessions: Artefact[]; grants: Artefact[]; members: MemberDocument[] };

const duplicateKey = 11_000;
const majority = { w: 'majority', j: true } as const;

/**
 * Builds the store.
 * @param connection the main database
 * @param memberCollection collection that members live in, joined by id
 */
export function createArtefactStore(connection: Connection, memberCollection: string): ArtefactStore {
  const command = (document: Record<string, unknown>) => {
    if (!connection.db) throw new DomainError('storage.unavailable');
    return connection.db.command(document);
  };

  const read = createGatherer<Wanted, Family>({
    inFlight: 2,
    batch: 64,
    async send(items) {
      const ids = [...new Set(items.flatMap((item) => item.ids))];
      const clients = [...new Set(items.flatMap((item) => item.clients))];
      const reply = await retryOnce(() =>
        command({
          aggregate: artefactCollection,
          pipeline: familyPipeline(ids, clients, memberCollection),
          cursor: { batchSize: 10_000 },
          readConcern: { level: 'majority' },
        }),
      );
      const rows = new Map<string, Row>(reply.cursor.firstBatch.map((row: Row) => [row._id, row]));
      return items.map((item) => familyOf(item.ids, rows));
    },
  });

  const send = async (statements: readonly Statement[], ordered: boolean): Promise<ReadonlySet<number>> => {
    const reply = await command({
      update: artefactCollection,
      updates: statements,
      ordered,
      writeConcern: majority,
    });
    if (reply.writeConcernError)
      throw new DomainError('storage.unavailable', { cause: reply.writeConcernError });
    const lost = new Set<number>();
    for (const error of (reply.writeErrors ?? []) as { index: number; code: number; errmsg: string }[]) {
      if (error.code !== duplicateKey) {
        throw new mongoose.mongo.MongoServerError({ message: error.errmsg, code: error.code });
      }
      lost.add(error.index);
    }
    return lost;
  };

  const write = createGatherer<readonly Statement[], readonly number[]>({
    inFlight: 2,
    batch: 32,
    async send(items) {
      const lost = await send(items.flat(), false);
      let start = 0;
      return items.map((item) => {
        const from = start;
        start += item.length;
        return item.map((_, index) => index).filter((index) => lost.has(from + index));
      });
    },
  });

  return {
    read,
    write,
    writeInOrder: async (statements) => [...(await send(statements, true))],
    async change(filter, pipeline) {
      const change = { findAndModify: artefactCollection, query: filter, update: pipeline, new: true };
      return (await command({ ...change, writeConcern: { w: 1 } })).value ?? undefined;
    },
  };
}

/** The wanted artefacts, each joined with its session, the grants in question and its member. */
function familyPipeline(
  ids: string[],
  clients: string[],
  memberCollection: string,
): Record<string, unknown>[] {
  const sessionGrants = clients.map((client) => ({ $first: `$sessions.entries.${entryKey(client)}.grant` }));
  return [
    { $match: { _id: { $in: ids } } },
    { $lookup: { from: artefactCollection, localField: 'session', foreignField: '_id', as: 'sessions' } },
    {
      $set: {
        wantedGrants: ['$grant', ...sessionGrants],
        wantedMember: { $ifNull: ['$member', { $first: '$sessions.member' }] },
      },
    },
    { $lookup: { from: artefactCollection, localField: 'wantedGrants', foreignField: '_id', as: 'grants' } },
    { $lookup: { from: memberCollection, localField: 'wantedMember', foreignField: '_id', as: 'members' } },
    { $unset: ['wantedGrants', 'wantedMember'] },
  ];
}

function familyOf(ids: readonly string[], rows: ReadonlyMap<string, Row>): Family {
  const artefacts: Artefact[] = [];
  const members: MemberDocument[] = [];
  for (const id of ids) {
    const row = rows.get(id);
    if (!row) continue;
    const { sessions, grants, members: found, ...artefact } = row;
    artefacts.push(artefact, ...sessions, ...grants);
    members.push(...found);
  }
  return { artefacts, members };
}

/** A read has no effect, so it may be asked again when the connection broke; a write may not. */
async function retryOnce<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!isStorageUnavailable(error)) throw error;
    return run();
  }
}
