/** The child of second-process.ts: an issuer that says "ready" and stops when its input is closed. */
import { Writable } from 'node:stream';
import { loadConfig } from '../../src/base/config/load.ts';
import { systemClock } from '../../src/base/kernel/clock.ts';
import { createIds } from '../../src/base/kernel/ids.ts';
import { createLog } from '../../src/base/observability/log.ts';
import { createMetrics } from '../../src/base/observability/metrics.ts';
import { startIssuerProcess } from '../../src/start.ts';

const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
const running = await startIssuerProcess({
  config: loadConfig(process.env),
  clock: systemClock,
  ids: createIds(),
  log: createLog({ level: 'error', destination: nowhere }),
  metrics: createMetrics({ processMetrics: false }),
  smtpUrl: 'smtp://127.0.0.1:1',
});
process.stdin.resume();
process.stdin.once('end', () => {
  void running.stop().then(() => process.exit(0));
});
process.stdout.write('ready\n');
