/**
 * What members learn of support agents who act as them: each time is recorded, told by mail, and shown on the overview.
 * Who may do so is decided by the protocol and the client's policy.
 */
import type { Database } from '../../base/db/connection.ts';
import { inTransaction, type Tx } from '../../base/db/transaction.ts';
import type { Events } from '../../base/events/record.ts';
import type { I18n } from '../../base/i18n/i18n.ts';
import { type Clock, dateOf } from '../../base/kernel/clock.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import type { Mailer } from '../../base/mail/mailer.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import type { Experiences } from '../../business/experiences/experiences.ts';
import type { Members } from '../../people/members/members.ts';
import type { Impersonation } from '../../protocol/oidc/exchange/token-exchange.ts';
import { textsAt } from '../pages/pages.ts';
import type { Here } from '../pages/visitor.ts';
import type { AccountDeps } from './deps.ts';
import { looksBack } from './history.ts';

/** What recording needs. */
export interface SupportAccessDeps {
  db: Database;
  clock: Clock;
  events: Events;
  members: Pick<Members, 'profile'>;
  mailer: Mailer<Tx>;
  i18n: Pick<I18n, 'overlay'>;
  experiences: Pick<Experiences, 'experienceFor'>;
  findClient(clientId: string): Promise<ClientRecord | undefined>;
}

/** An agent who goes on renews the token each ten minutes: one mail an hour says as much. */
const mailPauseMs = 3_600_000;
const recent = 50;

/**
 * Records that an agent got a token to act as a member, and tells the member, in one transaction.
 * @param deps modules
 * @param visit the request of the support tool
 * @param fact who, as whom, why
 */
export async function recordSupportAccess(
  deps: SupportAccessDeps,
  visit: Visit,
  fact: Impersonation,
): Promise<void> {
  const { member, agentId, clientId, resource, reason } = fact;
  const told = await toldLately(deps, fact);
  const { email } = told ? {} : await deps.members.profile(member);
  const brand = (await deps.findClient(clientId))?.brand;
  const { mailBrand, settings } = deps.experiences.experienceFor({
    ...(brand && { brand }),
    market: member.market,
  });
  const { locale } = member;
  await inTransaction(deps.db, async (tx) => {
    await deps.events.record(tx, {
      type: 'member.impersonated',
      memberId: member._id,
      home: member.home,
      visit: { ...visit, clientId, actor: { kind: 'member', id: agentId } },
      data: { agent: agentId, client: clientId, resource, reason },
    });
    if (!email) return;
    const data = {
      at: dateOf(deps.clock).toISOString(),
      reason: deps.i18n.overlay(settings.texts).t(locale, `support.reason.${reason}`),
    };
    await deps.mailer.enqueue(tx, { template: 'support-access', to: email, locale, brand: mailBrand, data });
  });
}

async function toldLately(
  { events, clock }: SupportAccessDeps,
  { member, agentId, clientId }: Impersonation,
): Promise<boolean> {
  const since = dateOf(clock, -mailPauseMs);
  return (await events.ofMember(member._id, recent)).some(
    ({ type, at, data }) =>
      type === 'member.impersonated' && at > since && data.agent === agentId && data.client === clientId,
  );
}

/** A time that support acted as the member, as the overview tells of it. */
export interface SupportAccess {
  at: string;
  /** In words. */
  reason: string;
}

const shown = 5;

/**
 * The last times that support acted as the member, newest first.
 * @param deps modules
 * @param here the visitor
 */
export async function supportAccessOf(deps: AccountDeps, here: Here): Promise<SupportAccess[]> {
  const events = await deps.events.ofMember(here.member._id, looksBack);
  return events
    .filter(({ type }) => type === 'member.impersonated')
    .slice(0, shown)
    .map(({ at, data }) => ({
      at: at.toISOString(),
      reason: textsAt(deps, here.place).t(here.visit.locale, `support.reason.${data.reason}`),
    }));
}
