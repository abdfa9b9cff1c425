/** What a command answers with: words for a person and the same as JSON. */

/** The result of a command. */
export interface Answer {
  /** Shown to a person. */
  text: string;
  /** Printed with `--json`: the same facts. */
  data: unknown;
  /** Exit code, when it is not 0. */
  exitCode?: number;
}

/** The exit codes of every command. */
export const exitCodes = {
  done: 0,
  refused: 1,
  usage: 2,
  configuration: 3,
  unreachable: 4,
  unexpected: 5,
} as const;

/** What each exit code means, for the documentation. */
export const exitCodeTexts: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: 'Done; for `doctor`: no fault (warnings are allowed).',
  refused:
    'Refused, or a plan was shown and still needs `--yes`; nothing was changed. Or `doctor` or the smoke journey of a site found a fault.',
  usage: 'The command was used wrongly: an unknown option, a missing argument, a value that breaks a rule.',
  configuration: 'The configuration of the process or of the program has faults; all of them are listed.',
  unreachable: 'The database cannot be reached.',
  unexpected: 'Something went wrong that the command did not expect.',
};

/** A refusal in plain words: what is so, and what to do. */
export class Refusal extends Error {
  /** @param message one or two sentences for an operator */
  constructor(message: string) {
    super(message);
    this.name = 'Refusal';
  }
}

/** Input that breaks rules; every fault at once. */
export class InputFaults extends Error {
  readonly faults: readonly string[];

  /** @param faults such as `--redirect-uri: http is allowed on loopback only` */
  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'InputFaults';
    this.faults = faults;
  }
}

/**
 * Rows as aligned columns.
 * @param head titles of the columns
 * @param rows cells
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/**
 * A stretch of time in its largest unit, rounded down, such as `3 days`.
 * @param seconds length
 */
export function span(seconds: number): string {
  const units = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ] as const;
  const [name, size] = units.find(([, length]) => seconds >= length) ?? (['second', 1] as const);
  const count = Math.floor(seconds / size);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
