/** Long work in turns, so that a process that answers requests is not held up by it. Knows nothing of the work. */

/** Work that stops after each of its steps and goes on when it is asked to. */
export type Steps<T> = Generator<undefined, T>;

/**
 * Does all of the work at once.
 * @param steps the work
 */
export function atOnce<T>(steps: Steps<T>): T {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/**
 * Does the work a few steps at a time.
 * @param steps the work
 * @param stepsInTurn how many are taken at a time: a few milliseconds
 * @param turn lets others have a turn
 */
export async function inTurns<T>(
  steps: Steps<T>,
  stepsInTurn: number,
  turn: () => Promise<unknown>,
): Promise<T> {
  for (let taken = 1; ; taken += 1) {
    const step = steps.next();
    if (step.done) return step.value;
    if (taken % stepsInTurn === 0) await turn();
  }
}
