/** `symbolon staff`: who may act on the program's configuration, and on what part. */
import { nearestName } from '../../base/config/faults.ts';
import { layerSelector, type Permission, permissions, type StaffGrant } from '../../people/staff/grants.ts';
import { mostResponsible, type Principal, type Responsible } from '../../people/staff/staff.ts';
import { type Answer, InputFaults, Refusal, table } from './answer.ts';
import { findMember } from './members.ts';
import type { OpenProgram, World } from './world.ts';

/** The options of `staff grant` and `staff revoke`. */
export interface StaffOptions {
  may?: string;
  on?: string;
  client?: boolean;
  /** Of a machine: who answers for it. */
  responsible?: string;
}

/**
 * Everybody who may act, and on what.
 * @param world the rest
 */
export function listStaff(world: World): Promise<Answer> {
  return world.withProgram(async ({ staff }) => {
    const entries = await staff.list();
    const rows = entries.flatMap(({ kind, id, grants, responsible }) =>
      grants.map(({ permission, layers }) => [
        kind,
        id,
        permission,
        layers.join(' '),
        responsible.join(' ') || (kind === 'client' ? 'nobody' : ''),
      ]),
    );
    const text =
      rows.length === 0
        ? 'Nobody may act on the configuration yet. "symbolon staff grant" lets somebody.'
        : table(['KIND', 'ID', 'MAY', 'ON', 'RESPONSIBLE'], rows);
    return { text, data: { staff: entries } };
  });
}

/**
 * Lets a member or a client do more, and names who answers for a client.
 * @param world the rest
 * @param who mail address or member id, or a client id
 * @param options what, on which parts, whether it is a client, who answers for it
 * @throws InputFaults, Refusal
 */
export function grantStaff(world: World, who: string, options: StaffOptions): Promise<Answer> {
  const may = permissionsOf(options.may);
  const on = layersOf(options.on);
  const names = options.responsible === undefined ? undefined : partsOf(options.responsible);
  const onlyNamed = names !== undefined && !may && !on;
  const faults = [
    ...(may || onlyNamed ? [] : ['--may: what they may do, such as read,edit']),
    ...(on || onlyNamed ? [] : ['--on: which parts, such as brand:volt']),
    ...(names && !options.client
      ? ['--responsible: goes with --client; a member answers for themselves']
      : []),
    ...(names?.length === 0 ? ['--responsible: nobody is named'] : []),
    ...(names && names.length > mostResponsible ? [`--responsible: at most ${mostResponsible} people`] : []),
  ];
  if (faults.length > 0) throw new InputFaults(faults);
  const more: StaffGrant[] = (may ?? []).map((permission) => ({ permission, layers: on ?? [] }));
  return world.withProgram(async (program) => {
    const { staff, members } = program;
    const principal = await principalOf(program, who, options);
    await refuseUnknown(program, on ?? []);
    const named: Responsible[] = [];
    for (const name of names ?? []) {
      const { _id: id, home } = await findMember(members, name);
      named.push({ id, home });
    }
    const visit = world.visit();
    if (principal.kind === 'client' && names) await staff.nameResponsible(principal, named, visit);
    const grants = onlyNamed ? await staff.grantsOf(principal) : await staff.grant(principal, more, visit);
    return answerOf(principal, grants, await responsibleFor(program, principal));
  });
}

/** Nobody answers for a member but themselves. */
async function responsibleFor(
  { staff }: OpenProgram,
  { kind, id }: Principal,
): Promise<readonly string[] | undefined> {
  return kind === 'client' ? staff.responsibleFor(id) : undefined;
}

/**
 * Lets a member or a client do less; nothing any more when no option says what.
 * @param world the rest
 * @param who mail address or member id, or a client id
 * @param options what, on which parts, whether it is a client
 * @throws InputFaults, Refusal
 */
