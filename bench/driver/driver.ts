/** The bench's side of the driver: starts its process and puts loads to it, one at a time. */
import { type Child, startScript } from '../peers/children.ts';
import type { Target } from '../peers/peer.ts';
import type { DriverAnswer, DriverRequest, Load, LoadResult } from './messages.ts';

/** Puts load on a peer. */
export interface Driver {
  /** Makes what the load needs, outside the measured stretch. */
  prepare(target: Target, load: Load): Promise<void>;
  /** Runs the load. */
  run(target: Target, load: Load): Promise<LoadResult>;
  stop(): Promise<void>;
}

/** Starts the driver's process. */
export function startDriver(): Driver {
  const child = startScript(new URL('./process.ts', import.meta.url));
  let last = 0;
  const ask = (kind: DriverRequest['kind'], target: Target, load: Load) => {
    last += 1;
    return exchange(child, { id: last, kind, target, load });
  };
  return {
    async prepare(target, load) {
      await ask('prepare', target, load);
    },
    async run(target, load) {
      const { result } = await ask('run', target, load);
      if (result === undefined) throw new Error('the driver brought no result');
      return result;
    },
    stop: child.stop,
  };
}

function exchange(child: Child, request: DriverRequest): Promise<DriverAnswer> {
  const { peer } = request.target;
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      child.process.off('message', listen).off('exit', gone);
      finish();
    };
    const gone = () => settle(() => reject(new Error(`the driver ended: ${child.output()}`)));
    const listen = (answer: DriverAnswer) => {
      if (answer.id !== request.id) return;
      const { fault } = answer;
      if (fault === undefined) settle(() => resolve(answer));
      else settle(() => reject(new Error(`${request.load.operation} at ${peer}: ${fault}`)));
    };
    child.process.on('message', listen).once('exit', gone);
    child.process.send(request);
  });
}
