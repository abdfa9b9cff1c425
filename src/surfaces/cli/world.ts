/**
 * The command line: operators' commands over the same modules the issuer runs on. Owns words, tables and exit
 * codes; decides nothing a module should decide. This file is what the commands need of the rest; main.ts fills it.
 */
import type { Config } from '../../base/config/load.ts';
import type { Database } from '../../base/db/connection.ts';
import type { Migration } from '../../base/db/migrations.ts';
import type { Outbox } from '../../base/db/outbox.ts';
import type { IndexDeclaration } from '../../base/db/schema.ts';
import type { Tx } from '../../base/db/transaction.ts';
import type { Events } from '../../base/events/record.ts';
import type { Outbound } from '../../base/http/outbound.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import type { Ids } from '../../base/kernel/ids.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import type { Keys } from '../../base/keys/keys.ts';
import type { Mailer } from '../../base/mail/mailer.ts';
import type { Clients } from '../../business/clients/clients.ts';
import type { Invitations } from '../../business/clients/invitations.ts';
import type { DryRuns } from '../../business/dry-runs/dry-runs.ts';
import type { Experiences } from '../../business/experiences/experiences.ts';
import type { Releases } from '../../business/releases/releases.ts';
import type { Workflow } from '../../business/releases/workflow.ts';
import type { Members } from '../../people/members/members.ts';
import type { Staff } from '../../people/staff/staff.ts';
import type { Sessions } from '../../protocol/oidc/sessions.ts';
import type { Sites } from '../sites/new-site.ts';

/** The opened program. */
export interface OpenProgram {
  db: Database;
  keys: Keys;
  events: Events;
  outbox: Pick<Outbox, 'add'>;
  clients: Clients;
  invitations: Invitations;
  outbound: Outbound;
  members: Members;
  staff: Staff;
  mailer: Mailer<Tx>;
  experiences: Experiences;
  releases: Releases;
  workflow: Workflow;
  dryRuns: DryRuns;
  sessions: Pick<Sessions, 'list' | 'end'>;
  sites: Sites;
}

/** What commands reach the rest through. */
export interface World {
  clock: Clock;
  ids: Ids;
  /** Every migration and index of this release. */
  migrations: readonly Migration[];
  indexes: readonly IndexDeclaration[];
  /** The configuration of the process. @throws ConfigError */
  config(): Config;
  /** Reads the program's own configuration (brands, markets, texts). @throws ConfigurationRefused */
  readProgram(config: Config): { brands: number; markets: number; documents: number };
  /** Opens the databases for the time of the work, whatever their state. */
  withDatabase<T>(work: (db: Database, config: Config) => Promise<T>): Promise<T>;
  /** Opens the whole program for the time of the work. @throws Refusal when migrations are pending */
  withProgram<T>(work: (program: OpenProgram, config: Config) => Promise<T>): Promise<T>;
  /** Who acts, for the events. */
  visit(): Visit;
}
