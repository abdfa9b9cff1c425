/**
 * Dynamic registration (OpenID Connect Dynamic Client Registration 1.0, RFC 7591, RFC 7592): the library speaks the
 * protocol, the clients module decides and writes. Nothing is registered without an initial access token that an
 * operator has issued. A secret is shown in the answer that made it; afterwards only its keyed hash exists, so reading
 * a registration shows none.
 */
import {
  type Adapter,
  type AdapterPayload,
  type Client,
  type ClientMetadata,
  type Configuration,
  errors,
  type KoaContextWithOIDC,
  Provider,
} from 'oidc-provider';
import { type Clock, epochSeconds } from '../../base/kernel/clock.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { Ids } from '../../base/kernel/ids.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import type { IssuedClient } from '../../business/clients/clients.ts';
import type { Invitations } from '../../business/clients/invitations.ts';
import type { Registrations, SoundDescription } from '../../business/clients/registrations.ts';
import type { RegistrationFault } from '../../business/clients/self-description.ts';
import type { ArtefactUnit } from './artefacts/unit.ts';
import { currentUnit } from './artefacts/unit.ts';

/** What the registration is made of. */
export interface RegistrationDeps {
  clock: Clock;
  ids: Ids;
  invitations: Pick<Invitations, 'open' | 'get'>;
  registrations: Registrations;
  /** A live client. */
  findClient(clientId: string): Promise<ClientRecord | undefined>;
  /** The library's form of a client. */
  metadataOf(client: ClientRecord): AdapterPayload;
  /** Whether the text is a live secret of the client. */
  verifySecret(client: ClientRecord, secret: string): boolean;
  /** The circumstances of the present request. */
  visit(): Visit;
}

