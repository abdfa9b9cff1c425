/** Every metric of the house as data: the registry and docs/metrics.md follow from here. */

interface MetricEntry {
  name: string;
  type: 'counter' | 'histogram' | 'gauge';
  help: string;
  labels: string[];
}

/** Counters and histograms. */
export const metricTable = {
  httpRequests: {
    name: 'symbolon_http_requests_total',
    type: 'counter',
    help: 'Requests answered, by route name and class of status.',
    labels: ['route', 'method', 'status'],
  },
  httpDuration: {
    name: 'symbolon_http_request_duration_seconds',
    type: 'histogram',
    help: 'Time until a request was answered.',
    labels: ['route', 'method', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  signIns: {
    name: 'symbolon_sign_ins_total',
    type: 'counter',
    help: 'Attempts to sign in, by method, outcome and reason (an error code of docs/errors.md, or ok).',
    labels: ['method', 'outcome', 'reason'],
  },
  tokenGrants: {
    name: 'symbolon_token_grants_total',
    type: 'counter',
    help: 'Token requests granted, by grant type.',
    labels: ['grant_type'],
  },
  mails: {
    name: 'symbolon_mails_total',
    type: 'counter',
    help: 'Mails handed to the mail server, by outcome.',
    labels: ['outcome'],
  },
  deliveries: {
    name: 'symbolon_deliveries_total',
    type: 'counter',
    help: 'Tries to tell a relying party of a sign-out or of an answered backchannel request, by result: delivered, again (to be tried again), refused, failed (given up), dropped (client gone).',
    labels: ['result'],
  },
  auditRowsLost: {
    name: 'symbolon_audit_rows_lost_total',
    type: 'counter',
    help: 'Audit rows that could not be written; anything above zero needs a look.',
    labels: [],
  },
  journeysLost: {
    name: 'symbolon_recorded_journeys_lost_total',
    type: 'counter',
    help: 'Journeys of members that could not be counted for dry runs.',
    labels: [],
  },
  limited: {
    name: 'symbolon_limited_total',
    type: 'counter',
    help: 'Attempts refused by a limit, by limiter.',
    labels: ['limiter'],
  },
} satisfies Record<string, MetricEntry & { buckets?: number[] }>;

/** Gauges that are read at each scrape, once their owner has named the reader. */
export const gauges = {
  passwordQueue: {
    name: 'symbolon_password_queue_depth',
    type: 'gauge',
    help: 'Password hashes waiting for their turn.',
    labels: [],
  },
  outboxAge: {
    name: 'symbolon_outbox_oldest_seconds',
    type: 'gauge',
    help: 'Age of the oldest task of the outbox that is due.',
    labels: [],
  },
  deliveriesAge: {
    name: 'symbolon_deliveries_oldest_due_seconds',
    type: 'gauge',
    help: 'Age of the oldest logout notice or ping that a relying party has not taken yet.',
    labels: [],
  },
  databaseConnectionsOpen: {
    name: 'symbolon_database_connections_open',
    type: 'gauge',
    help: 'Open connections of the database pool.',
    labels: [],
  },
  databaseConnectionsInUse: {
    name: 'symbolon_database_connections_in_use',
    type: 'gauge',
    help: 'Connections of the database pool that are at work.',
    labels: [],
  },
  databaseWaiting: {
    name: 'symbolon_database_pool_waiting',
    type: 'gauge',
    help: 'Operations waiting for a connection of the pool.',
    labels: [],
  },
  requestsInFlight: {
    name: 'symbolon_http_requests_in_flight',
    type: 'gauge',
    help: 'Requests being answered at this moment.',
    labels: [],
  },
} satisfies Record<string, MetricEntry>;

/** The name of a gauge. */
export type GaugeName = keyof typeof gauges;

/** The page docs/metrics.md. */
export function metricDocs(): string {
  const entries: readonly MetricEntry[] = [...Object.values(metricTable), ...Object.values(gauges)];
  const rows = entries.map((entry) => {
    const labels = entry.labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${entry.name}\` | ${entry.type} | ${labels} | ${entry.help} |`;
  });
  return [
    '# Metrics',
    '',
    '<!-- Generated from src/base/observability/metric-table.ts by scripts/generate.mjs; edit there. -->',
    '',
    'The operations listener (`opsHost`, `opsPort`) answers `GET /metrics` in the Prometheus text format,',
    '`GET /health/live` (the process runs) and `GET /health/ready` (its dependencies answer and it is not draining).',
    'Beside the table come the metrics of the process itself (`process_*`, `nodejs_*`), among them the lag of the',
    'event loop. Labels are closed sets: no id, no address, nothing that a caller chose.',
    '',
    '| metric | type | labels | what it tells |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
