/** Where the embedded MongoDB tells its progress; a pino logger fits. */
export interface MongodLog {
  info(message: string): void;
  warn(message: string): void;
}

/** The embedded MongoDB cannot be had: the message is for the operator, says what happened and what to do. */
export class MongodUnavailable extends Error {
  override readonly name = 'MongodUnavailable';
}
