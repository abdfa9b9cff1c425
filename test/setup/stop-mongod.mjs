/** Stops the run's own MongoDB and removes its data. */
export default async function stopAfterRun() {
  await globalThis.endTestMongod?.();
}
