/**
 * The adapter: what the protocol library calls to keep its models. Ids are digested, payloads sealed, a consume
 * spends once, and a session or grant of an older security epoch is not found. It decides nothing about the
 * protocol; expiry of tokens is judged by the library (some flows want the expired document).
 */
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';
import { dateOf, epochSeconds } from '../../../base/kernel/clock.ts';
import { ifKeyLives } from '../../../base/kernel/sealing.ts';
import { backchannelKind, createBackchannelAdapter } from './backchannel-adapter.ts';
import { createDeviceCodeAdapter } from './device-code-adapter.ts';
import { type Artefact, artefactId } from './model.ts';
import { madeRoomLately, mayRetry } from './retry.ts';
import { type AdapterDeps, deletableAt, isOfPresentEpoch, tombstoneUntil } from './rules.ts';
import { createSessionAdapter } from './session-adapter.ts';
import { currentUnit } from './unit.ts';

/** A proof's replay memory when the library has not told its lifetime yet. */
const replayMemoryMs = 3_600_000;

/**
 * Builds the adapter factory the library is configured with.
 * @param deps store, sealer, clock, clients, epochs
 */
export function createAdapterFactory(deps: AdapterDeps): AdapterFactory {
  return (kind) => {
    if (kind === 'Client') return clientAdapter(deps);
    if (kind === 'InitialAccessToken') return { ...unusedAdapter, find: deps.registration.findInvitation };
    if (kind === 'Session') return createSessionAdapter(deps);
    if (kind === 'ReplayDetection') return replayAdapter(deps);
    const plain = artefactAdapter(kind, deps);
    if (kind === 'RegistrationAccessToken') return registrationTokenAdapter(plain, deps);
    const create = polledAdapters[kind];
    return create
      ? create(deps, plain, (jti, payload, ttl) => toArtefact(kind, jti, payload, ttl, deps))
      : plain;
  };
}

/** Kinds that a client polls for while a person decides. */
const polledAdapters: Readonly<Record<string, typeof createDeviceCodeAdapter>> = {
  DeviceCode: createDeviceCodeAdapter,
  [backchannelKind]: createBackchannelAdapter,
};

const refuse = (method: string) => async (): Promise<never> => {
  throw new Error(`${method} is not used with this model`);
};

function artefactAdapter(kind: string, deps: AdapterDeps): Adapter {
  const context = (id: string) => `artefacts.sealed.${id}`;
  return {
    async upsert(jti, payload, ttl) {
      const document = await toArtefact(kind, jti, payload, ttl, deps);
      if (kind === 'RefreshToken') currentUnit().replaceSpent(kind, document._id);
      if (insertOnly.has(kind)) currentUnit().insert(document);
      else currentUnit().replace(document);
    },
    async find(jti) {
      if (!jti) return undefined;
      const found = await currentUnit().find(artefactId(kind, jti));
      const { _id, sealed } = found ?? {};
      if (!found || !_id || !sealed || !(await isOfPresentEpoch(found, deps))) return undefined;
      if (await madeRoomLately(found, deps)) return undefined;
      const plain = ifKeyLives(() => deps.sealer.open(sealed, context(_id)));
      if (!plain) return undefined;
      const payload = JSON.parse(plain.toString());
      const result = kind === 'Interaction' && (await standingResult(payload.result, deps));
      return {
        ...payload,
        ...(result !== false && { result }),
        jti,
        ...(found.consumed && !(await mayRetry(found, deps)) && { consumed: found.consumed }),
      };
    },
    async consume(jti) {
      const found = await currentUnit().find(artefactId(kind, jti));
      if (found?.consumed === undefined) {
        if (found) currentUnit().spend(found, { consumed: epochSeconds(deps.clock) });
        return;
      }
      // A retry: the successor that was never used makes room, and the time to retry does not begin anew. It is kept as
      // spent for as long as it would have lived: if somebody has it after all, two parties hold the family.
      const successor = found.successor ? await currentUnit().find(found.successor) : undefined;
      if (successor) currentUnit().spend(successor, { consumed: epochSeconds(deps.clock), displaced: true });
      currentUnit().spend(found, { consumed: found.consumed });
    },
    async destroy(jti) {
      const id = artefactId(kind, jti);
      const until = tombstoneUntil(deps.clock);
      const found = spentByEnd.has(kind) ? await currentUnit().find(id) : undefined;
      // An interaction is resumed once: of two tabs or a double click, the first to finish it wins. So is a token that
      // is exchanged for its successor.
      if (found) currentUnit().spend(found, { gone: true, expiresAt: until });
      else currentUnit().bury(id, until);
    },
    async revokeByGrantId(grantId) {
      // The library could call this without an id; a filter on nothing would match everything.
      if (typeof grantId !== 'string' || grantId === '') return;
      currentUnit().revokeGrant(artefactId('Grant', grantId), tombstoneUntil(deps.clock));
    },
    findByUid: refuse('findByUid'),
    findByUserCode: refuse('findByUserCode'),
  };
}

