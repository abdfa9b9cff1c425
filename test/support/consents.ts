/** Consents on a fresh database with the shipped legal texts, for tests. */
import type { Database } from '../../src/base/db/connection.ts';
import { createEvents, type EventRecord, type Events } from '../../src/base/events/record.ts';
import { createIds } from '../../src/base/kernel/ids.ts';
import type { LegalTexts } from '../../src/business/purposes/purposes.ts';
import { type Consents, type ConsentsDeps, createConsents } from '../../src/people/consents/consents.ts';
import { experiencesOf, purposesOf } from './configuration.ts';
import { testDatabase } from './database.ts';
import { movableClock } from './visit.ts';

/** Everything a test of consents touches. */
export interface ConsentWorld {
  db: Database;
  clock: ReturnType<typeof movableClock>;
  events: Events;
  consents: Consents;
  /** Texts for the airline in the US, in a language. */
  texts(locale?: string): LegalTexts;
  /** Consents on the same database with something replaced, to inject faults. */
  consentsWith(change: Partial<ConsentsDeps>): Consents;
  /** The member's consent and grant events, oldest first, as `type data…`. */
  eventsOf(memberId: string): Promise<string[]>;
  member(): string;
  /** Clients whose grants were revoked, as the port was told. */
  revoked: string[];
}

/** Builds the world of one test file. */
export async function consentWorld(): Promise<ConsentWorld> {
  const db = await testDatabase();
  const clock = movableClock();
  const ids = createIds();
  const events = createEvents({ connection: db.main, clock, ids });
  const experiences = experiencesOf();
  const purposes = purposesOf(clock);
  const revoked: string[] = [];
  const deps: ConsentsDeps = {
    db,
    clock,
    ids,
    events,
    experiences,
    grantWording: ({ scopes, locale }) => `${locale}: ${scopes.join(', ')}`,
    onGrantRevoked: async (_tx, { clientId }) => {
      revoked.push(clientId);
    },
  };
  return {
    db,
    clock,
    events,
    consents: createConsents(deps),
    texts: (locale = 'en') => purposes.forVisit({ brand: 'aurora-air', jurisdiction: 'US', locale }),
    consentsWith: (change) => createConsents({ ...deps, ...change }),
    async eventsOf(memberId) {
      const rows: EventRecord[] = await events.ofMember(memberId, 100);
      return rows
        .sort((a, b) => a.sequence - b.sequence)
        .map(({ type, data }) => [type, ...Object.values(data)].join(' '));
    },
    member: () => ids.id('mbr'),
    revoked,
  };
}
