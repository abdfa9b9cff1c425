/** The floor: the bare library with everything in memory, ES256, and the same password hash. */
import { freePort } from '../measure/free-port.ts';
import { startScript } from './children.ts';
import { startRepeatedly } from './first-answer.ts';
import { libraryTarget, type PeerKind } from './peer.ts';

/** oidc-provider without a store: what no store can beat. */
export const memoryPeer: PeerKind = {
  name: 'library in memory',
  about:
    'bare oidc-provider, maps in its own process, ES256, argon2id 19 MiB t=2 p=1; nothing survives a restart',
  async start(world, { starts }) {
    const issuer = `http://127.0.0.1:${await freePort()}`;
    const env = { BENCH_PEER: JSON.stringify({ issuer, world }) };
    const start = () => startScript(new URL('./memory-server.ts', import.meta.url), env);
    const { child, firstAnswer } = await startRepeatedly(start, issuer, starts);
    return {
      target: { peer: memoryPeer.name, issuer, world, ...libraryTarget },
      node: child.pid,
      isArtefact: () => false,
      firstAnswer,
      stop: child.stop,
    };
  },
};
