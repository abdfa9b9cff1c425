/** What the files of the embedded MongoDB share. */
import type { Log } from '../../observability/log.ts';

/** Where the embedded MongoDB tells its progress. */
export type MongodLog = Pick<Log, 'info' | 'warn'>;

/** What finding and fetching a `mongod` needs. */
export interface FetchOptions {
  /** Folder of what was fetched. */
  cacheDir: string;
  log: MongodLog;
  /** Holds `MONGOD_BINARY` and `PATH`; the process's own `PATH` counts when this is undefined. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Gives up. */
  signal?: AbortSignal | undefined;
}

/** The embedded MongoDB cannot be had: the message is for the operator, says what happened and what to do. */
export class MongodUnavailable extends Error {
  override readonly name = 'MongodUnavailable';
}

/**
 * How a helping program is started: with the given environment, ended when the search is given up.
 * @param options environment and signal
 */
export function childOptions(options: Pick<FetchOptions, 'env' | 'signal'>) {
  return {
    ...(options.env === undefined ? {} : { env: { ...options.env } }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
}
