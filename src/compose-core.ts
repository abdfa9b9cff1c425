/** The foundations of an issuer: databases, keys, events, clients and configuration; the command line needs no more. */
import { type Config, readEnvironment } from './base/config/load.ts';
import { connectDatabase, type Database, defaultKeysUri } from './base/db/connection.ts';
import { createOutbox, type Outbox } from './base/db/outbox.ts';
import { watchCollection } from './base/db/watch.ts';
import { createEvents, type Events } from './base/events/record.ts';
import { createOutbound, type Outbound } from './base/http/outbound.ts';
import type { Clock } from './base/kernel/clock.ts';
import type { Ids } from './base/kernel/ids.ts';
import type { KeyRing, NamedKey } from './base/kernel/sealing.ts';
import { type Keys, openKeys } from './base/keys/keys.ts';
import { loadKms } from './base/keys/kms.ts';
import type { Log } from './base/observability/log.ts';
import type { Metrics } from './base/observability/metrics.ts';
import { apiScopes } from './business/clients/api-scopes.ts';
import { type Clients, createClients } from './business/clients/clients.ts';
import { createInvitations, type Invitations } from './business/clients/invitations.ts';
import { createRegistrations, type Registrations } from './business/clients/registrations.ts';
import { ownMethods } from './business/experiences/experience.ts';
import { createExperiences, type Experiences } from './business/experiences/experiences.ts';
import type { Surroundings } from './business/layers/check-configuration.ts';
import { createPurposes, type Purposes } from './business/purposes/purposes.ts';
import { checkedFolder } from './business/releases/first-release.ts';
import { openReleases, type Releases } from './business/releases/releases.ts';
import { createSurroundings } from './business/releases/surroundings.ts';
import { createWorkflow, type Workflow } from './business/releases/workflow.ts';
import { providerIds } from './people/upstreams/profile.ts';
import { levelsReached } from './protocol/oidc/levels.ts';
import { oidcScopes } from './protocol/oidc/scopes.ts';

/** What a process brings along. */
export interface Foundations {
  config: Config;
  clock: Clock;
  ids: Ids;
  log: Log;
  metrics: Metrics;
}

/** The foundations, joined. */
export interface Core extends Foundations {
  db: Database;
  keys: Keys;
  events: Events;
  outbox: Outbox;
  clients: Clients;
  invitations: Invitations;
  registrations: Registrations;
  /** Calls addresses that somebody else has registered. */
  outbound: Outbound;
  /** What a configuration is judged against. */
  surroundings: Surroundings;
  releases: Releases;
  /** Changing the configuration: drafts, approvals, publications. */
  workflow: Workflow;
  experiences: Experiences;
  purposes: Purposes;
  identifierKeys: KeyRing;
  close(): Promise<void>;
}

/**
 * Opens the databases at the configured or the given address.
 * @param config process configuration
 * @param embeddedUri address of the embedded database, where none is configured
 */
export function openDatabase(config: Config, embeddedUri?: string): Promise<Database> {
  const uri = config.mongodbUri ?? embeddedUri;
  if (!uri) throw new Error('no database address');
  return connectDatabase({ uri, keysUri: config.mongodbKeysUri ?? defaultKeysUri(uri) });
}

/**
 * Joins the foundations on opened databases.
 * @param given configuration, clock, ids, log, metrics
 * @param db the databases, migrated
 */
export async function composeCore(given: Foundations, db: Database): Promise<Core> {
  const { config, clock, ids, log } = given;
  const keys = await openKeys({
    connection: db.main,
    master: ringOf(config.masterKeys),
    kms: await loadKms(config.kmsModule, readEnvironment()),
    clock,
    ids,
    onTrouble: (trouble) => log.warn(trouble, 'a stored key cannot be read'),
  });
  const events = createEvents({ connection: db.main, clock, ids });
  const surroundings = surroundingsOf(config);
  const releases = await orClosing(keys, () =>
    openReleases({
      db,
      clock,
      ids,
      events,
      watch: watchCollection,
      onTrouble: (error) => log.error({ error }, 'a new configuration cannot be taken over yet'),
      firstItems: () => checkedFolder(config.programDir, surroundings),
    }),
  );
  const { live } = releases;
  const close = async () => {
    await live.close();
    await keys.close();
  };
  const published = await orClosing({ close }, () => releases.publishedTexts());
  const outbox = outboxOf(given, db, keys);
  const outbound = createOutbound({
    allowList: config.outboundAllowList,
    development: config.environment !== 'production',
  });
  const ofClients = { db, clock, ids, secretKey: keys.secret('client-secrets'), events };
  const invitations = createInvitations(ofClients);
  const clients = createClients(ofClients);
  return {
    ...given,
    db,
    keys,
    events,
    outbox,
    clients,
    invitations,
    registrations: createRegistrations({ ...ofClients, invitations, outbox, outbound }),
    outbound,
    surroundings,
    releases,
    workflow: createWorkflow({
      ...ofClients,
      releases,
      surroundings,
      sitesOf: clients.sitesOf,
      clientIds: clients.ids,
    }),
    experiences: createExperiences(live),
    purposes: createPurposes({ clock, live, published }),
    identifierKeys: ringOf(config.identifierKeys),
    close,
  };
}

/** The work to be done, whose failures are logged and whose age is measured. */
function outboxOf({ clock, ids, log, metrics }: Foundations, db: Database, keys: Keys): Outbox {
  const outbox = createOutbox({
    connection: db.main,
    clock,
    ids,
    sealer: keys.sealer('outbox'),
    onFailure(kind, error, dead) {
      if (kind === 'mail') metrics.mail('failed');
      log[dead ? 'error' : 'warn']({ kind, error, dead }, 'work from the outbox failed');
    },
  });
  metrics.watch('outboxAge', () => outbox.oldestDueSeconds());
  return outbox;
}

/** What is open already is let go of where the next thing cannot be had: otherwise it would keep the process alive. */
async function orClosing<T>(opened: { close(): Promise<void> }, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/**
 * What a configuration is judged against without a database.
 * @param config process configuration
 */
export function surroundingsOf(config: Config): Surroundings {
  return createSurroundings({
    methods: [...ownMethods, ...providerIds],
    sessionAbsolute: config.session.absoluteSeconds,
    levelsOf: levelsReached,
    scopes: [...oidcScopes, ...Object.values(apiScopes).flatMap((scopes) => Object.keys(scopes))],
  });
}

function ringOf(all: readonly NamedKey[]): KeyRing {
  const [current] = all;
  if (!current) throw new Error('a key list is empty');
  return { current, all };
}
