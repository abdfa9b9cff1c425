/**
 * The driver's process: closed-loop load on loopback, apart from the peers and the bench so that its work is in
 * nobody's figures. Takes requests over IPC one after another; keeps prepared slots until they are five minutes old.
 */
import type { DriverAnswer, DriverRequest, Load, LoadResult } from './messages.ts';
import type { Step } from './operations/operation.ts';
import { discover } from './operations/reads.ts';
import { operations } from './operations.ts';

interface Prepared {
  at: number;
  steps: Step[];
}

const freshForMs = 5 * 60_000;
const mostFailures = 32;
const prepared = new Map<string, Prepared>();

process.on('message', async (request: DriverRequest) => {
  const answer: DriverAnswer = { id: request.id };
  try {
    const steps = await prepare(request);
    if (request.kind === 'prepare') await fill(steps, request.load.count);
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
  const endpoints = await discover(target.issuer);
  const slots = load.concurrency;
  const steps = await Promise.all(
    Array.from({ length: slots }, (_, index) => operation({ target, endpoints, index, slots })),
  );
  prepared.set(key, { at: performance.now(), steps });
  return steps;
}

/** Brings the stocks to what the load can use up, and no further than is reasonable. */
async function fill(steps: Step[], count: number): Promise<void> {
  await Promise.all(
    steps.map(({ stock }) => stock?.fill(Math.ceil(Math.min(count, stock.most) / steps.length))),
  );
}

function keyOf({ target, load }: Pick<DriverRequest, 'target' | 'load'>): string {
  return `${target.peer} ${load.operation} ${load.concurrency}`;
}

async function run(steps: Step[], load: Load): Promise<LoadResult> {
  const result: LoadResult = { latencies: [], seconds: 0, failed: 0 };
  const start = performance.now();
  let left = load.count;
  const loop = async ({ run: once, stock }: Step) => {
    while (left > 0 && result.failed < mostFailures && performance.now() < start + load.ms) {
      if (stock?.left() === 0) return;
      left -= 1;
      const began = performance.now();
      try {
        await once();
        result.latencies.push(performance.now() - began);
      } catch (error) {
        result.failed += 1;
        result.fault ??= error instanceof Error ? error.message : String(error);
      }
    }
  };
  await Promise.all(steps.map(loop));
  result.seconds = (performance.now() - start) / 1000;
  await Promise.all(steps.map(({ settled }) => settled?.()));
  return result;
}
