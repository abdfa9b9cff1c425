/**
 * The console: pages on which brand and market managers see, change, check, approve and publish the program's
 * configuration. Owns these pages and their words; what somebody may do, and what they see, is asked of `desk`, and
 * nothing is decided here that a module below should decide. Never acts with more than the grants of whoever looks.
 */
import type { Route } from '../../base/http/routes.ts';
import type { ConsoleDeps } from './deps.ts';
import { draftPageRoutes } from './draft.ts';
import { draftCheckRoutes } from './draft-checks.ts';
import { draftItemRoutes } from './draft-items.ts';
import { draftStepRoutes } from './draft-steps.ts';
import { draftRoutes } from './drafts.ts';
import { explainRoutes } from './explain.ts';
import { homeRoutes } from './home.ts';
import { logoRoutes } from './logos.ts';
import { previewRoutes } from './preview.ts';
import { publishRoutes } from './publish.ts';
import { rebaseRoutes } from './rebase.ts';
import { releaseRoutes } from './releases.ts';
import { rollBackRoutes } from './roll-back.ts';
import { themeRoutes } from './theme.ts';

/**
 * Every route of the console.
 * @param deps modules
 */
export function consoleRoutes(deps: ConsoleDeps): Route[] {
  return [
    ...homeRoutes(deps),
    ...releaseRoutes(deps),
    ...rollBackRoutes(deps),
    ...draftRoutes(deps),
    ...draftPageRoutes(deps),
    ...draftItemRoutes(deps),
    ...draftCheckRoutes(deps),
    ...draftStepRoutes(deps),
    ...publishRoutes(deps),
    ...rebaseRoutes(deps),
    ...explainRoutes(deps),
    ...previewRoutes(deps),
    ...themeRoutes(deps),
    ...logoRoutes(deps),
  ];
}
