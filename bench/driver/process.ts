/**
 * The driver's process: closed-loop load on loopback, apart from the peers and the bench so that its work is in
 * nobody's figures. Takes requests over IPC one after another; keeps prepared slots until they are five minutes old.
 */
import type { DriverAnswer, DriverRequest, Load, LoadResult } from './messages.ts';
import { discover, operations } from './operations.ts';

interface Prepared {
  at: number;
  steps: (() => Promise<void>)[];
}

const freshForMs = 5 * 60_000;
const mostFailures = 32;
const prepared = new Map<string, Prepared>();

process.on('message', async (request: DriverRequest) => {
  const answer: DriverAnswer = { id: request.id };
  try {
    const steps = await prepare(request);
    if (request.kind === 'run') answer.result = await run(steps, request.load);
    if (answer.result !== undefined && answer.result.failed > 0) prepared.delete(keyOf(request));
  } catch (error) {
    answer.fault = error instanceof Error ? error.message : String(error);
  }
  process.send?.(answer);
});
process.once('disconnect', () => process.exit(0));

async function prepare({ target, load }: DriverRequest): Promise<Prepared['steps']> {
  const key = keyOf({ target, load });
  const known = prepared.get(key);
  if (known !== undefined && performance.now() - known.at < freshForMs) return known.steps;
  const operation = operations[load.operation];
  if (operation === undefined) throw new Error(`unknown operation ${load.operation}`);
  const endpoints = await discover(target);
  const slots = load.concurrency;
  const steps = await Promise.all(
    Array.from({ length: slots }, (_, index) => operation({ target, endpoints, index, slots })),
  );
  prepared.set(key, { at: performance.now(), steps });
  return steps;
}

function keyOf({ target, load }: Pick<DriverRequest, 'target' | 'load'>): string {
  return `${target.peer} ${load.operation} ${load.concurrency}`;
}

async function run(steps: Prepared['steps'], load: Load): Promise<LoadResult> {
  const result: LoadResult = { latencies: [], failed: 0 };
  const end = performance.now() + load.ms;
  let left = load.count;
  const loop = async (step: () => Promise<void>) => {
    while (left > 0 && result.failed < mostFailures && performance.now() < end) {
      left -= 1;
      const began = performance.now();
      try {
        await step();
        result.latencies.push(performance.now() - began);
      } catch (error) {
        result.failed += 1;
        result.fault ??= error instanceof Error ? error.message : String(error);
      }
    }
  };
  await Promise.all(steps.map(loop));
  return result;
}
