/** The bench's command line. Pure parsing; prints nothing. */
import { parseArgs } from 'node:util';

/** What a run is asked to do. */
export interface Options {
  quick: boolean;
  /** Operations to measure; empty for all. */
  only: string[];
  /** Peers to start, by a word of their name; empty for all. */
  peers: string[];
  /** File for the results as JSON. */
  json?: string;
  /** Minutes of mixed load on one peer, with its memory each minute, instead of the comparison. */
  soak?: number;
  help: boolean;
}

/** What `--help` prints. */
export const usage = `npm run bench -- [options]
  --quick            about 100 seconds: one short round
  --only op,op       only these operations: {operations}
  --peers word,word  only the peers whose name holds one of these words
  --json FILE        also write the results as JSON
  --soak MINUTES     mixed load on the last of the peers, memory each minute`;

/**
 * Parses the command line.
 * @param args arguments after the script's name
 * @throws TypeError on an unknown option, RangeError on a soak that is no positive number
 */
export function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      peers: { type: 'string', default: '' },
      json: { type: 'string' },
      soak: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const soak = values.soak === undefined ? undefined : Number(values.soak);
  if (soak !== undefined && !(soak > 0)) throw new RangeError('--soak takes a number of minutes');
  return {
    quick: values.quick,
    only: list(values.only),
    peers: list(values.peers),
    help: values.help,
    ...(values.json === undefined ? {} : { json: values.json }),
    ...(soak === undefined ? {} : { soak }),
  };
}

function list(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
