/** `symbolon keys`: looking at keys, rotating them, taking one away, and sealing them anew. */
import { inTransaction } from '../../base/db/transaction.ts';
import type { KeyInfo, Keys } from '../../base/keys/keys.ts';
import { isPublished } from '../../base/keys/model.ts';
import { graceMs, publishedMs } from '../../base/keys/schedule.ts';
import { type Answer, exitCodes, InputFaults, Refusal, span, table } from './answer.ts';
import type { World } from './world.ts';

/**
 * Every key, without material.
 * @param world the rest
 */
export function listKeys(world: World): Promise<Answer> {
  return world.withProgram(async ({ keys }) => {
    const all = keys.list();
    const rows = all.map((key) => [
      key.use,
      key.id,
      key.state,
      span((world.clock.now() - key.since.getTime()) / 1000),
      key.rotates ? 'yes' : 'no',
    ]);
    return { text: table(['use', 'key', 'state', 'for', 'rotates'], rows), data: { keys: all } };
  });
}

/**
 * Shows what a rotation does, and does it when told so.
 * @param world the rest
 * @param use what the key is for
 * @param yes do it
 * @throws InputFaults for an unknown use; Refusal for one that must stay
 */
export function rotateKey(world: World, use: string, yes: boolean): Promise<Answer> {
  return world.withProgram(async ({ keys, events }, config) => {
    const all = keys.list();
    const ofUse = all.filter((key) => key.use === use);
    const [known] = ofUse;
    if (!known) {
      const uses = [...new Set(all.map((key) => key.use))];
      throw new InputFaults([`use: "${use}" is none; there are ${uses.join(', ')}`]);
    }
    if (!known.rotates) {
      throw new Refusal(
        `The key of ${use} cannot rotate: stored digests depend on it and cannot be made anew.`,
      );
    }
    const grace = span(graceMs(config.session.absoluteSeconds) / 1000);
    const plan = [...rotationPlan(ofUse, grace), ...haste(ofUse, world.clock.now())];
    if (!yes) return planned(`Rotating ${use} will do this:`, plan, { use });
    const key = await keys.rotate(known.use, {
      note: (tx, current) =>
        events.record(tx, { type: 'key.rotated', visit: world.visit(), data: { use, key: current } }),
    });
    const text = [`Rotated ${use}:`, ...plan.map(line), '', `${key} is the current key now.`].join('\n');
    return { text, data: { use, plan, done: true, current: key } };
  });
}

/**
 * Shows what taking a key away does, and does it when told so.
 * @param world the rest
 * @param id the key
 * @param yes do it
 * @throws InputFaults for an unknown key; Refusal for one that is revoked or must stay
 */
export function revokeKey(world: World, id: string, yes: boolean): Promise<Answer> {
  return world.withProgram(async ({ keys, events }) => {
    const key = revocable(keys, id);
    const { use } = key;
    const plan = revocationPlan(keys.list(), key);
    if (!yes) return planned(`Revoking ${id} will do this:`, plan, { use, key: id });
    const current = await keys.revoke(id, (tx, gone) =>
      events.record(tx, { type: 'key.revoked', visit: world.visit(), data: { use, key: gone } }),
    );
    const text = [`Revoked ${id}:`, ...plan.map(line), '', `${current} is the current key now.`].join('\n');
    return { text, data: { use, key: id, plan, done: true, current } };
  });
}

/**
 * Seals with the newest master key (or key service) whatever an older one sealed.
 * @param world the rest
 */
export function rewrapKeys(world: World): Promise<Answer> {
  return world.withProgram(async ({ db, keys, events }) => {
    const { done, remaining } = await keys.rewrap();
    if (done > 0) {
      await inTransaction(db, (tx) =>
        events.record(tx, { type: 'key.rewrapped', visit: world.visit(), data: { count: done } }),
      );
    }
    const rest =
      remaining === 0
        ? 'None depends on an older master key. Older ones can be removed from SYMBOLON_MASTER_KEYS.'
        : `${remaining} still depend on an older master key, because they changed just now. Run this again.`;
    return {
      text: `Sealed anew with the newest master key: ${done}.\n${rest}`,
      data: { done, remaining },
      exitCode: remaining === 0 ? exitCodes.done : exitCodes.refused,
    };
  });
}

