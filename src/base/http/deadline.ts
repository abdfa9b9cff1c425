/** The deadline of a request: the database driver has none of its own, so waiting ends here. */
import { DomainError } from '../kernel/errors.ts';
import type { Log } from '../observability/log.ts';
import type { EdgeMiddleware } from './context.ts';

/**
 * Middleware that answers `overloaded` (503) when what is behind it has not finished in time. What still runs is let
 * run: its writes are conditional, its answer goes nowhere, and its failure is logged.
 * @param deps `timeoutMs` in milliseconds; the log
 */
export function deadline(deps: { timeoutMs: number; log: Log }): EdgeMiddleware {
  return async (ctx, next) => {
    let timer: NodeJS.Timeout | undefined;
    let late = false;
    const expired = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        late = true;
        reject(new DomainError('overloaded', { cause: new Error('the request took too long') }));
      }, deps.timeoutMs);
    });
    const work = next().catch((error: unknown) => {
      if (!late) throw error;
      deps.log.warn({ trace: ctx.state.visit.trace, error }, 'a request failed after its deadline');
    });
    try {
      await Promise.race([work, expired]);
    } finally {
      clearTimeout(timer);
    }
  };
}
