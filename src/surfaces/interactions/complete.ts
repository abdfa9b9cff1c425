/**
 * What a finished proof leads to: a member comes into being, an upstream is linked, a password is replaced, a
 * sign-in is recorded. Each is one transaction with its events and mails; the protocol is answered afterwards.
 */
import type { Tx } from '../../base/db/transaction.ts';
import { inTransaction } from '../../base/db/transaction.ts';
import type { EdgeContext } from '../../base/http/context.ts';
import { dateOf } from '../../base/kernel/clock.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { RecordedShape } from '../../business/dry-runs/journey.ts';
import type { LegalText } from '../../business/purposes/purposes.ts';
import type { Decision } from '../../people/consents/consents.ts';
import { deviceName, deviceNameText } from '../../people/devices/device-name.ts';
import { countryName } from '../../people/devices/place.ts';
import type { Member } from '../../people/members/members.ts';
import type { PendingDecision, PendingRegistration } from '../../people/members/registrations.ts';
import type { UpstreamProfile } from '../../people/upstreams/profile.ts';
import { ownClient } from '../../protocol/oidc/own-client.ts';
import { endEverything } from '../../protocol/oidc/sign-out.ts';
import { textsAt } from '../pages/pages.ts';
import { afterAnswer, type Open } from './context.ts';
import type { InteractionDeps } from './deps.ts';
import { goOn } from './finished.ts';
import { questionVisit } from './profile-questions.ts';
import { answersToKeep } from './registration-form.ts';

/** Outbox kind: record a fact beside the answer; without a member it leaves no trace, so that both cost the same. */
export const noteEvent = 'note-event';

/** How a member has just proven who they are. */
export interface Proof {
  /** `password`, `google`, `facebook`, `recovery`, `registration`, `mail-code`: for the event and the metrics. */
  method: string;
  /** RFC 8176. */
  amr: readonly string[];
  /** The way a member registered: `password`, `mail-code` or an upstream's id. */
  registered?: string;
}

/** Names of upstreams, as they write them. */
export const upstreamNames: Record<UpstreamProfile['provider'], string> = {
  google: 'Google',
  facebook: 'Facebook',
};

/**
 * Records a sign-in and answers the protocol: the browser goes on to the client.
 * @param deps modules
 * @param open the open interaction
 * @param member who has proven it
 * @param proof how
 * @throws DomainError `member.unavailable` for a locked account
 */
export async function completeSignIn(
  deps: InteractionDeps,
  open: Open,
  member: Member,
  proof: Proof,
): Promise<void> {
  const { ctx } = open;
  if (member.status !== 'active') {
    deps.metrics.signIn({ method: proof.method, outcome: 'failure', reason: 'member.unavailable' });
    throw new DomainError('member.unavailable');
  }
  actAs(ctx, member);
  const { visit } = ctx.state;
  const asks = await inTransaction(deps.db, async (tx) => {
    const newDevice = await deps.devices.remember(tx, member._id, member.home, visit);
    const data = { method: proof.method, client: open.client.id, new_device: newDevice };
    await deps.events.record(tx, {
      type: 'member.signed_in',
      memberId: member._id,
      home: member.home,
      visit,
      data,
    });
    if (newDevice && proof.method !== 'registration')
      await mailMember(deps, open, { tx, member, template: 'new-device' });
    // On the way to their own account nobody is asked: it is there that the answers are.
    return open.client.id !== ownClient.id && deps.questions.signedIn(tx, member, questionVisit(open));
  });
  deps.metrics.signIn({ method: proof.method, outcome: 'success', reason: 'ok' });
  noteJourney(deps, open, proof);
  const to = await deps.oidc.interactions.signIn(ctx, {
    memberId: member._id,
    epoch: member.securityEpoch,
    amr: proof.amr,
    asks,
  });
  goOn(deps, open, to);
}

/** Counts the journey that ends here by its shape; nothing of the person is in it. */
function noteJourney(
  deps: Pick<InteractionDeps, 'journeys'>,
  open: Open,
  { method, registered }: Proof,
): void {
  const recovered = method === 'recovery';
  const kind = registered !== undefined ? 'register' : recovered ? 'recover' : 'sign-in';
  deps.journeys.note({ kind, method: registered ?? (recovered ? 'password' : method), ...shapeOf(open) });
}