const line = (step: string) => `  - ${step}`;

function planned(title: string, plan: readonly string[], data: Record<string, string>): Answer {
  const text = [title, ...plan.map(line), '', 'Nothing was changed. Add --yes to do it.'].join('\n');
  return { text, data: { ...data, plan, done: false }, exitCode: exitCodes.refused };
}

function rotationPlan(keys: readonly KeyInfo[], grace: string): string[] {
  const [first] = keys;
  const current = keys.find((key) => key.state === 'current');
  const next = keys.find((key) => key.state === 'next');
  const consequence = first && (first.revocable ? lasting(first.use, grace) : lastingForGood[first.use]);
  return [
    next ? `${next.id} becomes the current key` : 'a new key is made and becomes the current one',
    ...(current ? [`${current.id} retires; what it made until now can still be read`] : []),
    ...(next ? ['a new next key is made and published, so that relying parties know it in time'] : []),
    ...(consequence ? [consequence] : []),
  ];
}

/** Who rotates twice in a row signs with a key that relying parties may not have read yet. */
function haste(keys: readonly KeyInfo[], now: number): string[] {
  const next = keys.find((key) => key.state === 'next');
  if (!next || !isPublished(next.use)) return [];
  const ageMs = now - next.since.getTime();
  if (ageMs >= publishedMs) return [];
  return [
    `careful: ${next.id} has been published for ${span(ageMs / 1000)} only; relying parties that keep the JWKS for a day do not know it yet`,
  ];
}

function lasting(use: KeyInfo['use'], grace: string): string | undefined {
  if (use === 'artefacts') return undefined;
  return `the retired key stays for ${grace}, longer than anything it made is valid`;
}

const lastingForGood: Partial<Record<KeyInfo['use'], string>> = {
  pepper: 'stored passwords are sealed anew within the hour, without anybody noticing',
};

function revocable(keys: Keys, id: string): KeyInfo {
  const key = keys.list().find((each) => each.id === id);
  if (!key) throw new InputFaults([`key: there is no "${id}"; "symbolon keys list" shows all of them`]);
  if (key.state === 'revoked') throw new Refusal(`${id} is revoked already.`);
  if (!key.revocable) {
    const instead = key.rotates ? ` Rotate it instead: symbolon keys rotate ${key.use}` : '';
    throw new Refusal(
      `A key of ${key.use} cannot be revoked: members' data that depends on it would be lost for good.${instead}`,
    );
  }
  return key;
}

function revocationPlan(all: readonly KeyInfo[], key: KeyInfo): string[] {
  const next = all.find((each) => each.use === key.use && each.state === 'next');
  const steps: Record<KeyInfo['state'], string[]> = {
    current: [
      next ? `${next.id} becomes the current key at once` : 'a new key is made and becomes the current one',
      'a new next key is made',
    ],
    next: ['a new next key is made in its place'],
    retired: [],
    revoked: [],
  };
  return [
    `${key.id} is taken away in every running process at once; its material is deleted and cannot come back`,
    ...steps[key.state],
    loss(key.use),
  ];
}

function loss(use: KeyInfo['use']): string {
  return losses[use] ?? signedLoss;
}

const signedLoss =
  'what it signed is not accepted here any more (ID tokens as hints); relying parties and APIs that keep a copy of the JWKS refuse its tokens once they read it anew: their members sign in again or renew their tokens';
const encryptedLoss = 'requests that relying parties encrypt to it are refused until they read the JWKS anew';

const losses: Partial<Record<KeyInfo['use'], string>> = {
  'ECDH-ES': encryptedLoss,
  'RSA-OAEP': encryptedLoss,
  cookie: 'everyone whose browser cookie it signed signs in again; sign-ins on the way start over',
  csrf: 'forms that are open now must be sent again',
  dpop: 'clients are given a new DPoP nonce and try again by themselves',
  artefacts:
    'sessions, sign-ins on the way, consents granted to applications and every token that it sealed die: everyone signs in again, and applications without a person at hand (refresh tokens) lose their access',
};
