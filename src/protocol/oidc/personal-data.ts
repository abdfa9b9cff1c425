/** The protocol's part in the rights of a person: sessions, grants and tokens. */
import type { Connection } from 'mongoose';
import type { PersonalData } from '../../base/kernel/personal-data.ts';
import { artefactCollection, artefacts } from './artefacts/model.ts';

/**
 * Joins the artefacts to the PersonalData port. What is exported says that sessions and grants exist; tokens are
 * secrets and stay out. Nothing moves in a merge: the member signs in anew.
 * @param connection the main database
 */
export function artefactsPersonalData(connection: Connection): PersonalData {
  const collection = artefacts(connection);
  return {
    room: 'oidc',
    collections: [artefactCollection],
    async export(memberId) {
      const rows = await collection.find({ member: memberId }).toArray();
      return {
        artefacts: rows
          .filter((row) => !row.gone)
          .map(({ kind, client, expiresAt }) => ({ kind, client, expiresAt: expiresAt?.toISOString() })),
      };
    },
    async erase(memberId) {
      await collection.deleteMany({ member: memberId });
    },
    async reassign() {
      return { room: 'oidc', moved: [] };
    },
  };
}
