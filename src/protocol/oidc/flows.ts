/**
 * Flows: what the surfaces remember between the steps of one interaction (or of one session on the account pages),
 * sealed, beside the interaction itself, so that one command reads both. It holds no decision: what a step proved
 * is written where it belongs.
 */
import { dateOf } from '../../base/kernel/clock.ts';
import { ifKeyLives } from '../../base/kernel/sealing.ts';
import { artefactId } from './artefacts/model.ts';
import type { AdapterDeps } from './artefacts/rules.ts';
import { currentUnit } from './artefacts/unit.ts';

/** The memory of flows; the state's shape belongs to the surface that keeps it. */
export interface Flows {
  /** The state kept under a key, parsed; undefined when there is none or it is over. */
  read(key: string): Promise<unknown>;
  /** Keeps a state for an hour; it is durable before the answer leaves. */
  write(key: string, state: object): void;
}

const lifeMs = 3_600_000;

/**
 * `_id` of a flow, so that a request can name it as a hint.
 * @param key interaction uid, or the account pages' key of a session
 */
export const flowId = (key: string) => artefactId('Flow', key);

/**
 * Builds the memory of flows.
 * @param deps sealer and clock
 */
export function createFlows(deps: Pick<AdapterDeps, 'sealer' | 'clock'>): Flows {
  const context = (id: string) => `artefacts.sealed.${id}`;
  return {
    async read(key) {
      const found = await currentUnit().find(flowId(key));
      const { _id, sealed } = found ?? {};
      if (!_id || !sealed || (found?.expiresAt && found.expiresAt <= dateOf(deps.clock))) return undefined;
      return ifKeyLives(() => JSON.parse(deps.sealer.open(sealed, context(_id)).toString()));
    },
    write(key, state) {
      const _id = flowId(key);
      currentUnit().replace({
        _id,
        kind: 'Flow',
        sealed: deps.sealer.seal(JSON.stringify(state), context(_id)),
        expiresAt: dateOf(deps.clock, lifeMs),
      });
    },
  };
}
