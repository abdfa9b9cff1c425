/** Which keys are due to rotate, and how long retired ones stay. Decides by age alone; the change is made by keys.ts. */
import type { Note } from './changes.ts';
import type { Keys } from './keys.ts';
import { type KeyUse, shortLivedUses } from './model.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Relying parties read the JWKS anew at least daily, so that they know a key before it signs. */
export const publishedMs = dayMs;

/**
 * How long a retired key stays: as long as a session may last, because an ID token of its beginning is accepted as a
 * hint until its end (OpenID Connect RP-Initiated Logout 1.0 §2), and ten days more.
 * @param sessionSeconds longest life of a session
 */
export function graceMs(sessionSeconds: number): number {
  return sessionSeconds * 1000 + 10 * dayMs;
}

/** When keys rotate by themselves. */
export interface Schedule {
  /** Current time in milliseconds. */
  now: number;
  /** Age in days at which a current key retires; 0 turns the schedule off. */
  days: number;
  /** Records one rotation, in its transaction. */
  note(use: KeyUse): Note;
}

/**
 * Rotates every scheduled use whose current key is too old and whose next one has been published long enough.
 * @param keys the keys
 * @param schedule time, age, and how a rotation is recorded
 * @returns the uses that were due
 */
export async function rotateDue(keys: Pick<Keys, 'list' | 'rotate'>, schedule: Schedule): Promise<KeyUse[]> {
  if (schedule.days === 0) return [];
  const all = keys.list();
  const due = shortLivedUses.filter((use) => {
    const current = all.find((key) => key.use === use && key.state === 'current');
    const next = all.find((key) => key.use === use && key.state === 'next');
    return (
      current !== undefined &&
      next !== undefined &&
      schedule.now - current.since.getTime() >= schedule.days * dayMs &&
      schedule.now - next.since.getTime() >= publishedMs
    );
  });
  for (const use of due) {
    const expected = all.find((key) => key.use === use && key.state === 'current')?.id;
    await keys.rotate(use, { note: schedule.note(use), ...(expected && { expected }) });
  }
  return due;
}
