/**
 * The console: pages on which brand and market managers see, change, check, approve and publish the program's
 * configuration. Owns these pages and their words; what somebody may do, and what they see, is asked of `desk`, and
 * nothing is decided here that a module below should decide. Never acts with more than the grants of whoever looks.
 */
import type { Route } from '../../base/http/routes.ts';
import type { ConsoleDeps } from './deps.ts';
import { homeRoutes } from './home.ts';
import { logoRoutes } from './logos.ts';
import { previewRoutes } from './preview.ts';
import { themeRoutes } from './theme.ts';

/**
 * Every route of the console.
 * @param deps modules
 */
export function consoleRoutes(deps: ConsoleDeps): Route[] {
  return [...homeRoutes(deps), ...previewRoutes(deps), ...themeRoutes(deps), ...logoRoutes(deps)];
}
