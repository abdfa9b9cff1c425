/** What the account pages are made of: modules of the layers below, joined by compose.ts. */
import type { Database } from '../../base/db/connection.ts';
import type { Outbox } from '../../base/db/outbox.ts';
import type { Tx } from '../../base/db/transaction.ts';
import type { Events } from '../../base/events/record.ts';
import type { Cookies } from '../../base/http/cookies.ts';
import type { I18n } from '../../base/i18n/i18n.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import type { Mailer } from '../../base/mail/mailer.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import type { Experiences } from '../../business/experiences/experiences.ts';
import type { Purposes } from '../../business/purposes/purposes.ts';
import type { MemberForms } from '../../people/answers/forms.ts';
import type { Questions } from '../../people/answers/questions.ts';
import type { Consents } from '../../people/consents/consents.ts';
import type { BreachCheck } from '../../people/credentials/breach.ts';
import type { Hasher } from '../../people/credentials/hasher.ts';
import type { Passwords } from '../../people/credentials/passwords.ts';
import type { Devices } from '../../people/devices/devices.ts';
import type { Places } from '../../people/devices/place.ts';
import type { Members } from '../../people/members/members.ts';
import type { Throttles } from '../../people/risk/throttles.ts';
import type { Upstreams } from '../../people/upstreams/service.ts';
import type { Oidc } from '../../protocol/oidc/oidc.ts';
import type { LastClient } from '../pages/last-client.ts';
import type { Pages } from '../pages/pages.ts';

/** What the account pages are made of. */
export interface AccountDeps {
  issuer: string;
  db: Database;
  clock: Clock;
  /** Keys of the way back from a sign-in, 32 bytes each: one signs, all are believed. */
  wayBackKeys(): { current: Buffer; all: readonly Buffer[] };
  cookies: Cookies;
  i18n: I18n;
  pages: Pick<Pages, 'place' | 'show'>;
  lastClient: Pick<LastClient, 'recall'>;
  findClient(clientId: string): Promise<ClientRecord | undefined>;
  experiences: Pick<Experiences, 'experienceFor' | 'brands'>;
  purposes: Pick<Purposes, 'forVisit' | 'text'>;
  members: Members;
  passwords: Pick<Passwords, 'has' | 'verify' | 'set'>;
  hasher: Pick<Hasher, 'hash'>;
  /** Lengths in code points, strength from 0 to 4. */
  passwordRules: { minLength: number; minStrength: number };
  breachCheck: BreachCheck;
  throttles: Pick<Throttles, 'attempt' | 'reward'>;
  devices: Pick<Devices, 'recognise'>;
  places: Places;
  upstreams: Upstreams;
  consents: Consents;
  memberForms: MemberForms;
  questions: Pick<Questions, 'missing' | 'keep'>;
  oidc: Pick<Oidc, 'browserSessions' | 'sessions' | 'flows' | 'backchannelRequests' | 'inUnit'>;
  events: Events;
  outbox: Pick<Outbox, 'add'>;
  mailer: Mailer<Tx>;
}
