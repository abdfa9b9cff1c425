/**
 * The process of Symbolon itself, put together as `npm start` does it. Told by `BENCH_PEER` where to listen and where
 * its MongoDB is; with `seed` it registers the world's clients and members and ends instead of serving.
 */
import { loadConfig } from '../../src/base/config/load.ts';
import { systemClock } from '../../src/base/kernel/clock.ts';
import { createIds } from '../../src/base/kernel/ids.ts';
import { createLog } from '../../src/base/observability/log.ts';
import { createMetrics } from '../../src/base/observability/metrics.ts';
import { startIssuerProcess } from '../../src/start.ts';
import type { World } from '../world.ts';

/** What the bench tells this process. */
export interface SymbolonTold {
  world: World;
  smtpUrl: string;
  /** Settings, named as operators name them. */
  settings: Record<string, string>;
  seed: boolean;
}

const { world, smtpUrl, settings, seed } = JSON.parse(process.env.BENCH_PEER ?? '') as SymbolonTold;
const config = loadConfig(settings);
const running = await startIssuerProcess({
  config,
  clock: systemClock,
  ids: createIds(),
  log: createLog({ level: config.logLevel }),
  metrics: createMetrics(),
  smtpUrl,
});
const end = async () => {
  await running.stop();
  process.exit(0);
};
if (seed) {
  const { seedSymbolon } = await import('./symbolon-seed.ts');
  await seedSymbolon(running.issuer, world);
  await end();
} else {
  process.once('SIGTERM', () => void end()).once('disconnect', () => void end());
}