/**
 * The place of a journey, in closed sets.
 * @param at request and place
 */
export function shapeOf(
  at: Pick<Open, 'ctx' | 'place'>,
): Pick<RecordedShape, 'brand' | 'market' | 'client' | 'locale'> {
  const { experience, client } = at.place;
  return {
    brand: experience.brand.id,
    market: experience.market.id,
    client: client && client.id !== ownClient.id ? client.id : '',
    locale: at.ctx.state.visit.locale,
  };
}

/**
 * Counts a wrong proof. For a known member it is a fact of their history, looked up and written when the answer no
 * longer waits for it.
 * @param deps modules
 * @param ctx the request
 * @param failed the way, the error code, and who would have been signed in
 */
export function noteFailedSignIn(
  deps: Pick<InteractionDeps, 'log' | 'metrics' | 'outbox'>,
  ctx: EdgeContext,
  failed: { method: string; reason: string; member: () => Promise<Member | undefined> },
): void {
  const { visit } = ctx.state;
  const { method, reason } = failed;
  deps.metrics.signIn({ method, outcome: 'failure', reason });
  afterAnswer(deps, ctx, async () => {
    const member = await failed.member();
    if (!member) return;
    const about = { memberId: member._id, visit: { ...visit }, data: { method } };
    await deps.outbox.add({ kind: noteEvent, payload: { type: 'member.sign_in_failed', ...about } });
  });
}

/** From here on the visit is the member's own. */
function actAs(ctx: EdgeContext, member: Member): void {
  ctx.state.visit = { ...ctx.state.visit, actor: { kind: 'member', id: member._id } };
}

/**
 * Makes the member of a registration whose address is proven, with password, decisions, link and events at once.
 * @param deps modules
 * @param open the open interaction
 * @param registration everything the member is made of
 * @throws DomainError `identifier.taken` when the address or the link was claimed meanwhile
 */
export async function createMember(
  deps: InteractionDeps,
  open: Open,
  registration: PendingRegistration,
): Promise<Member> {
  const { visit } = open.ctx.state;
  const { experience } = open.place;
  return inTransaction(deps.db, async (tx) => {
    const home = experience.market.region;
    const draft = {
      home,
      market: experience.market.id,
      brand: experience.brand.id,
      locale: registration.locale ?? visit.locale,
      via: registration.via,
      statedAge: registration.statedAge,
      email: registration.email,
      name: registration.name,
      attributes: answersToKeep(open, registration),
      identifiers: [
        { type: 'email' as const, value: registration.email },
        ...(registration.upstream
          ? [{ type: registration.upstream.provider, value: registration.upstream.subject }]
          : []),
      ],
    };
    const member = await deps.members.create(tx, draft, visit);
    const asMember = { ...visit, actor: { kind: 'member' as const, id: member._id } };
    if (registration.encodedPassword) {
      await deps.passwords.set(tx, {
        memberId: member._id,
        home,
        encoded: registration.encodedPassword,
        reason: 'registration',
        visit: asMember,
      });
    }
    if (registration.upstream) {
      const data = { provider: registration.upstream.provider };
      await deps.events.record(tx, {
        type: 'upstream.linked',
        memberId: member._id,
        home,
        visit: asMember,
        data,
      });
    }
    const decisions = registration.decisions.map((decision) => toDecision(deps, open, decision));
    await deps.consents.record(tx, {
      memberId: member._id,
      home,
      decisions,
      visit: asMember,
      channel: 'web',
    });
    await deps.registrations.endAll(tx, registration.email);
    const accountUrl = `${deps.issuer}/account`;
    await deps.mailer.enqueue(tx, {
      template: 'welcome',
      to: registration.email,
      locale: visit.locale,
      brand: experience.mailBrand,
      data: { accountUrl },
    });
    return member;
  });
}

/** The exact text a decision was taken on; a registration waits a day at most, and published texts never change. */
function toDecision(deps: InteractionDeps, open: Open, decision: PendingDecision): Decision {
  const { jurisdiction } = open.place.experience;
  const text = deps.purposes.text(decision.textId, decision.version, decision.language, jurisdiction);
  if (!text || text.hash !== decision.hash) throw new DomainError('input.invalid');
  return decisionOf(text, decision.kind);
}

