/** The world inside Symbolon: its clients registered, its members registered with password and terms. */
import { systemVisit } from '../../src/base/kernel/visit.ts';
import type { ClientDraft } from '../../src/business/clients/client-input.ts';
import type { Issuer } from '../../src/compose.ts';
import { seedMember } from '../../src/demo.ts';
import type { BenchClient, World } from '../world.ts';

/**
 * Registers everything the operations need; running it again changes nothing.
 * @param issuer the composed issuer
 * @param world clients and members
 */
export async function seedSymbolon(issuer: Issuer, world: World): Promise<void> {
  for (const { client, draft } of draftsOf(issuer, world)) {
    await issuer.core.clients.ensure(draft, systemVisit('bench'), client.secret);
  }
  await Promise.all(
    world.members.map(({ login, password }) =>
      seedMember(issuer, { email: login, name: 'Bench Member', password }),
    ),
  );
}

function draftsOf(
  issuer: Issuer,
  world: World,
): { client: BenchClient; draft: ClientDraft & { id: string } }[] {
  const brand = issuer.core.experiences.program.defaultBrand;
  const draft = (
    client: BenchClient,
    metadata: ClientDraft['metadata'],
    resourceServer = false,
  ): { client: BenchClient; draft: ClientDraft & { id: string } } => ({
    client,
    draft: { id: client.id, brand, name: client.id, firstParty: true, resourceServer, metadata },
  });
  const redirect_uris = [world.redirectUri];
  return [
    draft(world.machine, { grant_types: ['client_credentials'] }),
    draft(world.api, { grant_types: ['client_credentials'] }, true),
    draft(world.site, { grant_types: ['authorization_code'], redirect_uris }),
    draft(world.app, { grant_types: ['authorization_code', 'refresh_token'], redirect_uris }),
  ];
}