/** The registration as provider and adapters use it. */
export interface Registration {
  features: Pick<NonNullable<Configuration['features']>, 'registration' | 'registrationManagement'>;
  /** What the library's store of clients does when it writes. */
  clients: Pick<Adapter, 'upsert' | 'destroy'>;
  /** Finds an initial access token: the invitation that stands for it. */
  findInvitation(token: string): Promise<AdapterPayload | undefined>;
  /** Lets a client prove, as it changes itself, that it knows its secret. */
  withOwnSecret(client: Client | undefined): Promise<Client | undefined>;
  /** Says in the answer what is registered, and nothing else. */
  answer(ctx: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<void>;
}

/** The one policy that every token carries: the invitation decides. */
const policy = 'invitation';

/** A judged description on its way to being written. */
interface Pending extends SoundDescription {
  /** The invitation it registers with; none when it changes itself. */
  invitation: string | undefined;
}

/**
 * Builds the registration.
 * @param deps clients, invitations, the present request
 */
export function createRegistration(deps: RegistrationDeps): Registration {
  const pending = new WeakMap<ArtefactUnit, Pending>();
  const written = new WeakMap<ArtefactUnit, IssuedClient>();
  const visitOf = (clientId: string): Visit => ({ ...deps.visit(), clientId });

  return {
    features: {
      registration: {
        enabled: true,
        initialAccessToken: true,
        idFactory: () => deps.ids.id('cli'),
        // Stands in until the client is written, which makes the real one.
        secretFactory: () => deps.ids.secret(),
        policies: {
          async [policy](ctx, properties) {
            const judged = await judge(deps, ctx, properties);
            pending.set(currentUnit(), judged);
            become(properties, deps, judged);
          },
        },
      },
      registrationManagement: { enabled: true, rotateRegistrationAccessToken: true },
    },
    clients: {
      async upsert(clientId) {
        const waiting = pending.get(currentUnit());
        if (waiting?.client.id !== clientId) throw new Error('a client is written only once it was judged');
        const { client, invitation } = waiting;
        const done = await asProtocolError(() =>
          invitation === undefined
            ? deps.registrations.replace(client, visitOf(clientId))
            : deps.registrations.create(client, invitation, visitOf(clientId)),
        );
        written.set(currentUnit(), done);
      },
      async destroy(clientId) {
        await deps.registrations.end(clientId, visitOf(clientId));
      },
    },
    async findInvitation(token) {
      const invitation = await deps.invitations.open(token);
      return (
        invitation && {
          jti: token,
          kind: 'InitialAccessToken',
          iat: Math.floor(invitation.createdAt.getTime() / 1000),
          exp: Math.floor(invitation.expiresAt.getTime() / 1000),
          policies: [policy],
        }
      );
    },
    async withOwnSecret(client) {
      const ctx = Provider.ctx;
      if (!client?.clientSecret || ctx?.oidc.route !== 'client_update') return client;
      const record = await deps.findClient(client.clientId);
      // The library compares what is presented with what it holds, which is a hash: it sees the presented one instead
      // when that is right. The client itself is shared by requests and stays as it is.
      return Object.create(client, {
        clientSecret: {
          get() {
            const presented = ctx.oidc.body?.client_secret;
            const right = typeof presented === 'string' && record && deps.verifySecret(record, presented);
            return right ? presented : client.clientSecret;
          },
        },
      });
    },
    async answer(ctx, next) {
      await next();
      const { route, client } = ctx.oidc ?? {};
      const body: Record<string, unknown> | undefined = Object(ctx.body);
      if (!route || !answered.has(route) || ctx.status >= 300 || !client || !body) return;
      const done = written.get(currentUnit());
      const record = done?.client ?? (await deps.findClient(client.clientId));
      if (!record) throw new errors.InvalidToken('client not found');
      ctx.body = {
        ...publicMetadata(record),
        ...(done?.secret !== undefined && { client_secret: done.secret, client_secret_expires_at: 0 }),
        registration_client_uri: body.registration_client_uri,
        registration_access_token: body.registration_access_token,
      };
    },
  };
}

/** Routes whose answer tells of a client. */
const answered = new Set(['registration', 'client', 'client_update']);

async function judge(
  deps: RegistrationDeps,
  ctx: KoaContextWithOIDC,
  properties: ClientMetadata,
): Promise<Pending> {
  const id = properties.client_id;
  const before = ctx.oidc.route === 'client_update' ? await deps.findClient(id) : undefined;
  const token = ctx.oidc.entities.InitialAccessToken?.jti;
  const invitation = before
    ? await deps.invitations.get(before.invitation ?? '')
    : await deps.invitations.open(token ?? '');
  if (!invitation) throw new errors.InvalidToken('initial access token not found');
  const judged = await deps.registrations.judge({ id, body: ctx.oidc.body ?? {}, invitation, before });
  if ('faults' in judged) throw refusal(judged.faults);
  return { ...judged, invitation: before ? undefined : invitation.id };
}

/** What the library goes on with is what was judged, not what was sent. */
function become(properties: ClientMetadata, deps: RegistrationDeps, judged: Pending): void {
  const standIn = properties.client_secret ?? deps.ids.secret();
  for (const name of Object.keys(properties)) Reflect.deleteProperty(properties, name);
  Object.assign(properties, deps.metadataOf(judged.preview), {
    client_id_issued_at: epochSeconds(deps.clock),
    ...(judged.usesSecret && { client_secret: standIn, client_secret_expires_at: 0 }),
  });
}

function publicMetadata(client: ClientRecord): Record<string, unknown> {
  return {
    client_id: client.id,
    client_id_issued_at: Math.floor(client.createdAt.getTime() / 1000),
    client_name: client.name,
    ...client.metadata,
  };
}

/** RFC 7591 section 3.2.2, within the characters that RFC 6749 allows in a description. */
function refusal(faults: readonly RegistrationFault[]) {
  const words = faults
    .map(({ field, message }) => `${field}: ${message}`)
    .join('; ')
    .replaceAll('"', '')
    .replace(/[^\x20-\x5b\x5d-\x7e]/g, '?')
    .slice(0, 1000);
  // Words that begin with the redirect addresses make it `invalid_redirect_uri`.
  return new errors.InvalidClientMetadata(words);
}

/** Whoever loses the race for the last use of an invitation hears what they would have heard a moment later. */
async function asProtocolError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DomainError && error.code === 'invitation.unknown')
      throw new errors.InvalidToken('initial access token not found');
    if (error instanceof DomainError && error.code.startsWith('client.'))
      throw new errors.InvalidToken('client not found');
    throw error;
  }
}
