/** Prints what was measured, one table per operation. Owns words and columns; measures nothing. */
import type { ResidentMemory } from './measure/proc.ts';
import type { Figure, MemoryFigure } from './measure/rounds.ts';

/** What a peer brought besides its operations. */
export interface PeerReport {
  peer: string;
  about: string;
  /** Median milliseconds from start to the first discovery answer. */
  firstAnswerMs: number;
  idle: MemoryFigure;
  loaded: MemoryFigure;
}

/** Everything a run brought; also what `--json` writes. */
export interface Results {
  cores: number;
  node: string;
  /** Version; undefined when no peer has a store. */
  mongod: string | undefined;
  accounting: boolean;
  concurrency: number;
  rounds: number;
  roundMs: number;
  seconds: number;
  argon2PerCoreSecond: number;
  peers: PeerReport[];
  figures: Figure[];
}

/** Titles of the operations. */
export const operationTitles: Record<string, string> = {
  discovery: 'Discovery',
  'cc-jwt': 'Client credentials, JWT access token (ES256; the plain adapter RS256)',
  'cc-opaque': 'Client credentials, opaque access token',
  'cc-assertion': 'Client credentials with a client assertion (private_key_jwt), JWT access token',
  'cc-many': 'Client credentials of 100 clients in turn, JWT access token',
  refresh: 'Refresh with rotation, new ID token',
  'refresh-dpop': 'Refresh with rotation and a DPoP proof, new ID token',
  'device-poll': 'Poll of a device whose person has not answered',
  userinfo: 'Userinfo',
  introspection: 'Introspection of a member’s access token by another client, with hint',
  'introspection-no-hint': 'Introspection of a member’s access token by another client, without hint',
  'sign-in': 'Password sign-in with code exchange',
  sso: 'Single sign-on with a live session, with code exchange',
  'sso-par': 'Single sign-on by a pushed request (PAR), with code exchange',
  'sign-out':
    'Sign-out of a session with 20 relying parties (p50 and p99: the two requests; CPU and commands: with 20 notices)',
};

/**
 * What Symbolon is to reach: the ratio to the plain adapter, and commands for the whole request and for artefacts.
 * Without a ratio, the commands are what the library asks of its adapter, clients aside.
 */
const goals: Record<string, { ratio?: number; all: number; artefacts: number }> = {
  'cc-jwt': { ratio: 4.5, all: 0, artefacts: 0 },
  'cc-assertion': { all: 1, artefacts: 1 },
  'cc-many': { all: 0, artefacts: 0 },
  introspection: { ratio: 5, all: 2, artefacts: 1 },
  'introspection-no-hint': { all: 5, artefacts: 5 },
  userinfo: { ratio: 5, all: 2, artefacts: 1 },
  refresh: { ratio: 4, all: 4, artefacts: 3 },
  'refresh-dpop': { all: 5, artefacts: 4 },
  'device-poll': { all: 1, artefacts: 1 },
  sso: { ratio: 3.3, all: 6, artefacts: 4 },
  'sso-par': { all: 12, artefacts: 12 },
  'sign-in': { ratio: 1.3, all: 18, artefacts: 10 },
};

/**
 * The report as text.
 * @param results what was measured
 * @param reference the peer ratios are taken against
 * @param candidate the peer with goals
 */
export function report(results: Results, reference: string, candidate: string): string {
  const operations = [...new Set(results.figures.map(({ operation }) => operation))];
  const parts = [
    heading(results),
    ...operations.map((operation) => operationTable(results, operation, reference, candidate)),
  ];
  return [...parts, processTable(results), footnotes(results)].join('\n\n');
}

function heading(results: Results): string {
  const how = `${results.rounds} interleaved round${results.rounds === 1 ? '' : 's'} of ${results.roundMs / 1000} s after warm-up, medians`;
  const lines = [
    `${results.cores} cores, Node ${results.node}, mongod ${results.mongod ?? '–'}, ${results.concurrency} at a time, ${how}`,
    `argon2id ceiling: ${number(results.argon2PerCoreSecond)} password verifies per core-second`,
    ...results.peers.map(({ peer, about }) => `${peer}: ${about}`),
  ];
  if (!results.accounting) lines.push('This system has no /proc: CPU and memory figures are missing.');
  return lines.join('\n');
}

function operationTable(results: Results, operation: string, reference: string, candidate: string): string {
  const figures = results.figures.filter((figure) => figure.operation === operation);
  const base = figures.find(({ peer }) => peer === reference)?.perCoreSecond;
  const rows = figures.map((figure) => [
    figure.peer,
    number(figure.perCoreSecond),
    ratio(figure.perCoreSecond, base),
    `${number(figure.nodeMs)} + ${number(figure.mongodMs)}`,
    number(figure.perSecond),
    number(figure.p50),
    number(figure.p99),
    figure.commands === undefined ? '–' : number(figure.commands.all),
    figure.commands === undefined ? '–' : number(figure.commands.artefacts),
    figure.failed === 0 ? '0' : `${figure.failed}: ${figure.fault}`,
  ]);
  const columns = [
    'peer',
    'ops/core-s',
    `× ${reference}`,
    'CPU ms node + mongod',
    'ops/s',
    'p50 ms',
    'p99 ms',
    'commands',
    'on artefacts',
    'failed',
  ];
  const goal = goals[operation];
  const present = figures.some(({ peer }) => peer === candidate);
  const title = operationTitles[operation] ?? operation;
  const aim =
    goal === undefined || !present
      ? []
      : [
          `goal for ${candidate}: ${goal.ratio === undefined ? '' : `${goal.ratio}× ${reference}, `}at most ${goal.all} commands, ${goal.artefacts} on artefacts`,
        ];
  return [title, table(columns, rows), ...aim].join('\n');
}

function processTable(results: Results): string {
  const rows = results.peers.map(({ peer, firstAnswerMs, idle, loaded }) => [
    peer,
    number(firstAnswerMs / 1000),
    mebibytes(idle.node?.now),
    mebibytes(loaded.node?.now),
    mebibytes(loaded.node?.peak),
    mebibytes(idle.mongod?.now),
    mebibytes(loaded.mongod?.now),
  ]);
  const columns = [
    'peer',
    'first answer s',
    'Node MiB idle',
    'after load',
    'peak',
    'mongod MiB idle',
    'after load',
  ];
  return ['Start and resident memory', table(columns, rows)].join('\n');
}

function footnotes(results: Results): string {
  return [
    'ops/core-s: operations per second of CPU time, user and system, of the Node process and its mongod together.',
    'commands: MongoDB commands per operation one at a time, idle background subtracted; p50 and p99 include waiting for a core.',
    'Read ratios, not absolute figures, and no difference under 1.3×.',
    `Took ${Math.round(results.seconds)} s.`,
  ].join('\n');
}

/**
 * A plain text table: the first column to the left, figures to the right.
 * @param columns headings
 * @param rows cells
 */
export function table(columns: string[], rows: string[][]): string {
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const line = (cells: string[]) =>
    `  ${cells
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join('  ')}`;
  return [line(columns), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n');
}

/** Three significant figures, or a dash for what is not known. */
export function number(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  if (Math.abs(value) >= 10) return value.toFixed(1);
  return value.toFixed(2);
}

function ratio(value: number | undefined, base: number | undefined): string {
  return value === undefined || base === undefined ? '–' : `${(value / base).toFixed(2)}×`;
}

function mebibytes(bytes: ResidentMemory['now'] | undefined): string {
  return bytes === undefined ? '–' : Math.round(bytes / 1024 / 1024).toLocaleString('en');
}
