/** Times a server from its start to its first discovery answer. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Child } from './children.ts';
import type { Started } from './peer.ts';

/**
 * Starts the process the given number of times, timing each, and leaves the last one running.
 * @param start starts one process
 * @param issuer its address; discovery is asked every 5 ms until it answers 200
 * @param times how often, at least 1
 * @throws Error with the process's last output when it ends or stays silent for 60 s
 */
export async function startRepeatedly(
  start: () => Child,
  issuer: string,
  times: number,
): Promise<{ child: Child; firstAnswer: number[] }> {
  let last = await startOnce(start, issuer);
  const firstAnswer = [last.firstAnswer];
  while (firstAnswer.length < times) {
    await last.child.stop();
    last = await startOnce(start, issuer);
    firstAnswer.push(last.firstAnswer);
  }
  return { child: last.child, firstAnswer };
}

async function startOnce(start: () => Child, issuer: string): Promise<Started> {
  const began = performance.now();
  const child = start();
  while (performance.now() - began < 60_000) {
    if (child.process.exitCode !== null) break;
    if (await answers(`${issuer}/.well-known/openid-configuration`)) {
      return { child, firstAnswer: performance.now() - began };
    }
    await wait(5);
  }
  await child.stop();
  throw new Error(`no discovery answer from ${issuer}: ${child.output()}`);
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
