/** The ways to sign in as a page shows them: the buttons of the upstreams, and the way this browser used last. */
import type { EdgeContext } from '../../base/http/context.ts';
import { upstreamNames } from './complete.ts';
import type { Standing } from './context.ts';
import type { InteractionDeps } from './deps.ts';
import { type SignInMethod, signInMethods } from './methods.ts';
import type { UpstreamChoice } from './views.ts';

/** Cookie that remembers the way a browser signed in last; holds the way's name and nothing of the person. */
const lastUsedCookie = 'last_used';
const yearSeconds = 365 * 86_400;

/**
 * The upstreams the brand offers, as buttons in its order.
 * @param deps the upstreams that are configured
 * @param open where the page stands
 */
export function upstreamChoices(
  deps: Pick<InteractionDeps, 'upstreams'>,
  open: Pick<Standing, 'place' | 'base'>,
): UpstreamChoice[] {
  const known = deps.upstreams.list().map(({ id }) => id);
  return signInMethods(open.place.experience).flatMap((method) => {
    const id = known.find((each) => each === method);
    return id ? [{ id, name: upstreamNames[id], action: `${open.base}/upstream/${id}` }] : [];
  });
}

/**
 * Remembers on this browser which way was used.
 * @param deps cookies
 * @param ctx the request
 * @param way the way
 */
export function rememberWay(
  deps: Pick<InteractionDeps, 'cookies'>,
  ctx: EdgeContext,
  way: SignInMethod,
): void {
  deps.cookies.write(ctx, lastUsedCookie, way, { maxAgeSeconds: yearSeconds });
}

/**
 * The way this browser used last, as long as it is among those that are offered.
 * @param deps cookies
 * @param ctx the request
 * @param offered the ways that are offered
 */
export function wayUsedLast(
  deps: Pick<InteractionDeps, 'cookies'>,
  ctx: EdgeContext,
  offered: readonly SignInMethod[],
): SignInMethod | undefined {
  const used = deps.cookies.read(ctx, lastUsedCookie);
  return offered.find((way) => way === used);
}
