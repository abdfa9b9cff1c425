/** Symbolon: the whole product in its own process, on a MongoDB of its own, with its default settings. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { withDatabase } from '../../src/base/db/mongod.ts';
import { systemClock } from '../../src/base/kernel/clock.ts';
import { startDevMailbox } from '../../src/base/mail/dev-mailbox.ts';
import { freePort } from '../measure/free-port.ts';
import type { World } from '../world.ts';
import { type Child, startScript } from './children.ts';
import { startRepeatedly } from './first-answer.ts';
import type { PeerKind } from './peer.ts';
import { type Store, startStore } from './store.ts';
import type { SymbolonTold } from './symbolon-process.ts';

/** The product, as it is deployed but for TLS in front of it. */
export const symbolonPeer: PeerKind = {
  name: 'Symbolon',
  about:
    'this product with default settings: ES256, argon2id 19 MiB t=2 p=1, CSRF, throttles, known devices, events, security headers',
  async start(world, { signal, starts }) {
    const store = await startStore(signal);
    // A sign-in on a new device mails its member; the bench's own process takes those mails.
    const mails = await startDevMailbox({ smtpPort: 0, clock: systemClock });
    const stopBoth = async () => {
      await mails.stop();
      await store.stop();
    };
    try {
      const issuer = `http://127.0.0.1:${await freePort()}`;
      const told = { world, smtpUrl: mails.smtpUrl, settings: await settingsOf(issuer, store) };
      await seeded(startProcess({ ...told, seed: true }));
      const start = () => startProcess({ ...told, seed: false });
      const { child, firstAnswer } = await startRepeatedly(start, issuer, starts);
      return {
        target: targetOf(issuer, world),
        node: child.pid,
        store,
        isArtefact: (collection) => collection === 'artefacts',
        firstAnswer,
        async stop() {
          await child.stop();
          await stopBoth();
        },
      };
    } catch (error) {
      await stopBoth();
      throw error;
    }
  },
};

function targetOf(issuer: string, world: World) {
  return {
    peer: symbolonPeer.name,
    issuer,
    world,
    fields: { login: 'identifier', password: 'password' },
    // A first-party app is given a refresh token for the grant it is registered with.
    scopes: { site: 'openid email', app: 'openid email' },
    deviceCookies: ['device'],
  };
}

async function settingsOf(issuer: string, store: Store): Promise<Record<string, string>> {
  const key = () => `bench:${randomBytes(32).toString('base64url')}`;
  return {
    // Only a deployment behind TLS may call itself production; nothing else differs.
    NODE_ENV: 'development',
    PORT: new URL(issuer).port,
    MONGODB_URI: withDatabase(store.uri, 'symbolon'),
    SYMBOLON_ISSUER: issuer,
    SYMBOLON_OPS_PORT: String(await freePort()),
    SYMBOLON_DATA_DIR: store.folder,
    SYMBOLON_MASTER_KEYS: key(),
    SYMBOLON_IDENTIFIER_KEYS: key(),
    SYMBOLON_PASSWORD_BREACH_URL: 'off',
    SYMBOLON_LOG_LEVEL: 'warn',
  };
}

function startProcess(told: SymbolonTold): Child {
  return startScript(new URL('./symbolon-process.ts', import.meta.url), { BENCH_PEER: JSON.stringify(told) });
}

async function seeded(child: Child): Promise<void> {
  if (child.process.exitCode === null) await once(child.process, 'exit');
  if (child.process.exitCode !== 0) throw new Error(`Symbolon could not be seeded: ${child.output()}`);
}
