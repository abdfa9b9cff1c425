/**
 * What an operation of the bench is: a preparation (not measured) that returns one repeatable step (measured). Owns
 * the shape and the supply of steps that use something up; the operations themselves stand in the files beside it.
 */
import type { Target } from '../../peers/peer.ts';

/** Endpoints out of the peer's discovery document. */
export interface Endpoints {
  discovery: string;
  authorization_endpoint: string;
  pushed_authorization_request_endpoint: string;
  device_authorization_endpoint: string;
  token_endpoint: string;
  userinfo_endpoint: string;
  introspection_endpoint: string;
  end_session_endpoint: string;
}

/** What an operation works with: the peer, and which of the parallel slots it fills. */
export interface Slot {
  target: Target;
  endpoints: Endpoints;
  index: number;
  slots: number;
}

/** Things of which each step uses up one; they are made before the load, and a slot without any rests. */
export interface Stock {
  /** At most so many in all slots together: making them takes long. */
  most: number;
  left(): number;
  /** Makes what is missing to so many. */
  fill(count: number): Promise<void>;
}

/** One slot of an operation. */
export interface Step {
  /** Does it once and checks the answer, so that a fast refusal never counts as work. */
  run(): Promise<void>;
  stock?: Stock;
  /** Resolves when what the steps have set off is done as well. */
  settled?(): Promise<void>;
}

/** Prepares a slot and returns its step. */
export type Operation = (slot: Slot) => Promise<Step>;

/**
 * A step that uses something up.
 * @param most how many to have at once, in all slots together
 * @param make makes one, not measured
 * @param use the measured work
 */
export function stocked<T>(
  most: number,
  make: () => Promise<T>,
  use: (item: T) => Promise<void>,
): Required<Pick<Step, 'run' | 'stock'>> {
  const items: T[] = [];
  return {
    async run() {
      const item = items.shift();
      if (item === undefined) throw new Error('nothing left to use up');
      await use(item);
    },
    stock: {
      most,
      left: () => items.length,
      async fill(count) {
        while (items.length < count) items.push(await make());
      },
    },
  };
}
