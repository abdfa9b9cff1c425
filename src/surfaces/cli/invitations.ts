/** `symbolon clients invite`, `invitations` and `uninvite`: what may register by itself. */
import {
  type Invitation,
  type InvitationDraft,
  invitationInput,
} from '../../business/clients/invitations.ts';
import { type Answer, InputFaults, table } from './answer.ts';
import { grantNamed } from './client-options.ts';
import { placeFaults } from './clients.ts';
import type { World } from './world.ts';

/** The options of `clients invite`. */
export interface InviteOptions {
  brand?: string;
  market?: string;
  firstParty?: boolean;
  profile?: string;
  pkceExempt?: boolean;
  publicSubject?: boolean;
  grants?: string[];
  scopes?: string[];
  redirectHosts?: string[];
  uses?: number;
  expiresHours?: number;
}

const optionNames: Readonly<Record<string, string>> = {
  firstParty: '--first-party',
  pkceExempt: '--pkce-exempt',
  publicSubject: '--public-subject',
  redirectHosts: '--redirect-hosts',
  expiresHours: '--expires-hours',
};

/**
 * Makes an invitation and prints its initial access token, this once.
 * @param world the rest
 * @param options what a client registered with it may be
 * @throws InputFaults with every fault
 */
export function inviteClient(world: World, options: InviteOptions): Promise<Answer> {
  return world.withProgram(async ({ invitations, experiences }, config) => {
    const draft = { ...options, ...(options.grants && { grants: options.grants.map(grantNamed) }) };
    const faults = options.brand === undefined ? ['--brand: is needed'] : [];
    const parsed = invitationInput.safeParse({ brand: 'missing', ...draft });
    for (const { path, message } of parsed.error?.issues ?? []) {
      const name = String(path[0]);
      faults.push(`${optionNames[name] ?? `--${name}`}: ${message}`);
    }
    faults.push(...placeFaults({ ...options }, experiences));
    if (faults.length > 0) throw new InputFaults(faults);
    const { invitation, token } = await invitations.issue(draft as InvitationDraft, world.visit());
    const text = [
      `The invitation ${invitation.id} is open until ${invitation.expiresAt.toISOString()} for ${times(invitation.uses)}.`,
      'Hand this initial access token over on a way that nobody else reads:',
      '',
      token,
      '',
      `A client registers with it at ${config.issuer}/register. It is shown this once.`,
    ].join('\n');
    return { text, data: { invitation, token, registration_endpoint: `${config.issuer}/register` } };
  });
}

/**
 * Every invitation, newest first, without tokens.
 * @param world the rest
 */
export function listInvitations(world: World): Promise<Answer> {
  return world.withProgram(async ({ invitations }) => {
    const all = await invitations.list();
    const text =
      all.length === 0
        ? 'There are no invitations. "symbolon clients invite --help" tells how to make one.'
        : table(['id', 'brand', 'party', 'profile', 'left', 'until', 'state'], all.map(row));
    return { text, data: { invitations: all } };
  });
}

/**
 * Takes an invitation back; clients that have registered with it stay.
 * @param world the rest
 * @param id the invitation
 * @throws DomainError `invitation.unknown`
 */
export function withdrawInvitation(world: World, id: string): Promise<Answer> {
  return world.withProgram(async ({ invitations }) => {
    const invitation = await invitations.revoke(id, world.visit());
    return {
      text: `Nobody registers with ${id} any more. Clients that did stay as they are.`,
      data: { invitation },
    };
  });
}

function row(invitation: Invitation): string[] {
  const { id, brand, firstParty, profile, left, uses, expiresAt, state } = invitation;
  const party = firstParty ? 'first party' : 'third party';
  return [id, brand, party, profile, `${left} of ${uses}`, expiresAt.toISOString(), state];
}

function times(count: number): string {
  return count === 1 ? 'one client' : `${count} clients`;
}
