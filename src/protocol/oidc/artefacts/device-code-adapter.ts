/**
 * Device codes in the store (RFC 8628): reached by the device through the digest of its code, and by a person through
 * a pointer named by a keyed digest of the user code, which lives as long as the code waits. A poll reads and counts
 * in one command; the decision of the person is written once. It never judges expiry but to tell "too fast" from it.
 */
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { dateOf, epochSeconds } from '../../../base/kernel/clock.ts';
import { DomainError } from '../../../base/kernel/errors.ts';
import { ifKeyLives, keyedHash } from '../../../base/kernel/sealing.ts';
import { makeUserCode } from '../user-codes.ts';
import { type Artefact, artefactId } from './model.ts';
import { countPoll, pollInterval } from './polling.ts';
import type { AdapterDeps } from './rules.ts';
import type { Statement } from './store.ts';
import { type ArtefactUnit, currentUnit } from './unit.ts';

/** How often a user code that is taken is made anew: at a million live codes two in a row are one in 600 million. */
const mostTries = 5;

const kind = 'DeviceCode';

/** The user code that was given out in a request, where the library's own was taken. */
const issued = new WeakMap<ArtefactUnit, string>();

/**
 * The user code this request has given out.
 * @param unit the request's unit of work
 */
export function issuedUserCode(unit: ArtefactUnit): string | undefined {
  return issued.get(unit);
}

/**
 * `_id` of the pointer from a user code to its device code. The code is short: a plain digest could be tried out.
 * @param key key of mailed and typed codes
 * @param userCode eight letters
 */
function userCodeId(key: Buffer, userCode: string): string {
  return `UserCode:${keyedHash(key, 'device', userCode)}`;
}

/**
 * Builds the adapter of the DeviceCode model.
 * @param deps store, sealer, clock, key of user codes
 * @param plain what every artefact has: find, consume, revoke
 * @param toDocument a payload in stored form
 */
export function createDeviceCodeAdapter(
  deps: AdapterDeps,
  plain: Adapter,
  toDocument: (jti: string, payload: AdapterPayload, ttl: number | undefined) => Promise<Artefact>,
): Adapter {
  const pointerId = (userCode: string) => userCodeId(deps.userCodeKey, userCode);

  /** Pointer and code in one command; a user code that still leads to another device is replaced by a new one. */
  const issue = async (jti: string, payload: AdapterPayload, ttl: number | undefined): Promise<void> => {
    let userCode = String(payload.userCode);
    for (let tries = 0; tries < mostTries; tries += 1) {
      const document = { ...(await toDocument(jti, { ...payload, userCode }, ttl)), interval: pollInterval };
      const pointer = pointerTo(pointerId(userCode), jti, ttl, deps);
      const lost = await deps.store.write([pointer, statementOf(document)]);
      if (!lost.includes(0)) {
        issued.set(currentUnit(), userCode);
        return;
      }
      userCode = makeUserCode(deps.ids);
    }
    throw new DomainError('overloaded', { retryAfter: 1 });
  };

  return {
    ...plain,
    async upsert(jti, payload, ttl) {
      const unit = currentUnit();
      const _id = artefactId(kind, jti);
      if (!unit.asked(_id)) return issue(jti, payload, ttl);
      const before = await unit.find(_id);
      const {
        _id: _same,
        kind: _kind,
        expiresAt: _life,
        client: _client,
        ...changed
      } = await toDocument(jti, payload, ttl);
      const next: Artefact = { ...before, _id, kind, ...changed };
      if (!payload.accountId && !payload.error) return unit.patch(next, changed);
      unit.decide(next, changed);
      unit.bury(pointerId(String(payload.userCode)), dateOf(deps.clock));
    },
    async find(jti) {
      if (!jti) return undefined;
      const tooFast = await countPoll(artefactId(kind, jti), deps);
      const payload = await plain.find(jti);
      if (payload && tooFast && Number(payload.exp) > epochSeconds(deps.clock)) {
        throw new errors.SlowDown(
          'the device polls faster than the interval allows; it has grown by 5 seconds',
        );
      }
      return payload;
    },
    async findByUserCode(userCode) {
      const pointer = await currentUnit().find(pointerId(userCode));
      const { _id, sealed } = pointer ?? {};
      if (!_id || !sealed) return undefined;
      const jti = ifKeyLives(() => deps.sealer.open(sealed, `artefacts.sealed.${_id}`).toString());
      return jti ? plain.find(jti) : undefined;
    },
  };
}

/** A pointer that is over may be taken; one that leads to a waiting device is hit by its `_id`. */
function pointerTo(_id: string, jti: string, ttl: number | undefined, deps: AdapterDeps): Statement {
  const document = {
    kind: 'UserCode',
    sealed: deps.sealer.seal(jti, `artefacts.sealed.${_id}`),
    expiresAt: dateOf(deps.clock, (ttl ?? 0) * 1000),
  };
  return { q: { _id, expiresAt: { $lte: dateOf(deps.clock) } }, u: { _id, ...document }, upsert: true };
}

function statementOf({ _id, ...rest }: Artefact): Statement {
  return { q: { _id }, u: { _id, ...rest }, upsert: true };
}
