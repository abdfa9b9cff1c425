/** What tests of the Configuration API have in common: staff with their tokens, and requests on drafts. */
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import type { Permission } from '../../../src/people/staff/grants.ts';
import { newMember } from '../../protocol/world.ts';
import { allow, startDeskIssuer } from '../../support/desk.ts';
import type { TestIssuer } from '../../support/issuer.ts';
import {
  ask,
  configurationScopes,
  machineToken,
  memberToken,
  registerMachine,
  registerSite,
} from '../apis/world.ts';

/** An issuer whose program asks for one approval, and its staff. */
export interface Desk {
  issuer: TestIssuer;
  /** A token of a member with these grants. */
  person(
    name: string,
    layers: readonly string[],
    permissions?: readonly Permission[],
    scope?: string,
  ): Promise<Caller>;
  /** A token of a machine with these grants, for which somebody answers. */
  machine(id: string, layers: readonly string[], responsible?: readonly Caller[]): Promise<Caller>;
}

/** Somebody who calls. */
export type Caller = ReturnType<typeof caller>;

/** Starts the issuer. */
export async function startDesk(): Promise<Desk> {
  const issuer = await startDeskIssuer();
  const console = await registerSite(issuer, 'console');
  const { staff } = issuer.issuer.people;
  return {
    issuer,
    async person(name, layers, permissions, scope = configurationScopes) {
      const member = await newMember(issuer, console, `${name}@example.com`);
      await allow(staff, { kind: 'member', id: member.memberId, home: 'eu' }, layers, permissions);
      const { access_token } = await memberToken(issuer, console, member, { api: 'configuration', scope });
      return caller(issuer, access_token, member.memberId);
    },
    async machine(id, layers, responsible = []) {
      await registerMachine(issuer, id, configurationScopes);
      const machine = { kind: 'client' as const, id };
      await allow(staff, machine, layers);
      const named = responsible.map((person) => ({ id: person.id, home: 'eu' }));
      await staff.nameResponsible(machine, named, systemVisit('test'));
      const { json } = await machineToken(issuer, id, { api: 'configuration', scope: configurationScopes });
      return caller(issuer, String(json.access_token), id);
    },
  };
}

/** A draft as it was answered last. */
export interface Seen {
  id: string;
  version: number;
}

function caller(issuer: TestIssuer, token: string, id: string) {
  const send = (method: string, path: string, json?: unknown, headers: Record<string, string> = {}) =>
    ask(issuer, `/api/configuration${path}`, { token, method, headers, ...(json !== undefined && { json }) });
  const ifSeen = ({ version }: Seen) => ({ 'if-match': `"${version}"` });
  return {
    id,
    headers: { authorization: `Bearer ${token}` },
    get: (path: string) => send('GET', path),
    send,
    /** Opens a draft. */
    async draft(message = 'A change', target: unknown = 'all'): Promise<Seen> {
      const { json } = await send('POST', '/drafts', { message, target });
      return json as unknown as Seen;
    },
    put: (seen: Seen, item: string, document: unknown) =>
      send('PUT', `/drafts/${seen.id}/items/${item}`, document, ifSeen(seen)),
    patch: (seen: Seen, item: string, document: unknown) =>
      send('PATCH', `/drafts/${seen.id}/items/${item}`, document, ifSeen(seen)),
    step: (seen: Seen, step: string, body?: unknown, headers: Record<string, string> = {}) =>
      send('POST', `/drafts/${seen.id}/${step}`, body, { ...ifSeen(seen), ...headers }),
    /** What the caller sees of a draft now. */
    seen: async (draft: { id: string }) =>
      (await send('GET', `/drafts/${draft.id}`)).json as unknown as Seen & Record<string, unknown>,
  };
}
