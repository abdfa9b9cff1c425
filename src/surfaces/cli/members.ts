/** `symbolon members`: locking and unlocking an account. */
import { inTransaction } from '../../base/db/transaction.ts';
import { dateOf } from '../../base/kernel/clock.ts';
import { normaliseEmail } from '../../business/profiles/email-text.ts';
import type { Member, Members } from '../../people/members/members.ts';
import { endEverything } from '../../protocol/oidc/sign-out.ts';
import { type Answer, InputFaults, Refusal } from './answer.ts';
import type { OpenProgram, World } from './world.ts';

const reasonShape = /^[a-z][a-z_]{0,39}$/;

/**
 * Locks an account: nobody can sign in to it, everything issued before is dead, every application is told and so is
 * the member by mail.
 * @param world the rest
 * @param who mail address or member id
 * @param reason one word for the event, such as `fraud`
 * @throws InputFaults, Refusal, DomainError `member.unavailable`
 */
export function lockMember(world: World, who: string, reason: string): Promise<Answer> {
  checkReason(reason);
  return world.withProgram(async (program) => {
    const member = await findMember(program.members, who);
    const data = { member: member._id, status: 'locked' };
    if (member.status === 'locked')
      return { text: `${member._id} is locked already. Nothing was changed.`, data };
    await lock(world, program, member, reason);
    const text = [
      `${member._id} is locked. All sessions and tokens are dead, every application will be told, and a mail says so.`,
      `"symbolon members unlock ${member._id}" lets the member in again.`,
    ].join('\n');
    return { text, data };
  });
}

/**
 * Unlocks an account; the member signs in anew.
 * @param world the rest
 * @param who mail address or member id
 * @param reason one word for the event, such as `verified`
 * @throws InputFaults, Refusal, DomainError `member.unavailable`
 */
export function unlockMember(world: World, who: string, reason: string): Promise<Answer> {
  checkReason(reason);
  return world.withProgram(async ({ db, members }) => {
    const member = await findMember(members, who);
    const data = { member: member._id, status: 'active' };
    if (member.status === 'active')
      return { text: `${member._id} is not locked. Nothing was changed.`, data };
    await inTransaction(db, (tx) => members.setStatus(tx, member, 'active', reason, world.visit()));
    return { text: `${member._id} is unlocked and can sign in again.`, data };
  });
}

async function lock(world: World, program: OpenProgram, member: Member, reason: string): Promise<void> {
  const { db, members, outbox, mailer, experiences } = program;
  const { email } = await members.profile(member);
  const { mailBrand } = experiences.experienceFor({ brand: member.createdAtBrand, market: member.market });
  await inTransaction(db, async (tx) => {
    await members.setStatus(tx, member, 'locked', reason, world.visit());
    await endEverything({ members, outbox }, tx, { memberId: member._id });
    if (!email) return;
    await mailer.enqueue(tx, {
      template: 'account-locked',
      to: email,
      locale: member.locale,
      brand: mailBrand,
      data: { at: dateOf(world.clock).toISOString() },
    });
  });
}

function checkReason(reason: string): void {
  if (!reasonShape.test(reason))
    throw new InputFaults(['--reason: one word of small letters and underscores, such as fraud']);
}

/**
 * The member an operator means.
 * @param members members
 * @param who mail address or member id
 * @throws InputFaults, Refusal
 */
export async function findMember(members: Members, who: string): Promise<Member> {
  const email = who.includes('@') ? normaliseEmail(who) : undefined;
  if (who.includes('@') && !email) throw new InputFaults(['member: this is not a mail address']);
  const member = email
    ? await members.findByIdentifier({ type: 'email', value: email })
    : await members.get(who);
  if (!member) throw new Refusal('No member has this mail address or id.');
  return member;
}
