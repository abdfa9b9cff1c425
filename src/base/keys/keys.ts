/**
 * The keys of the program: makes, rotates, revokes, seals and hands out every key. A change is seen by each process
 * through the change stream, without a restart. Never gives key material to a log or an event, and never uses a
 * key for two purposes.
 */
import { type KeyRing, RevokedKey, type Sealer, seal, unseal } from '../kernel/sealing.ts';
import { type ChangeDeps, forget, type Note, promoteNext, takeAway } from './changes.ts';
import { createEnvelope, type Rewrapped, rewrap, sealerOf } from './envelope.ts';
import { type Held, type HoldDeps, holdKeys } from './held.ts';
import type { Kms } from './kms.ts';
import { byUseAndState } from './live.ts';
import { createMaterials, type Materials, type PublishedJwk } from './material.ts';
import {
  fixedUses,
  isPublished,
  type KeyState,
  type KeyUse,
  revocableUses,
  shortLivedUses,
} from './model.ts';

/** What an operator sees of a key. */
export interface KeyInfo {
  id: string;
  use: KeyUse;
  state: KeyState;
  createdAt: Date;
  since: Date;
  /** False where stored digests depend on the key, so that it must stay. */
  rotates: boolean;
  /** Whether it can be taken away in an emergency without losing members' data. */
  revocable: boolean;
}

/** How a rotation is done. */
export interface Rotation {
  /** The current key that is to retire (default: the one this process knows); where it has already, nothing is done. */
  expected?: string;
  /** Records the rotation in its transaction; called with the id of the new current key, by whoever did it only. */
  note?: Note;
}

/** The keys as other modules see them. */
export interface Keys {
  /** Keys of the JWKS: per use the current one first, then next and retired ones. */
  publishedJwks(): PublishedJwk[];
  /** How the key with this `kid` signs, where its private half is kept by an external service; else undefined. */
  remoteSigner(kid: string): ((data: Uint8Array) => Promise<Uint8Array>) | undefined;
  /** The symmetric keys of a use, current first. */
  ring(use: KeyUse): KeyRing;
  /** The one current secret of a use, for digests. */
  secret(use: KeyUse): Buffer;
  /** A sealer that always uses the live keys of a use. */
  sealer(use: KeyUse): Sealer;
  /** Every key, without material. */
  list(): KeyInfo[];
  /** Makes the next key current, the current one retired, and prepares a new next one. Returns the current id after it. */
  rotate(use: KeyUse, rotation?: Rotation): Promise<string>;
  /**
   * Takes a key away at once, everywhere. Returns the current id of its use after it.
   * @throws Error when there is no such key, it is revoked, or its use is not revocable
   */
  revoke(id: string, note?: Note): Promise<string>;
  /** Seals with the newest master key what an older one sealed. */
  rewrap(): Promise<Rewrapped>;
  /** Called after each change that this process has seen. */
  onChange(listener: () => void): void;
  /** Deletes short-lived keys that were retired before the given time; nothing they made is valid any more. */
  purgeRetired(before: Date): Promise<number>;
  close(): Promise<void>;
}

/** What the keys are made of. */
export interface KeysDeps extends Omit<HoldDeps, 'envelope' | 'materials'> {
  /** Master keys, newest first; they come from outside the database. */
  master: KeyRing;
  /** External key service, where one is configured. */
  kms?: Kms | undefined;
}

/**
 * Opens the keys, making what is missing, and follows their changes.
 * @param deps connection, master keys, clock, ids
 * @throws Error when a stored key was sealed by a master key that is not configured
 */
export async function openKeys(deps: KeysDeps): Promise<Keys> {
  const envelope = createEnvelope(deps.master, deps.kms);
  const materials = createMaterials(deps.ids, deps.kms);
  const changing = { connection: deps.connection, clock: deps.clock, envelope, materials };
  const held = await holdKeys({ ...deps, envelope, materials });
  return {
    ...readers(held, materials),
    ...changers(held, changing),
    rewrap: () => rewrap(deps.connection, envelope),
    onChange: held.onChange,
    close: held.close,
  };
}

const noNote: Note = async () => undefined;

function ringOf(held: Held, use: KeyUse): KeyRing {
  const all = held
    .live()
    .filter((key) => key.use === use)
    .map(({ named }) => named);
  const current = all[0];
  if (!current) throw new Error(`no key for ${use}`);
  return { current, all };
}

/** What only reads: from memory, at every request. */
function readers(
  held: Held,
  materials: Materials,
): Pick<Keys, 'publishedJwks' | 'remoteSigner' | 'ring' | 'secret' | 'sealer' | 'list'> {
  const published = () => held.live().filter(({ use }) => isPublished(use));
  const ring = (use: KeyUse) => ringOf(held, use);
  return {
    publishedJwks: () => published().map(({ material }) => materials.jwk(material)),
    remoteSigner(kid) {
      const key = published().find(({ material }) => materials.jwk(material).kid === kid);
      return key && materials.signer(key.material);
    },
    ring,
    secret: (use) => ring(use).current.key,
    sealer: (use) => ({
      seal: (plain, context) => seal(ring(use).current, plain, context),
      open(sealed, context) {
        const gone = held.revoked().find(({ id }) => id === sealerOf(sealed));
        if (gone) throw new RevokedKey(gone.id);
        return unseal(ring(use), sealed, context);
      },
    }),
    list: () =>
      [...held.live(), ...held.revoked()].sort(byUseAndState).map(({ id, use, state, createdAt, since }) => ({
        ...{ id, use, state, createdAt, since },
        rotates: !fixedUses.includes(use),
        revocable: state !== 'revoked' && revocableUses.includes(use),
      })),
  };
}

/** What changes stored keys; this process sees its own change before the promise resolves. */
function changers(held: Held, changing: ChangeDeps): Pick<Keys, 'rotate' | 'revoke' | 'purgeRetired'> {
  const { materials } = changing;
  const currentOf = (use: KeyUse) => ringOf(held, use).current.id;
  return {
    async rotate(use, { expected = currentOf(use), note = noNote } = {}) {
      if (fixedUses.includes(use)) throw new Error(`${use} cannot rotate: stored digests depend on it`);
      await promoteNext(changing, use, expected, note);
      await held.refresh();
      return currentOf(use);
    },
    async revoke(id, note = noNote) {
      const key = held.live().find((one) => one.id === id);
      if (!key) throw new Error(`there is no live key ${id}`);
      if (!revocableUses.includes(key.use))
        throw new Error(`${key.use} cannot be revoked: data would be lost`);
      const taken = await takeAway(changing, key, note);
      await held.refresh();
      if (!taken) throw new Error(`${id} is revoked already`);
      await materials.discard(key.use, key.material);
      return currentOf(key.use);
    },
    async purgeRetired(before) {
      const old = held
        .live()
        .filter(
          ({ use, state, since }) => shortLivedUses.includes(use) && state === 'retired' && since < before,
        );
      for (const { id, use, material } of old) {
        if (await forget(changing.connection, id)) await materials.discard(use, material);
      }
      if (old.length > 0) await held.refresh();
      return old.length;
    },
  };
}
