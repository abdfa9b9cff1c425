/** Every migration of the program, in order. A released one is never changed; a later one corrects it. */
import type { Database } from './base/db/connection.ts';
import { ensureIndexes, type Migration } from './base/db/migrations.ts';
import { outboxIndexes } from './base/db/outbox.ts';
import type { IndexDeclaration } from './base/db/schema.ts';
import { eventIndexes } from './base/events/record.ts';
import { idempotencyCollection, idempotencyIndexes } from './base/http/idempotency-keys.ts';
import { keptFormCollection, keptFormIndexes } from './base/http/kept-forms.ts';
import { originIndexes } from './business/clients/client-origins.ts';
import { invitationCollection } from './business/clients/model.ts';
import { recordedJourneyCollection, recordedJourneyIndexes } from './business/dry-runs/model.ts';
import { releaseCollections, releaseIndexes } from './business/releases/model.ts';
import { profilingStateCollection } from './people/answers/model.ts';
import { consentIndexes } from './people/consents/model.ts';
import { credentialIndexes } from './people/credentials/model.ts';
import { deviceIndexes } from './people/devices/model.ts';
import { memberIndexes } from './people/members/model.ts';
import { throttleIndexes } from './people/risk/model.ts';
import { staffCollection, staffIndexes } from './people/staff/model.ts';
import { deliveryCollection, deliveryIndexes } from './protocol/deliveries/model.ts';
import { artefactIndexes } from './protocol/oidc/artefacts/model.ts';

/** Every index the program declares; migrations create them, `doctor` compares. */
export const allIndexes: readonly IndexDeclaration[] = [
  ...outboxIndexes,
  ...eventIndexes,
  ...memberIndexes,
  ...credentialIndexes,
  ...deviceIndexes,
  ...consentIndexes,
  ...throttleIndexes,
  ...artefactIndexes,
  ...deliveryIndexes,
  ...releaseIndexes,
  ...idempotencyIndexes,
  ...keptFormIndexes,
  ...originIndexes,
  ...recordedJourneyIndexes,
  ...staffIndexes,
];

/** Collections that transactions write to; on some versions a transaction cannot make one while an index is built. */
const collections = [
  'events',
  'eventHeads',
  'members',
  'identifiers',
  'credentials',
  'devices',
  'outbox',
  'artefacts',
  'clients',
  'keys',
];

/** Every migration. */
export const migrations: readonly Migration[] = [
  {
    name: '0001-indexes',
    async up(db: Database) {
      const existing = new Set((await db.main.listCollections()).map(({ name }) => name));
      for (const name of collections)
        if (!existing.has(name)) await db.main.createCollection(name).catch(ignoreExisting);
      await ensureIndexes(db, allIndexes);
    },
  },
  {
    name: '0002-deliveries',
    async up(db: Database) {
      const existing = await db.main.listCollections();
      if (!existing.some(({ name }) => name === deliveryCollection))
        await db.main.createCollection(deliveryCollection).catch(ignoreExisting);
      await ensureIndexes(db, deliveryIndexes);
    },
  },
  {
    name: '0003-client-invitations',
    up: (db: Database) => ensureCollection(db, invitationCollection),
  },
  {
    name: '0004-configuration-releases',
    async up(db: Database) {
      for (const name of Object.values(releaseCollections)) await ensureCollection(db, name);
    },
  },
  {
    name: '0005-idempotency-keys',
    async up(db: Database) {
      await ensureCollection(db, idempotencyCollection);
      await ensureIndexes(db, idempotencyIndexes);
    },
  },
  {
    name: '0006-configuration-drafts',
    async up(db: Database) {
      await ensureCollection(db, releaseCollections.drafts);
      await ensureIndexes(db, releaseIndexes);
    },
  },
  {
    name: '0007-client-origins',
    up: (db: Database) => ensureIndexes(db, originIndexes),
  },
  {
    name: '0008-staff',
    up: (db: Database) => ensureCollection(db, staffCollection),
  },
  {
    name: '0009-recorded-journeys',
    async up(db: Database) {
      await ensureCollection(db, recordedJourneyCollection);
      await ensureIndexes(db, recordedJourneyIndexes);
    },
  },
  {
    name: '0010-profiling-states',
    up: (db: Database) => ensureCollection(db, profilingStateCollection),
  },
  {
    name: '0011-kept-forms',
    async up(db: Database) {
      await ensureCollection(db, keptFormCollection);
      await ensureIndexes(db, keptFormIndexes);
    },
  },
  {
    name: '0012-staff-responsible',
    up: (db: Database) => ensureIndexes(db, staffIndexes),
  },
  {
    name: '0013-loose-contents',
    up: (db: Database) => ensureIndexes(db, releaseIndexes),
  },
];

/** Makes a collection that is not there yet. */
async function ensureCollection(db: Database, name: string): Promise<void> {
  const existing = await db.main.listCollections();
  if (!existing.some((each) => each.name === name))
    await db.main.createCollection(name).catch(ignoreExisting);
}

/** Another process may have made it in the meantime (server error 48). */
function ignoreExisting(error: unknown): undefined {
  if (typeof error === 'object' && error !== null && 'code' in error && error.code === 48) return undefined;
  throw error;
}
