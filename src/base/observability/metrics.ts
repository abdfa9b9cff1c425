/**
 * Observability, the numbers: owns every metric and its labels, and is the only user of the Prometheus client.
 * Labels are small closed sets (route names, codes, kinds); never an id, an address or anything a caller chose.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type GaugeName, gauges, metricTable } from './metric-table.ts';

/** Records what happens; modules never see the client library. */
export interface Metrics {
  /** One answered request: route name (never the path), status and milliseconds. */
  httpRequest(sample: { route: string; method: string; status: number; ms: number }): void;
  /** One attempt to sign in or register: method such as `password` or `google`, `reason` an error code or `ok`. */
  signIn(sample: { method: string; outcome: 'success' | 'failure'; reason: string }): void;
  /** Tokens were issued for a grant type. */
  tokenGrant(grantType: string): void;
  /** One attempt to hand a mail to the mail server. */
  mail(outcome: 'sent' | 'failed'): void;
  /** One try to tell a relying party of a sign-out. */
  delivery(result: 'delivered' | 'again' | 'refused' | 'failed' | 'dropped'): void;
  /** Audit rows that could not be written. */
  auditRowsLost(count: number): void;
  /** Journeys of members that could not be counted for dry runs. */
  journeysLost(count: number): void;
  /** A limit refused an attempt; the limiter's tag. */
  limited(limiter: string): void;
  /** Names the reader of a gauge; it is called at each scrape and may fail or be slow without harm. */
  watch(gauge: GaugeName, read: () => number | Promise<number>): void;
  /** The exposition in the Prometheus text format. */
  render(): Promise<{ contentType: string; text: string }>;
}

/** Choices of {@link createMetrics}. */
export interface MetricsOptions {
  /** Also collect the metrics of the process and its event loop (default true). */
  processMetrics?: boolean;
  /** How long a gauge's reader may take at a scrape, in milliseconds (default 500). */
  gaugeTimeoutMs?: number;
}

/**
 * Builds a registry of its own with every metric of docs/metrics.md.
 * @param options whether the process is measured, and the patience with gauges
 */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  if (options.processMetrics !== false) collectDefaultMetrics({ register: registry });
  const httpRequests = counter(registry, 'httpRequests');
  const { name, help, labels, buckets } = metricTable.httpDuration;
  const httpDuration = new Histogram({ name, help, labelNames: labels, buckets, registers: [registry] });
  const signIns = counter(registry, 'signIns');
  const tokenGrants = counter(registry, 'tokenGrants');
  const mails = counter(registry, 'mails');
  const deliveries = counter(registry, 'deliveries');
  const auditRowsLost = counter(registry, 'auditRowsLost');
  const journeysLost = counter(registry, 'journeysLost');
  const limited = counter(registry, 'limited');
  return {
    httpRequest({ route, method, status, ms }) {
      const sample = { route, method, status: `${Math.floor(status / 100)}xx` };
      httpRequests.inc(sample);
      httpDuration.observe(sample, ms / 1000);
    },
    signIn: (sample) => signIns.inc(sample),
    tokenGrant: (grantType) => tokenGrants.inc({ grant_type: grantType }),
    mail: (outcome) => mails.inc({ outcome }),
    delivery: (result) => deliveries.inc({ result }),
    auditRowsLost: (count) => auditRowsLost.inc(count),
    journeysLost: (count) => journeysLost.inc(count),
    limited: (limiter) => limited.inc({ limiter }),
    watch: (gauge, read) => watchGauge(registry, gauge, () => settled(read, options.gaugeTimeoutMs ?? 500)),
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

type CounterName = Exclude<keyof typeof metricTable, 'httpDuration'>;

function counter(registry: Registry, key: CounterName): Counter {
  const { name, help, labels } = metricTable[key];
  return new Counter({ name, help, labelNames: labels, registers: [registry] });
}

function watchGauge(registry: Registry, key: GaugeName, read: () => Promise<number | undefined>): void {
  const { name, help } = gauges[key];
  registry.removeSingleMetric(name);
  new Gauge({
    name,
    help,
    registers: [registry],
    async collect() {
      const value = await read();
      // A gauge that cannot be read is absent: an old value would look like a live one.
      if (value === undefined) this.remove();
      else this.set(value);
    },
  });
}

async function settled(read: () => number | Promise<number>, timeoutMs: number): Promise<number | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, undefined);
  });
  try {
    return await Promise.race([Promise.resolve().then(read), late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
