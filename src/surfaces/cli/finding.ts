/** What `doctor` finds. */

/** One finding. */
export interface Finding {
  /** What was looked at, such as `clock`. */
  check: string;
  level: 'ok' | 'warning' | 'fault';
  message: string;
  /** What to do about it. */
  fix?: string;
}

/**
 * All is well.
 * @param check what was looked at
 * @param message what was found
 */
export const ok = (check: string, message: string): Finding => ({ check, level: 'ok', message });

/**
 * Works, but somebody should look.
 * @param check what was looked at
 * @param message what was found
 * @param fix what to do
 */
export const warning = (check: string, message: string, fix: string): Finding => ({
  check,
  level: 'warning',
  message,
  fix,
});

/**
 * Does not work, or is not safe.
 * @param check what was looked at
 * @param message what was found
 * @param fix what to do
 */
export const fault = (check: string, message: string, fix: string): Finding => ({
  check,
  level: 'fault',
  message,
  fix,
});
