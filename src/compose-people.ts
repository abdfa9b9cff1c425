/** The modules that know of people, joined on the foundations. */

import { eventsPersonalData } from './base/events/personal-data.ts';
import type { I18n } from './base/i18n/i18n.ts';
import type { PersonalData } from './base/kernel/personal-data.ts';
import type { Core } from './compose-core.ts';
import { createMemberForms, type MemberForms } from './people/answers/forms.ts';
import { answersPersonalData } from './people/answers/personal-data.ts';
import { createQuestions, type Questions } from './people/answers/questions.ts';
import { type Consents, createConsents } from './people/consents/consents.ts';
import { consentsPersonalData } from './people/consents/personal-data.ts';
import { type BreachCheck, createBreachCheck } from './people/credentials/breach.ts';
import { type Challenges, createChallenges } from './people/credentials/challenges.ts';
import { createHasher, type Hasher } from './people/credentials/hasher.ts';
import { createPasswords, type Passwords } from './people/credentials/passwords.ts';
import { credentialsPersonalData } from './people/credentials/personal-data.ts';
import { createDevices, type Devices } from './people/devices/devices.ts';
import { devicesPersonalData } from './people/devices/personal-data.ts';
import { openPlaces, type Places } from './people/devices/place.ts';
import { type AttributeKeeping, createAttributeKeeping } from './people/members/attribute-keeping.ts';
import { type AttributeScan, createAttributeScan } from './people/members/attribute-scan.ts';
import { createMemberKeys } from './people/members/member-keys.ts';
import { createMembers, type Members } from './people/members/members.ts';
import { membersPersonalData } from './people/members/personal-data.ts';
import { createRegistrations, type Registrations } from './people/members/registrations.ts';
import { createThrottles, type Throttles } from './people/risk/throttles.ts';
import { staffPersonalData } from './people/staff/personal-data.ts';
import { createStaff, type Staff } from './people/staff/staff.ts';
import { artefactsPersonalData } from './protocol/oidc/personal-data.ts';
import { accessWords } from './surfaces/pages/access-words.ts';
import { endAccess } from './tasks.ts';

/** The modules that know of people. */
export interface People {
  members: Members;
  attributeScan: AttributeScan;
  attributeKeeping: AttributeKeeping;
  registrations: Registrations;
  hasher: Hasher;
  passwords: Passwords;
  passwordRules: { minLength: number; minStrength: number };
  breachCheck: BreachCheck;
  challenges: Challenges;
  consents: Consents;
  /** Who may act on the configuration. */
  staff: Staff;
  questions: Questions;
  memberForms: MemberForms;
  devices: Devices;
  places: Places;
  throttles: Throttles;
  /** Every module that stores something keyed by member. */
  personalData: readonly PersonalData[];
}

/**
 * Joins the modules that know of people.
 * @param core the foundations
 * @param shared texts
 */
export async function composePeople(core: Core, shared: { i18n: I18n }): Promise<People> {
  const { config, clock, ids, db, keys, events, outbox, log, metrics, experiences, identifierKeys } = core;
  const memberKeys = createMemberKeys({
    keys: db.keys,
    keysInTransaction: db.keysInTransaction,
    wrap: keys.sealer('member-keys'),
    clock,
    ids,
  });
  const isSealedAt = (market: string, attribute: string) =>
    experiences.keepingIn(market).get(attribute)?.sealed ?? false;
  const members = createMembers({ db, clock, ids, identifierKeys, keys: memberKeys, events, isSealedAt });
  const hasher = createHasher({
    memoryKiB: config.argon2.memoryKiB,
    passes: config.argon2.passes,
    parallelism: config.argon2.parallelism,
    concurrency: config.argon2.concurrency,
    queueLimit: config.argon2.queue,
    metrics,
  });
  const pepper = keys.sealer('pepper');
  const consents = createConsents({
    db,
    clock,
    ids,
    events,
    experiences,
    grantWording: (grant) => accessWords(shared.i18n, grant).join('\n'),
    onGrantRevoked: (tx, { memberId, clientId }) =>
      outbox.add({ kind: endAccess, payload: { memberId, clientId } }, tx),
  });
  const locales = shared.i18n.locales.map(({ code }) => code);
  return {
    members,
    attributeScan: createAttributeScan({ db, keys: memberKeys }),
    attributeKeeping: createAttributeKeeping({
      db,
      clock,
      keys: memberKeys,
      members,
      rules: {
        markets: () => experiences.markets().map(({ id }) => id),
        in: (market) => experiences.keepingIn(market),
      },
    }),
    hasher,
    consents,
    staff: createStaff({ db, clock, events }),
    questions: createQuestions({ db, clock, members, events }),
    memberForms: createMemberForms({ ...core, members, consents, locales }),
    registrations: createRegistrations({
      connection: db.main,
      clock,
      ids,
      identifierKeys,
      sealer: keys.sealer('outbox'),
    }),
    passwords: createPasswords({
      db,
      clock,
      pepper,
      hasher,
      events,
      onDamaged: (credential, error) =>
        log.error({ credential, error }, 'a stored password cannot be opened'),
    }),
    passwordRules: { minLength: config.password.minLength, minStrength: config.password.minStrength },
    breachCheck: createBreachCheck({
      url: config.password.breachUrl,
      timeoutMs: config.password.breachTimeoutMs,
    }),
    challenges: createChallenges({
      connection: db.main,
      clock,
      ids,
      hmacKey: keys.secret('codes'),
      sealer: keys.sealer('outbox'),
    }),
    devices: createDevices({ connection: db.main, clock, deviceKey: keys.secret('devices') }),
    places: await openPlaces(),
    throttles: createThrottles({
      connection: db.main,
      clock,
      hmacKey: keys.secret('throttles'),
      metrics,
      onFailure: (error) => log.warn({ error }, 'counts of attempts could not be written'),
    }),
    personalData: [
      eventsPersonalData(db.main),
      membersPersonalData({ db, members, keys: memberKeys }),
      credentialsPersonalData({ db, pepper, homeOf: async (id) => (await members.get(id))?.home }),
      consentsPersonalData(db.main),
      answersPersonalData(db.main),
      devicesPersonalData(db.main),
      staffPersonalData(db.main),
      artefactsPersonalData(db.main),
    ],
  };
}
