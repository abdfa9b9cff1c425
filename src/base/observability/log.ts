/**
 * Observability, the log: owns how a line looks and what may stand in it. One JSON line per fact on standard
 * output. Never lets a secret, a personal value or a raw request reach a line, whatever the caller passes.
 */
import { type DestinationStream, pino } from 'pino';
import { maskText, maskValue } from './masking.ts';

/** Levels of importance, the pino names. */
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

/** Writes one line: plain fields and a sentence. An error goes into the field `error`. */
export type LogLine = (fields: Readonly<Record<string, unknown>>, message: string) => void;

/** What modules log with. */
export interface Log {
  error: LogLine;
  warn: LogLine;
  info: LogLine;
  debug: LogLine;
  /** A log whose every line carries these fields, such as `{ module: 'mail' }`. */
  with(fields: Readonly<Record<string, unknown>>): Log;
}

/** Choices of {@link createLog}. */
export interface LogOptions {
  level: LogLevel;
  /** Where lines go (default: standard output). */
  destination?: DestinationStream;
}

/**
 * Builds the log of the process. Field values and messages are masked (see masking.ts), so control characters,
 * addresses and tokens inside a value cannot forge or taint a line.
 * @param options level and destination
 */
export function createLog(options: LogOptions): Log {
  const settings = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const logger = options.destination ? pino(settings, options.destination) : pino(settings);
  return logOver(logger, {});
}

type Lines = Record<'error' | 'warn' | 'info' | 'debug', (fields: object, message: string) => void> & {
  isLevelEnabled(level: string): boolean;
};

function logOver(logger: Lines, bound: Readonly<Record<string, unknown>>): Log {
  const line =
    (level: 'error' | 'warn' | 'info' | 'debug'): LogLine =>
    (fields, message) => {
      if (!logger.isLevelEnabled(level)) return;
      logger[level](Object(maskValue({ ...bound, ...fields })), maskText(message));
    };
  return {
    error: line('error'),
    warn: line('warn'),
    info: line('info'),
    debug: line('debug'),
    with: (fields) => logOver(logger, { ...bound, ...fields }),
  };
}
