/** The events layer's part in the rights of a person: rows stay, and hold nothing that names the person. */
import type { Connection } from 'mongoose';
import type { PersonalData } from '../kernel/personal-data.ts';

/**
 * Joins the event log to the PersonalData port. Events carry the member's opaque id only: with the member's
 * identifiers and keys gone nothing leads from the id to a person, so the append-only history stays whole. A
 * merge leaves history where it happened; the merged-into pointer of the member leads to it.
 * @param connection the main database
 */
export function eventsPersonalData(connection: Connection): PersonalData {
  const events = connection.collection<{ _id: string; memberId?: string }>('events');
  return {
    room: 'events',
    collections: ['events'],
    async export(memberId) {
      const rows = await events.find({ memberId }).sort({ at: 1 }).toArray();
      return { events: rows };
    },
    async erase() {},
    async reassign() {
      return { room: 'events', moved: [] };
    },
  };
}
