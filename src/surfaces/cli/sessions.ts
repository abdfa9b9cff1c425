/** `symbolon sessions`: where a member is signed in, and ending that. */
import { inTransaction } from '../../base/db/transaction.ts';
import type { Member } from '../../people/members/members.ts';
import type { SessionInfo } from '../../protocol/oidc/sessions.ts';
import { endEverything, endSessions } from '../../protocol/oidc/sign-out.ts';
import { type Answer, exitCodes, Refusal, table } from './answer.ts';
import { findMember } from './members.ts';
import type { OpenProgram, World } from './world.ts';

/**
 * The live sessions of a member, newest sign-in first; without devices and addresses, which are the member's business.
 * @param world the rest
 * @param who mail address or member id
 * @throws InputFaults, Refusal
 */
export function listSessions(world: World, who: string): Promise<Answer> {
  return world.withProgram(async ({ members, sessions }) => {
    const member = await findMember(members, who);
    const shown = (await sessions.list(member._id)).map(shownAs);
    const text = shown.length === 0 ? `${member._id} is signed in nowhere.` : tableOf(shown);
    return { text, data: { member: member._id, sessions: shown } };
  });
}

/** Which session to end, and whether to do it. */
export interface EndOptions {
  session?: string;
  yes?: boolean;
}

/**
 * Ends one session of a member, or signs the member out everywhere: then all tokens are dead as well. Shows what it
 * would do until told to do it.
 * @param world the rest
 * @param who mail address or member id
 * @param options one session only; do it
 * @throws InputFaults, Refusal
 */
export function endMemberSessions(world: World, who: string, options: EndOptions): Promise<Answer> {
  return world.withProgram(async (program) => {
    const member = await findMember(program.members, who);
    const all = await program.sessions.list(member._id);
    const chosen = options.session === undefined ? all : all.filter(({ id }) => id === options.session);
    if (options.session !== undefined && chosen.length === 0)
      throw new Refusal('The member has no session of this id. "symbolon sessions list" shows all of them.');
    const shown = chosen.map(shownAs);
    const data = { member: member._id, sessions: shown, done: options.yes === true };
    if (!options.yes) {
      const lines = [
        ...(shown.length > 0 ? [`This will end:`, tableOf(shown)] : ['No session is open.']),
        ...(options.session === undefined ? ['Every token issued to the member dies as well.'] : []),
        '',
        'Nothing was changed. Add --yes to do it.',
      ];
      return { text: lines.join('\n'), data, exitCode: exitCodes.refused };
    }
    if (options.session === undefined) await everywhere(world, program, member);
    else await one(world, program, member, options.session);
    const what = options.session === undefined ? 'is signed out everywhere' : 'is signed out there';
    return { text: `${member._id} ${what}. The running issuer tells the relying parties.`, data };
  });
}

function everywhere(world: World, program: OpenProgram, member: Member): Promise<void> {
  const { db, events } = program;
  return inTransaction(db, async (tx) => {
    await endEverything(program, tx, { memberId: member._id });
    await events.record(tx, {
      type: 'session.revoked',
      memberId: member._id,
      home: member.home,
      visit: world.visit(),
      data: { scope: 'all' },
    });
  });
}

async function one(world: World, program: OpenProgram, member: Member, id: string): Promise<void> {
  const choose = (session: SessionInfo) => session.id === id;
  await endSessions(program, { member, visit: world.visit(), scope: 'one', choose });
}

interface ShownSession {
  session: string;
  signedInAt: string;
  lastSeenAt: string | undefined;
  clients: string[];
}

function shownAs({ id, signedInAt, lastSeenAt, clients }: SessionInfo): ShownSession {
  return {
    session: id,
    signedInAt: signedInAt.toISOString(),
    lastSeenAt: lastSeenAt?.toISOString(),
    clients,
  };
}

function tableOf(shown: readonly ShownSession[]): string {
  return table(
    ['session', 'signed in', 'last seen (hour)', 'clients'],
    shown.map(({ session, signedInAt, lastSeenAt, clients }) => [
      session,
      signedInAt,
      lastSeenAt ?? '-',
      clients.join(', ') || '-',
    ]),
  );
}
