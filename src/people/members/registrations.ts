/**
 * Registrations that wait for their proof: nothing about a person is claimed before the address is proven, several
 * may wait for one address, and the first proof ends the others. What waits is sealed.
 */

import type { Connection } from 'mongoose';
import { trusted } from '../../base/db/schema.ts';
import type { Tx } from '../../base/db/transaction.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import { dateOf } from '../../base/kernel/clock.ts';
import type { Ids } from '../../base/kernel/ids.ts';
import type { KeyRing, Sealer } from '../../base/kernel/sealing.ts';
import type { AttributeChanges } from './attributes.ts';
import { type Identifier, identifierIds } from './identifiers.ts';
import { registrationModel } from './model.ts';

/** A decision taken on the registration page, kept with the exact text it was taken on. */
export interface PendingDecision {
  textId: string;
  version: string;
  language: string;
  hash: string;
  kind: 'accepted' | 'acknowledged' | 'given' | 'refused';
}

/** Everything a member will be made of once the address is proven. */
export interface PendingRegistration {
  email: string;
  name: string | undefined;
  /** Language that was chosen in the form. */
  locale?: string;
  /** argon2 string; none when an upstream vouches for the person. */
  encodedPassword: string | undefined;
  /** Answers to the registration form, by attribute. */
  attributes: AttributeChanges;
  /** Id of the configuration release the form came from. */
  release: string;
  decisions: PendingDecision[];
  /** The age in years that the person has stated to have reached; none where a day of birth was asked, or nothing. */
  statedAge?: number;
  /** The upstream subject to link, where the registration began there. */
  upstream: { provider: 'google' | 'facebook'; subject: string } | undefined;
  via: string;
}

/** The waiting registrations. */
export interface Registrations {
  /** Keeps a registration until its proof; returns its id. */
  start(registration: PendingRegistration): Promise<string>;
  /** Reads a waiting registration; undefined when it is over or was ended by another proof. */
  read(id: string): Promise<PendingRegistration | undefined>;
  /** Ends every registration waiting for the address, in the transaction that made the member. */
  endAll(tx: Tx, email: string): Promise<void>;
}

/** A day: long enough for a mail that is read the next morning through a resend, short enough to forget. */
const lifeMs = 24 * 3_600_000;

/**
 * Builds the store of waiting registrations.
 * @param deps connection, clock, ids, digest keys of identifiers, sealer
 */
export function createRegistrations(deps: {
  connection: Connection;
  clock: Clock;
  ids: Ids;
  identifierKeys: KeyRing;
  sealer: Sealer;
}): Registrations {
  const model = registrationModel(deps.connection);
  const context = (id: string) => `registrations.sealed.${id}`;
  const emailOf = (value: string): Identifier => ({ type: 'email', value });
  return {
    async start(registration) {
      const id = deps.ids.id('reg');
      const [identifier = ''] = identifierIds(deps.identifierKeys, emailOf(registration.email));
      await model.create([
        {
          _id: id,
          identifier,
          sealed: deps.sealer.seal(JSON.stringify(registration), context(id)),
          createdAt: dateOf(deps.clock),
          expiresAt: dateOf(deps.clock, lifeMs),
        },
      ]);
      return id;
    },
    async read(id) {
      const record = await model.findOne({ _id: id, expiresAt: trusted({ $gt: dateOf(deps.clock) }) }).lean();
      return record ? JSON.parse(deps.sealer.open(record.sealed, context(id)).toString()) : undefined;
    },
    async endAll(tx, email) {
      const ids = identifierIds(deps.identifierKeys, emailOf(email));
      await model.deleteMany({ identifier: trusted({ $in: ids }) }, { session: tx });
    },
  };
}
