/** What the interactions are made of: modules of the layers below, joined by compose.ts. */
import type { Database } from '../../base/db/connection.ts';
import type { Outbox } from '../../base/db/outbox.ts';
import type { Tx } from '../../base/db/transaction.ts';
import type { Events } from '../../base/events/record.ts';
import type { Cookies } from '../../base/http/cookies.ts';
import type { I18n } from '../../base/i18n/i18n.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import type { Mailer } from '../../base/mail/mailer.ts';
import type { Log } from '../../base/observability/log.ts';
import type { Metrics } from '../../base/observability/metrics.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import type { RecordedJourneys } from '../../business/dry-runs/recorded.ts';
import type { Experiences } from '../../business/experiences/experiences.ts';
import type { Purposes } from '../../business/purposes/purposes.ts';
import type { Questions } from '../../people/answers/questions.ts';
import type { Consents } from '../../people/consents/consents.ts';
import type { BreachCheck } from '../../people/credentials/breach.ts';
import type { Challenges } from '../../people/credentials/challenges.ts';
import type { Hasher } from '../../people/credentials/hasher.ts';
import type { Passwords } from '../../people/credentials/passwords.ts';
import type { Devices } from '../../people/devices/devices.ts';
import type { Places } from '../../people/devices/place.ts';
import type { Members } from '../../people/members/members.ts';
import type { Registrations } from '../../people/members/registrations.ts';
import type { Throttles } from '../../people/risk/throttles.ts';
import type { Upstreams } from '../../people/upstreams/service.ts';
import type { Oidc } from '../../protocol/oidc/oidc.ts';
import type { LastClient } from '../pages/last-client.ts';
import type { Pages } from '../pages/pages.ts';
import type { Turns } from './turns.ts';

/** What the interactions are made of. */
export interface InteractionDeps {
  issuer: string;
  cookies: Cookies;
  db: Database;
  clock: Clock;
  i18n: I18n;
  log: Log;
  metrics: Metrics;
  events: Events;
  mailer: Mailer<Tx>;
  outbox: Outbox;
  findClient(clientId: string): Promise<ClientRecord | undefined>;
  experiences: Experiences;
  purposes: Purposes;
  consents: Consents;
  questions: Questions;
  challenges: Challenges;
  hasher: Hasher;
  passwords: Passwords;
  passwordRules: { minLength: number; minStrength: number };
  breachCheck: BreachCheck;
  devices: Devices;
  places: Places;
  members: Members;
  registrations: Registrations;
  throttles: Throttles;
  upstreams: Upstreams;
  oidc: Oidc;
  pages: Pages;
  lastClient: LastClient;
  turns: Turns;
  /** Counts what members really do, by shape and without them. */
  journeys: Pick<RecordedJourneys, 'note'>;
}
