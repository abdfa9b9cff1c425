/**
 * The demo world's side of the issuer: registers its clients and one member, and plays the upstreams where no real
 * ones are configured. Never part of production.
 */
import { createServer } from 'node:net';
import { type DemoWorld, demoClients, demoPorts, startDemoWorld } from '../examples/demo-world.ts';
import { upstreamEndpoints } from '../examples/upstream/server.ts';
import type { Config } from './base/config/load.ts';
import { inTransaction } from './base/db/transaction.ts';
import { keyedHash } from './base/kernel/sealing.ts';
import { systemVisit } from './base/kernel/visit.ts';
import type { Issuer } from './compose.ts';

/** The member everybody may play. */
export const demoMember = {
  email: 'mika@example.com',
  name: 'Mika Lind',
  password: 'lantern-orbit-velvet-27',
};

/** Two of the staff, who are needed both before a change of the configuration is live. */
export const demoStaff = [
  { ...demoMember, email: 'ines@example.com', name: 'Ines Marten', may: ['read', 'edit'] },
  { ...demoMember, email: 'otto@example.com', name: 'Otto Falk', may: ['read', 'approve', 'publish'] },
] as const;

/** A member made without pages, for the demo and the bench. */
export interface SeedMember {
  email: string;
  name: string;
  password: string;
}

const secretOf = (config: Config, name: string) => {
  const [master] = config.masterKeys;
  if (!master) throw new Error('no master key');
  return keyedHash(master.key, 'demo-secret', name);
};

/**
 * The configuration with the local upstream in the place of those that are not configured.
 * @param config process configuration
 */
export function withDemoUpstreams(config: Config): Config {
  const { google, facebook } = upstreamEndpoints(demoPorts.upstream);
  return {
    ...config,
    google: config.google ?? { clientId: 'demo-google', clientSecret: secretOf(config, 'google'), ...google },
    facebook: config.facebook ?? {
      appId: 'demo-facebook',
      appSecret: secretOf(config, 'facebook'),
      graphVersion: 'v23.0',
      ...facebook,
    },
  };
}

/** Ports that the demo needs are taken; the message names all of them. */
class PortsInUse extends Error {
  override name = 'PortsInUse';
}

/**
 * Looks whether the ports of the issuer and of the demo world are free, before anything is started.
 * @param config process configuration
 * @throws Error that names every port in use
 */
export async function checkPorts(
  config: Pick<Config, 'host' | 'port' | 'opsHost' | 'opsPort'>,
): Promise<void> {
  const wanted = [
    { host: config.host, port: config.port },
    { host: config.opsHost, port: config.opsPort },
    ...Object.values(demoPorts).map((port: number) => ({ host: '127.0.0.1', port })),
  ];
  const free = await Promise.all(wanted.map(isFree));
  const busy = wanted.filter((_, at) => !free[at]).map(({ port }) => port);
  if (busy.length === 0) return;
  throw new PortsInUse(
    `In use already: port ${busy.join(', ')}. Stop what listens there; the issuer's own can be others (PORT, SYMBOLON_OPS_PORT).`,
  );
}

function isFree({ host, port }: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}

/**
 * Registers the demo's clients, member and staff, and starts its sites and the local upstream.
 * @param issuer the composed issuer
 * @throws Error when a port of the demo is in use
 */
export async function startDemo(issuer: Issuer): Promise<DemoWorld> {
  const { config, clients } = issuer.core;
  const visit = systemVisit('demo', { kind: 'operator', id: 'demo' });
  const secrets: Record<string, string> = {};
  for (const client of demoClients()) {
    const secret = secretOf(config, client.id);
    const keepsSecret = client.metadata.token_endpoint_auth_method !== 'none';
    if (keepsSecret) secrets[client.id] = secret;
    await clients.ensure(client, visit, ...(keepsSecret ? [secret] : []));
  }
  await seedMember(issuer, demoMember);
  await seedStaff(issuer);
  const { google, facebook } = withDemoUpstreams({ ...config, google: undefined, facebook: undefined });
  return startDemoWorld({
    issuer: config.issuer,
    secrets,
    ...(google &&
      facebook && {
        upstream: {
          googleClient: { clientId: google.clientId, clientSecret: google.clientSecret },
          facebookApp: { clientId: facebook.appId, clientSecret: facebook.appSecret },
        },
      }),
  });
}

/**
 * Makes the staff, unless they are there, and with them the rule that one changes and another approves.
 * @param issuer the foundations and the people of an issuer
 */
export async function seedStaff({ core, people }: Pick<Issuer, 'core' | 'people'>): Promise<void> {
  const visit = systemVisit('demo', { kind: 'operator', id: 'demo' });
  for (const { may, ...person } of demoStaff) {
    await seedMember({ core, people }, person);
    const member = await people.members.findByIdentifier({ type: 'email', value: person.email });
    if (!member) continue;
    const principal = { kind: 'member' as const, id: member._id, home: member.home };
    if ((await people.staff.grantsOf(principal)).length > 0) return;
    await people.staff.grant(
      principal,
      may.map((permission) => ({ permission, layers: ['*'] })),
      visit,
    );
  }
  if (core.releases.live.current().all.configuration.program.approvals > 0) return;
  const { drafts, publishing } = core.workflow;
  const who = { by: { kind: 'operator' as const, id: 'demo' }, visit };
  const opened = await drafts.open({ message: 'One changes, another approves' }, who);
  const edited = await drafts.edit(opened, [{ item: 'program', patch: { approvals: 1 } }], who);
  await publishing.publish(await drafts.submit(edited, who), {}, who);
}

/**
 * Makes a member with a proven address, a password and the program's terms accepted, unless there is one.
 * @param issuer the foundations and the people of an issuer
 * @param seed address, name and password
 */
export async function seedMember(
  { core, people }: Pick<Issuer, 'core' | 'people'>,
  seed: SeedMember,
): Promise<void> {
  if (await people.members.findByIdentifier({ type: 'email', value: seed.email })) return;
  const experience = core.experiences.experienceFor({});
  const { brand, market, jurisdiction } = experience;
  const locale = experience.locales.default;
  const { terms, notices } = core.purposes.forVisit({
    brand: brand.id,
    market: market.id,
    jurisdiction,
    locale,
  });
  const encoded = await people.hasher.hash(seed.password);
  const visit = { ...systemVisit('seed'), brand: brand.id, market: market.id };
  await inTransaction(core.db, async (tx) => {
    const member = await people.members.create(
      tx,
      {
        home: market.region,
        market: market.id,
        brand: brand.id,
        locale,
        via: 'password',
        email: seed.email,
        name: seed.name,
        identifiers: [{ type: 'email', value: seed.email }],
      },
      visit,
    );
    const about = { memberId: member._id, home: member.home, visit };
    await people.passwords.set(tx, { ...about, encoded, reason: 'registration' });
    const decisions = [
      ...terms.map((text) => ({ text, kind: 'accepted' as const })),
      ...notices.map((text) => ({ text, kind: 'acknowledged' as const })),
    ];
    await people.consents.record(tx, { ...about, decisions, channel: 'web' });
  });
}
