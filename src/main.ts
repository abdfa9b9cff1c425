/**
 * Starts, drains and stops the issuer. With `--demo` the demo world comes up beside it. Every fault that keeps it
 * from starting is one clear message and exit code 1.
 */
import { ConfigError } from './base/config/faults.ts';
import { type Config, loadConfig, readEnvironment } from './base/config/load.ts';
import { systemClock } from './base/kernel/clock.ts';
import { createIds } from './base/kernel/ids.ts';
import { createLog } from './base/observability/log.ts';
import { createMetrics } from './base/observability/metrics.ts';
import { markDemo } from './demo-mark.ts';
import { mailboxRoutes, startDevelopmentParts } from './development.ts';
import { startIssuerProcess } from './start.ts';

const demo = process.argv.includes('--demo');
const givingUp = new AbortController();
const stops: (() => Promise<void>)[] = [];
let stopping: Promise<never> | undefined;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // A second signal does not wait for anything.
    if (stopping) process.exit(130);
    givingUp.abort();
    void stop(0);
  });
}

/** The start under way: what it has begun must be there before it can be ended. */
let starting: Promise<void> = Promise.resolve();

/** Stops everything in the reverse order of its start. */
function stop(code: number): Promise<never> {
  stopping ??= (async () => {
    let exit = code;
    await starting.catch(() => undefined);
    for (const each of stops.splice(0).reverse()) {
      await each().catch((error: unknown) => {
        console.error(error);
        exit = 1;
      });
    }
    process.exit(exit);
  })();
  return stopping;
}

async function main(): Promise<void> {
  const env = readEnvironment();
  const plain = loadConfig(env);
  const world = demo ? await import('./demo.ts') : undefined;
  const config = world ? world.withDemoUpstreams(plain) : plain;
  // In a terminal the demo's table must not scroll away under a line for each request.
  const quiet = demo && env.SYMBOLON_LOG_LEVEL === undefined;
  const log = createLog({ level: quiet ? 'warn' : config.logLevel });
  if (world) await world.checkPorts(config);
  const parts = await startDevelopmentParts(config, {
    clock: systemClock,
    log,
    env,
    signal: givingUp.signal,
  });
  stops.push(parts.stop);
  if (world) stops.push(markDemo(config.dataDir));
  const smtpUrl = config.smtpUrl ?? parts.mailbox?.smtpUrl;
  if (!smtpUrl) throw new Error('no mail server');
  const running = await startIssuerProcess({
    config,
    clock: systemClock,
    ids: createIds(),
    log,
    metrics: createMetrics(),
    smtpUrl,
    ...(parts.embeddedUri && { embeddedUri: parts.embeddedUri }),
    ...(parts.mailbox && { extraRoutes: mailboxRoutes(parts.mailbox) }),
  });
  stops.push(running.stop);
  if (!world) return;
  const started = await world.startDemo(running.issuer);
  stops.push(started.stop);
  printTable(config, started.sites, { member: world.demoMember, staff: world.demoStaff });
}

/** Somebody a newcomer may play. */
interface DemoPerson {
  email: string;
  password: string;
}

function printTable(
  config: Config,
  sites: readonly { name: string; url: string }[],
  people: { member: DemoPerson; staff: readonly DemoPerson[] },
): void {
  const login = ({ email, password }: DemoPerson) => `${email}  password: ${password}`;
  const [manager, approver] = people.staff;
  const rows: [string, string][] = [
    ['Issuer', config.issuer],
    ['Discovery', `${config.issuer}/.well-known/openid-configuration`],
    ['Account pages', `${config.issuer}/account`],
    ...(config.smtpUrl ? [] : [['Mailbox', `${config.issuer}/dev/mailbox`] as [string, string]]),
    ...sites.map(({ name, url }): [string, string] => [name, url]),
    ['Demo member', login(people.member)],
    ['Console', `${config.issuer}/console`],
    ...(manager ? [['Changes', login(manager)] as [string, string]] : []),
    ...(approver ? [['Approves', login(approver)] as [string, string]] : []),
  ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  console.log(
    `\n${rows.map(([name, value]) => `  ${name.padEnd(width)}${value}`).join('\n')}\n\n  Ctrl-C ends everything.\n`,
  );
}

/** What a person reads when the start fails: no stack where the message says what to do. */
function explain(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    const port = 'port' in error ? String(error.port) : '';
    return `Port ${port} is in use. Stop what listens there, or choose another one (PORT, SYMBOLON_OPS_PORT).`;
  }
  if (error instanceof Error && /^Mongod|^Mongoose|^Program|^PortsInUse/.test(error.name))
    return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

starting = main();
try {
  await starting;
} catch (error) {
  if (!stopping) {
    console.error(explain(error));
    await stop(1);
  }
}
