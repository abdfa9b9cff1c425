/** Long mixed load on one peer with its memory each minute: shows whether memory stays flat. */
import type { Driver } from '../driver/driver.ts';
import type { Peer } from '../peers/peer.ts';
import { memoryOf, sample } from './rounds.ts';

/** A minute of the soak. */
export interface SoakMinute {
  minute: number;
  nodeBytes: number | undefined;
  mongodBytes: number | undefined;
  done: number;
  failed: number;
}

const stretchMs = 5000;

/**
 * Runs the operations in turn, five seconds each, until the time is over.
 * @param peer the peer under load
 * @param driver puts the load
 * @param load minutes, operations and how many at a time
 * @param each told of every minute
 */
export async function soak(
  peer: Peer,
  driver: Driver,
  load: { minutes: number; operations: string[]; concurrency: number },
  each: (minute: SoakMinute) => void,
): Promise<void> {
  const began = performance.now();
  let [turn, done, failed, minute] = [0, 0, 0, 0];
  each(minuteOf(peer, minute, done, failed));
  while (minute < load.minutes) {
    const operation = load.operations[turn % load.operations.length] ?? 'discovery';
    turn += 1;
    const { result } = await sample(peer, driver, {
      operation,
      concurrency: load.concurrency,
      ms: stretchMs,
      count: 50_000,
    });
    done += result.latencies.length;
    failed += result.failed;
    if (performance.now() - began < (minute + 1) * 60_000) continue;
    minute += 1;
    each(minuteOf(peer, minute, done, failed));
  }
}

function minuteOf(peer: Peer, minute: number, done: number, failed: number): SoakMinute {
  const { node, mongod } = memoryOf(peer);
  return { minute, nodeBytes: node?.now, mongodBytes: mongod?.now, done, failed };
}
