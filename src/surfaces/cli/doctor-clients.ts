/** The part of `doctor` that looks at the relying parties. */
import type { Outbound } from '../../base/http/outbound.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import type { StaffEntry } from '../../people/staff/staff.ts';
import { type Finding, fault, ok, warning } from './finding.ts';
import type { World } from './world.ts';

/** How many key sets are fetched at the same time. */
const atOnce = 8;

/**
 * Looks at every client; changes nothing.
 * @param world the rest
 */
export function clientFindings(world: World): Promise<Finding[]> {
  return world.withProgram(async ({ clients, experiences, outbound, staff }, config) => {
    const brands = new Set(experiences.brands().map(({ id }) => id));
    const production = config.environment === 'production';
    const all = (await clients.list()).filter((client) => !client.endedAt);
    const findings = [
      ...all.flatMap((client) => oddities(client, { brands, production })),
      ...(await keySetFindings(all, outbound)),
      ...(experiences.program.approvals > 0 ? unanswered(await staff.list()) : []),
    ];
    return findings.length > 0
      ? findings
      : [ok('clients', `Clients: ${all.length}, nothing odd about them.`)];
  });
}

/** Machines that may draft and for which nobody answers: what they draft cannot be approved. */
function unanswered(staff: readonly StaffEntry[]): Finding[] {
  return staff
    .filter(({ kind, grants, responsible }) => {
      const drafts = grants.some(({ permission }) => permission === 'edit');
      return kind === 'client' && drafts && responsible.length === 0;
    })
    .map(({ id }) =>
      warning(
        'clients',
        `${id} may draft changes of the configuration and nobody answers for it, so they cannot be approved.`,
        `Name whoever holds its secret: symbolon staff grant ${id} --client --responsible <members>`,
      ),
    );
}

function oddities(
  client: ClientRecord,
  known: { brands: ReadonlySet<string>; production: boolean },
): Finding[] {
  const { id, metadata } = client;
  const findings: Finding[] = [];
  if (client.disabledAt)
    findings.push(warning('clients', `${id} is disabled.`, `symbolon clients enable ${id}, or leave it so.`));
  if (!known.brands.has(client.brand))
    findings.push(
      fault(
        'clients',
        `${id} belongs to the brand ${client.brand}, which is not configured.`,
        'Add the brand, or register the client anew under another one.',
      ),
    );
  if (client.pkceExempt)
    findings.push(
      warning(
        'clients',
        `${id} need not use PKCE.`,
        `Once its application sends a code challenge: symbolon clients update ${id} --no-pkce-exempt`,
      ),
    );
  const plain = metadata.redirect_uris.filter((uri) => uri.startsWith('http:'));
  if (known.production && metadata.application_type === 'web' && plain.length > 0)
    findings.push(
      warning(
        'clients',
        `${id} takes codes on http: ${plain.join(', ')}.`,
        'Register its https address; http on this machine is for developers.',
      ),
    );
  return findings;
}

async function keySetFindings(
  clients: readonly ClientRecord[],
  outbound: Pick<Outbound, 'fetch'>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const waiting = clients.filter(({ metadata, disabledAt }) => metadata.jwks_uri && !disabledAt);
  for (let start = 0; start < waiting.length; start += atOnce) {
    const some = waiting.slice(start, start + atOnce);
    findings.push(...(await Promise.all(some.map((client) => keySetFinding(client, outbound)))).flat());
  }
  return findings;
}

async function keySetFinding(
  { id, metadata }: ClientRecord,
  outbound: Pick<Outbound, 'fetch'>,
): Promise<Finding[]> {
  const why = await keySetFault(metadata.jwks_uri ?? '', outbound);
  if (why === undefined) return [];
  return [
    warning(
      'clients',
      `The keys of ${id} cannot be fetched from here: ${why}.`,
      `Let its operators look at ${metadata.jwks_uri}; a host of a private network needs SYMBOLON_OUTBOUND_ALLOW_LIST.`,
    ),
  ];
}

async function keySetFault(uri: string, outbound: Pick<Outbound, 'fetch'>): Promise<string | undefined> {
  try {
    const response = await outbound.fetch(uri, { headers: { accept: 'application/json' } });
    if (response.status !== 200) return `it answers ${response.status}`;
    const body: unknown = await response.json().catch(() => undefined);
    if (body === undefined) return 'it is not JSON';
    const found = Object(body).keys;
    return Array.isArray(found) && found.length > 0 ? undefined : 'it is no key set';
  } catch (error) {
    return error instanceof Error ? error.message : 'unknown';
  }
}
