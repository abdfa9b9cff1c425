/** `symbolon keys`: looking at keys and rotating them. */
import { inTransaction } from '../../base/db/transaction.ts';
import type { KeyInfo } from '../../base/keys/keys.ts';
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
  return world.withProgram(async ({ db, keys, events }) => {
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
    const plan = planOf(ofUse);
    if (!yes) {
      const text = [
        `Rotating ${use} will do this:`,
        ...plan.map(line),
        '',
        'Nothing was changed. Add --yes to do it.',
      ];
      return { text: text.join('\n'), data: { use, plan, done: false }, exitCode: exitCodes.refused };
    }
    const key = await keys.rotate(known.use);
    await inTransaction(db, (tx) =>
      events.record(tx, { type: 'key.rotated', visit: world.visit(), data: { use, key } }),
    );
    const text = [`Rotated ${use}:`, ...plan.map(line), '', `${key} is the current key now.`].join('\n');
    return { text, data: { use, plan, done: true, current: key } };
  });
}

const line = (step: string) => `  - ${step}`;

function planOf(keys: readonly KeyInfo[]): string[] {
  const [first] = keys;
  const current = keys.find((key) => key.state === 'current');
  const next = keys.find((key) => key.state === 'next');
  return [
    next ? `${next.id} becomes the current key` : 'a new key is made and becomes the current one',
    ...(current ? [`${current.id} retires; what it made until now can still be read`] : []),
    ...(next ? ['a new next key is made and published, so that relying parties know it in time'] : []),
    ...(first && consequences[first.use] ? [consequences[first.use] ?? ''] : []),
  ];
}

const consequences: Partial<Record<KeyInfo['use'], string>> = {
  ES256: 'the retired key stays published for 40 days, longer than anything it signed is valid',
  RS256: 'the retired key stays published for 40 days, longer than anything it signed is valid',
  pepper: 'stored passwords are sealed anew within the hour, without anybody noticing',
};
