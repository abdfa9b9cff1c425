/**
 * Backchannel authentication requests in the store (CIBA): found by the client through the digest of `auth_req_id`,
 * by the member's account through the member. The sealed payload keeps the `auth_req_id`, because a ping must name it.
 * What comes of a request is written once.
 */
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { epochSeconds } from '../../../base/kernel/clock.ts';
import { type Artefact, artefactId } from './model.ts';
import { countPoll, pollInterval } from './polling.ts';
import type { AdapterDeps } from './rules.ts';
import { currentUnit } from './unit.ts';

/** The library's name of the model. */
export const backchannelKind = 'BackchannelAuthenticationRequest';

/** What is sealed beside what the library keeps. */
export interface BackchannelExtras {
  authReqId: string;
  /** The member's security epoch when the request was made; absent where it leads to nobody. */
  epoch?: number;
}

/**
 * Builds the adapter of the BackchannelAuthenticationRequest model.
 * @param deps store, clock, epochs
 * @param plain what every artefact has: find, consume, revoke
 * @param toDocument a payload in stored form
 */
export function createBackchannelAdapter(
  deps: AdapterDeps,
  plain: Adapter,
  toDocument: (jti: string, payload: AdapterPayload, ttl: number | undefined) => Promise<Artefact>,
): Adapter {
  return {
    ...plain,
    async upsert(jti, payload, ttl) {
      const unit = currentUnit();
      const _id = artefactId(backchannelKind, jti);
      if (!unit.asked(_id)) {
        const member = payload.accountId ?? '';
        const epoch = isNobody(member) ? undefined : await deps.liveEpoch(member);
        const extras: BackchannelExtras = { authReqId: jti, ...(epoch !== undefined && { epoch }) };
        unit.insert({ ...(await toDocument(jti, { ...payload, ...extras }, ttl)), interval: pollInterval });
        return;
      }
      const before = await unit.find(_id);
      const document = await toDocument(jti, { ...payload, authReqId: jti } as AdapterPayload, ttl);
      const { _id: _same, kind: _kind, expiresAt: _life, client: _client, ...changed } = document;
      unit.decide({ ...before, _id, kind: backchannelKind, ...changed }, changed);
    },
    async find(jti) {
      if (!jti) return undefined;
      const tooFast = await countPoll(artefactId(backchannelKind, jti), deps);
      const payload = await plain.find(jti);
      if (!payload) return undefined;
      if (tooFast && Number(payload.exp) > epochSeconds(deps.clock)) {
        throw new errors.SlowDown(
          `requests come faster than the interval allows; it has grown by ${pollInterval} seconds`,
        );
      }
      return (await isOutdated(payload, deps)) ? { ...payload, error: 'access_denied' } : payload;
    },
  };
}

/** A lock, a new password and the like end a request that waits; the client is told so rather than left waiting. */
async function isOutdated(payload: AdapterPayload, deps: AdapterDeps): Promise<boolean> {
  const { epoch }: Partial<BackchannelExtras> = payload as object;
  // Asked for nobody too: a poll takes as long.
  const live = await deps.liveEpoch(payload.accountId ?? '');
  return epoch !== undefined && !payload.grantId && !payload.error && live !== epoch;
}

const nobody = 'nobody_';

/**
 * The account of a request that leads to no active member; it looks the same to the client.
 * @param mark tells one from another: a keyed digest of what was asked
 */
export const nobodyOf = (mark: string): string => `${nobody}${mark}`;

/**
 * Whether an account id leads to no member.
 * @param accountId as kept in a request
 */
export const isNobody = (accountId: string): boolean => accountId.startsWith(nobody);