export function revokeStaff(world: World, who: string, options: StaffOptions): Promise<Answer> {
  const less = { permissions: permissionsOf(options.may), layers: layersOf(options.on) };
  return world.withProgram(async (program) => {
    const principal = await principalOf(program, who, options);
    const grants = await program.staff.revoke(principal, less, world.visit());
    if (!grants) throw new Refusal(`${principal.id} was not granted this. Nothing was changed.`);
    return answerOf(principal, grants, await responsibleFor(program, principal));
  });
}

function answerOf(
  principal: Principal,
  grants: readonly StaffGrant[],
  responsible: readonly string[] | undefined,
): Answer {
  const { kind, id } = principal;
  const lines = grants.map(({ permission, layers }) => `  ${permission} on ${layers.join(', ')}`);
  const rights = grants.length === 0 ? [`${id} may do nothing.`] : [`${id} may now:`, ...lines];
  const edits = grants.some(({ permission }) => permission === 'edit');
  const answering =
    responsible === undefined || (responsible.length === 0 && !edits)
      ? []
      : [
          responsible.length > 0
            ? `These answer for it, and cannot approve what it drafts: ${responsible.join(', ')}.`
            : 'Nobody answers for it, so what it drafts cannot be approved. Name whoever holds its secret: --responsible.',
        ];
  const text = [...rights, ...answering].join('\n');
  return { text, data: { kind, id, grants, ...(responsible && { responsible }) } };
}

async function principalOf(
  { members, clients }: OpenProgram,
  who: string,
  options: StaffOptions,
): Promise<Principal> {
  if (options.client !== true) {
    const { _id: id, home } = await findMember(members, who);
    return { kind: 'member', id, home };
  }
  const client = await clients.get(who);
  if (!client) throw new Refusal('No client has this id.');
  if (!client.firstParty) throw new Refusal(`${who} is a partner's client: staff are the program's own.`);
  return { kind: 'client', id: client.id };
}

function permissionsOf(list: string | undefined): Permission[] | undefined {
  if (list === undefined) return undefined;
  const names = partsOf(list);
  const faults = names
    .filter((name) => !(permissions as readonly string[]).includes(name))
    .map((name) => `--may: ${name} is not one of ${permissions.join(', ')}`);
  if (names.length === 0 || faults.length > 0)
    throw new InputFaults(faults.length > 0 ? faults : ['--may: nothing is named']);
  return names as Permission[];
}

function layersOf(list: string | undefined): string[] | undefined {
  if (list === undefined) return undefined;
  const names = partsOf(list);
  const faults = names.flatMap((name) => {
    const parsed = layerSelector.safeParse(name);
    return parsed.success ? [] : [`--on: ${name}: ${parsed.error.issues[0]?.message ?? 'not a part'}`];
  });
  if (names.length === 0 || faults.length > 0)
    throw new InputFaults(faults.length > 0 ? faults : ['--on: nothing is named']);
  return names;
}

function partsOf(list: string): string[] {
  const names = list.split(/[\s,]+/).filter(Boolean);
  return [...new Set(names)];
}

/** A mistyped name would allow nothing, silently. */
async function refuseUnknown({ experiences, clients }: OpenProgram, on: readonly string[]): Promise<void> {
  const known: Readonly<Record<string, readonly string[]>> = {
    brand: experiences.brands().map(({ id }) => id),
    market: experiences.markets().map(({ id }) => id),
    region: experiences.program.regions.map(({ id }) => id),
  };
  const faults: string[] = [];
  for (const selector of on) {
    const [kind = '', id = ''] = selector.split(':');
    const names = known[kind];
    if (names && !names.includes(id)) {
      const meant = nearestName(id, names);
      faults.push(`--on: there is no ${kind} ${id}${meant ? `; did you mean ${kind}:${meant}?` : ''}`);
    }
    if (kind === 'site' && !(await clients.get(id))) faults.push(`--on: there is no client ${id}`);
  }
  if (faults.length > 0) throw new InputFaults(faults);
}