/**
 * A decision on a text, as the ledger takes it.
 * @param text the exact text
 * @param kind what was decided
 * @throws DomainError `input.invalid` when the kind does not belong to the text
 */
export function decisionOf(text: LegalText, kind: PendingDecision['kind']): Decision {
  if (text.kind === 'terms' && kind === 'accepted') return { text, kind };
  if (text.kind === 'notice' && kind === 'acknowledged') return { text, kind };
  if (text.kind === 'purpose' && (kind === 'given' || kind === 'refused')) return { text, kind };
  throw new DomainError('input.invalid');
}

/**
 * Links an upstream subject to a member who has proven both.
 * @param deps modules
 * @param open the open interaction
 * @param link member and upstream profile
 * @throws DomainError `link.taken` when the subject leads to somebody already, or the member has another one linked
 */
export async function linkUpstream(
  deps: InteractionDeps,
  open: Open,
  link: { member: Member; profile: UpstreamProfile },
): Promise<void> {
  const { member, profile } = link;
  if ((await deps.members.identifierTypes(member._id)).includes(profile.provider))
    throw new DomainError('link.taken');
  actAs(open.ctx, member);
  const { visit } = open.ctx.state;
  try {
    await inTransaction(deps.db, async (tx) => {
      await deps.members.claim(tx, member, { type: profile.provider, value: profile.subject }, visit);
      const about = { memberId: member._id, home: member.home, visit };
      await deps.events.record(tx, {
        type: 'upstream.linked',
        ...about,
        data: { provider: profile.provider },
      });
      const upstreamName = upstreamNames[profile.provider];
      await mailMember(deps, open, { tx, member, template: 'upstream-linked', upstreamName });
    });
  } catch (error) {
    if (error instanceof DomainError && error.code === 'identifier.taken')
      throw new DomainError('link.taken');
    throw error;
  }
}

/**
 * Replaces a password after a proven recovery: everything issued before is dead from this moment on.
 * @param deps modules
 * @param visitOf the request, and the look for its mail
 * @param recovery whose account, and the new password as hashed
 * @returns the member in their new epoch
 */
export async function replacePassword(
  deps: InteractionDeps,
  visitOf: Pick<Open, 'ctx' | 'place'>,
  recovery: { member: Member; encoded: string },
): Promise<Member> {
  const { member, encoded } = recovery;
  actAs(visitOf.ctx, member);
  const { visit } = visitOf.ctx.state;
  const about = { memberId: member._id, home: member.home, visit };
  const securityEpoch = await inTransaction(deps.db, async (tx) => {
    await deps.passwords.set(tx, { ...about, encoded, reason: 'recovery' });
    const epoch = await endEverything(deps, tx, { memberId: member._id });
    // Somebody changed the account since this recovery was proven: of two, the first counts.
    if (epoch !== member.securityEpoch + 1) throw new DomainError('code.expired');
    await deps.events.record(tx, { type: 'recovery.completed', ...about });
    await mailMember(deps, visitOf, { tx, member, template: 'password-changed' });
    return epoch;
  });
  await deps.throttles.forgive({ member: member._id, device: visit.deviceId });
  return { ...member, securityEpoch };
}

/** Tells a member about a change of their account, in their own language. */
async function mailMember(
  deps: InteractionDeps,
  at: Pick<Open, 'ctx' | 'place'>,
  mail: {
    tx: Tx;
    member: Member;
    template: 'new-device' | 'password-changed' | 'upstream-linked';
    upstreamName?: string;
  },
): Promise<void> {
  const { email } = await deps.members.profile(mail.member);
  if (!email) return;
  const { visit } = at.ctx.state;
  const { locale } = mail.member;
  const name = deviceNameText(deviceName(visit.userAgent));
  const place = countryName(deps.places.placeOf(visit.ip), locale);
  await deps.mailer.enqueue(mail.tx, {
    template: mail.template,
    to: email,
    locale,
    brand: at.place.experience.mailBrand,
    data: {
      at: dateOf(deps.clock).toISOString(),
      device: textsAt(deps, at.place).t(locale, name.key, name.params),
      ...(place && { place }),
      notMeUrl: `${deps.issuer}/recover`,
      upstreamName: mail.upstreamName ?? '',
    },
  });
}
