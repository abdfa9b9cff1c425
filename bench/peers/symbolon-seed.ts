/** The world inside Symbolon: its clients registered, its members registered with password and terms. */
import { systemVisit } from '../../src/base/kernel/visit.ts';
import type { ClientDraft } from '../../src/business/clients/client-input.ts';
import { deviceGrant } from '../../src/business/clients/client-metadata.ts';
import type { Issuer } from '../../src/compose.ts';
import { seedMember } from '../../src/demo.ts';
import { publicJwk, type World } from '../world.ts';

/**
 * Registers everything the operations need; running it again changes nothing.
 * @param issuer the composed issuer
 * @param world clients and members
 */
export async function seedSymbolon(issuer: Issuer, world: World): Promise<void> {
  for (const { secret, draft } of draftsOf(issuer, world)) {
    await issuer.core.clients.ensure(draft, systemVisit('bench'), secret);
  }
  await Promise.all(
    world.members.map(({ login, password }) =>
      seedMember(issuer, { email: login, name: 'Bench Member', password }),
    ),
  );
}

interface Registration {
  secret: string | undefined;
  draft: ClientDraft & { id: string };
}

function draftsOf(issuer: Issuer, world: World): Registration[] {
  const brand = issuer.core.experiences.program.defaultBrand;
  const draft = (
    { id, secret }: { id: string; secret?: string },
    metadata: ClientDraft['metadata'],
    resourceServer = false,
  ): Registration => ({
    secret,
    draft: { id, brand, name: id, firstParty: true, resourceServer, metadata },
  });
  const service = { grant_types: ['client_credentials' as const] };
  const site = { grant_types: ['authorization_code' as const], redirect_uris: [world.redirectUri] };
  const party = {
    ...site,
    post_logout_redirect_uris: [world.redirectUri],
    backchannel_logout_uri: world.logoutUri,
    backchannel_logout_session_required: true,
  };
  const jwks = { keys: [publicJwk(world.signer.jwk)] };
  return [
    draft(world.machine, service),
    draft(world.api, service, true),
    draft(world.signer, { ...service, token_endpoint_auth_method: 'private_key_jwt', jwks }),
    draft(world.device, { grant_types: [deviceGrant] }),
    draft(world.site, site),
    draft(world.app, { ...site, grant_types: ['authorization_code', 'refresh_token'] }),
    ...world.many.map((client) => draft(client, service)),
    ...world.parties.map((client) => draft(client, party)),
  ];
}