/** Kinds that end once: whoever comes second is told so. */
const spentByEnd = new Set(['Interaction', 'RegistrationAccessToken']);

/** Kinds whose id may be written once only. */
const insertOnly = new Set(['AuthorizationCode', 'PushedAuthorizationRequest']);

async function toArtefact(
  kind: string,
  jti: string,
  payload: AdapterPayload,
  ttl: number | undefined,
  deps: AdapterDeps,
): Promise<Artefact> {
  const _id = artefactId(kind, jti);
  const { jti: _token, consumed, ...rest } = payload;
  const sessionUid = payload.sessionUid ?? payload.session?.uid;
  // A finished interaction names who signed in, so that the member comes along when it is resumed.
  const member = payload.accountId ?? payload.result?.login?.accountId;
  const epoch = kind === 'Grant' && member ? await deps.liveEpoch(member) : undefined;
  return {
    _id,
    kind,
    sealed: deps.sealer.seal(JSON.stringify(rest), `artefacts.sealed.${_id}`),
    ...(sessionUid && { session: artefactId('Session', sessionUid) }),
    ...(payload.grantId && { grant: artefactId('Grant', payload.grantId) }),
    ...(member && { member }),
    ...(payload.clientId && { client: payload.clientId }),
    ...(epoch !== undefined && { epoch }),
    ...(typeof consumed === 'number' && { consumed }),
    ...(ttl !== undefined && { expiresAt: deletableAt(epochSeconds(deps.clock) + ttl) }),
  };
}

/**
 * A sign-in counts for the security epoch it was proven in: after a password change or a lock, what the interaction
 * holds of it is as if it had never been given, before the library makes a session of it.
 */
async function standingResult(
  result: { login?: { accountId: string; epoch?: number } } | undefined,
  deps: AdapterDeps,
) {
  const { login } = result ?? {};
  return !login || (await deps.liveEpoch(login.accountId)) === login.epoch ? result : undefined;
}

const unusedAdapter: Adapter = {
  find: refuse('find'),
  upsert: refuse('upsert'),
  consume: refuse('consume'),
  destroy: refuse('destroy'),
  revokeByGrantId: refuse('revokeByGrantId'),
  findByUid: refuse('findByUid'),
  findByUserCode: refuse('findByUserCode'),
};

/** Clients come from the clients module's cache; what registration writes goes to that module. */
function clientAdapter(deps: AdapterDeps): Adapter {
  return {
    ...unusedAdapter,
    ...deps.registration.clients,
    find: (clientId) => deps.findClient(clientId),
  };
}

/** The token of a client that is gone or disabled is not found; the library would destroy it otherwise. */
function registrationTokenAdapter(plain: Adapter, deps: AdapterDeps): Adapter {
  return {
    ...plain,
    async find(jti) {
      const payload = await plain.find(jti);
      return payload?.clientId && (await deps.findClient(payload.clientId)) ? payload : undefined;
    },
  };
}

/**
 * Replay memory: asking for a proof's id claims it, in one command, so that of many processes asking at the same
 * instant one is told it is new (RFC 9449 section 11.1, RFC 7523 section 3).
 */
function replayAdapter(deps: AdapterDeps): Adapter {
  return {
    async find(jti) {
      const _id = artefactId('ReplayDetection', jti);
      const now = dateOf(deps.clock);
      const document = { kind: 'ReplayDetection', expiresAt: dateOf(deps.clock, replayMemoryMs) };
      const lost = await deps.store.write([
        { q: { _id, expiresAt: { $lte: now } }, u: { _id, ...document }, upsert: true },
      ]);
      return lost.length > 0 ? { jti, kind: 'ReplayDetection' } : undefined;
    },
    async upsert(jti, _payload, ttl = 0) {
      if (ttl * 1000 <= replayMemoryMs) return;
      const _id = artefactId('ReplayDetection', jti);
      const expiresAt = deletableAt(epochSeconds(deps.clock) + ttl);
      currentUnit().patch({ _id, kind: 'ReplayDetection', expiresAt }, { expiresAt });
    },
    consume: refuse('consume'),
    destroy: refuse('destroy'),
    revokeByGrantId: refuse('revokeByGrantId'),
    findByUid: refuse('findByUid'),
    findByUserCode: refuse('findByUserCode'),
  };
}
