/** What the bench and its driver process say to each other. Types only. */
import type { Target } from '../peers/peer.ts';

/** One stretch of load: a closed loop over an operation, ended by time or count, whichever comes first. */
export interface Load {
  operation: string;
  concurrency: number;
  /** No step starts after so many milliseconds. */
  ms: number;
  /** No step starts after so many. */
  count: number;
}

/** What a stretch of load brought. */
export interface LoadResult {
  /** Milliseconds of each successful step. */
  latencies: number[];
  /** Seconds from the first step to the end of the last. */
  seconds: number;
  failed: number;
  /** The first fault's message. */
  fault?: string;
}

/** A request to the driver. `prepare` makes what a load needs (signed-in members, stocks), so that it is not measured. */
export type DriverRequest = { id: number; target: Target; load: Load; kind: 'prepare' | 'run' };

/** The driver's answer. */
export type DriverAnswer = { id: number; result?: LoadResult; fault?: string };
