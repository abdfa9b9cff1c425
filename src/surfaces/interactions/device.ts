/**
 * Signing in a device (RFC 8628 section 3.3): a person enters the code it shows, sees what asks and from where, and
 * says whether it is theirs; only then are they asked to sign in. Opening an address changes nothing, and every code
 * that leads nowhere is answered alike.
 */
import { z } from 'zod';
import type { EdgeContext } from '../../base/http/context.ts';
import { type DomainError, FormError } from '../../base/kernel/errors.ts';
import { deviceName, deviceNameText } from '../../people/devices/device-name.ts';
import { countryName } from '../../people/devices/place.ts';
import type { DeviceOutcome } from '../../protocol/oidc/device-flow.ts';
import { readUserCode, showUserCode } from '../../protocol/oidc/user-codes.ts';
import { textsAt } from '../pages/pages.ts';
import { languageScope } from '../pages/routes.ts';
import { accountOf, hostOf, signedIn } from './consent.ts';
import { type Open, orAgain, redirect, refusal, showStep } from './context.ts';
import type { InteractionDeps } from './deps.ts';
import { deviceCodeView, deviceConfirmView, deviceEndedView } from './device-views.ts';
import { goOn } from './finished.ts';

/** Path of the page a device names to its person. */
export const devicePath = '/device';

/** Longest text of the field that is shown again. */
const longest = 40;

/**
 * Asks for the code. One that came with the address is filled in, never taken.
 * @param deps modules
 * @param ctx the request
 * @param typed what the field holds, and why it was refused
 */
export function showDeviceCode(
  deps: InteractionDeps,
  ctx: EdgeContext,
  typed: { code?: string | undefined; error?: DomainError },
): void {
  const given = typed.code === undefined ? undefined : readUserCode(typed.code);
  const shown = given === undefined ? (typed.code ?? '').slice(0, longest) : showUserCode(given);
  const returnTo = given === undefined ? devicePath : `${devicePath}?user_code=${showUserCode(given)}`;
  const place = deps.pages.place(ctx, { scope: languageScope, returnTo });
  deps.pages.show(ctx, place, {
    view: deviceCodeView,
    data: { action: devicePath, prefilled: given !== undefined && typed.error === undefined },
    shown: { ...(typed.error && refusal(ctx, typed.error)), values: { user_code: shown } },
  });
}

/**
 * Claims the code for this browser and goes on to its interaction. Tries are counted before they are judged, by
 * browser, by network and over all (RFC 8628 section 5.1); what leads to a device is not counted.
 * @param deps modules
 * @param ctx the request
 * @param typed what was entered
 */
export async function submitDeviceCode(
  deps: InteractionDeps,
  ctx: EdgeContext,
  typed: string,
): Promise<void> {
  await orAgain(
    async () => {
      const code = readUserCode(typed);
      if (!code) throw new FormError([{ field: 'user_code', code: 'user_code.malformed' }]);
      const { ip, deviceId } = ctx.state.visit;
      const keys = { identifier: deviceId, ip };
      await deps.throttles.attempt('device-code', keys);
      const path = await deps.oidc.deviceRequests.claim(ctx, code);
      if (!path) throw new FormError([{ field: 'user_code', code: 'user_code.unknown' }]);
      await deps.throttles.reward('device-code', keys);
      redirect(ctx, path);
    },
    (error) => showDeviceCode(deps, ctx, { code: typed, error }),
  );
}

/** What `describeVisit` keeps of the device's own request. */
const keptVisit = z.object({ ua: z.string().optional(), ip: z.string().optional() }).catch({});

/** Is it your device? Shown first, whoever is signed in and whatever was allowed before. */
export async function showDeviceConfirm(deps: InteractionDeps, open: Open): Promise<void> {
  const request = await deps.oidc.deviceRequests.read(open.ctx);
  if (!request) return redirect(open.ctx, endedPath('expired'));
  const { locale } = open.ctx.state.visit;
  const { ua, ip } = keptVisit.parse(request.visit === undefined ? {} : JSON.parse(request.visit));
  const name = deviceNameText(deviceName(ua));
  const where = deps.places.placeOf(ip);
  const texts = textsAt(deps, open.place);
  const place = where === 'local' ? texts.t(locale, 'place.local') : countryName(where, locale);
  const { client_uri: site, redirect_uris: addresses } = open.client.metadata;
  showStep(deps, open, {
    view: deviceConfirmView,
    data: {
      action: `${open.base}/device`,
      client: { name: open.client.name, host: hostOf(site ?? addresses[0] ?? '') },
      code: request.code,
      device: texts.t(locale, name.key, name.params),
      place,
      askedAt: request.askedAt.toISOString(),
      ...(open.interaction.memberId && { account: await accountOf(deps, await signedIn(deps, open)) }),
      switchAction: `${open.base}/switch`,
    },
  });
}

/** Goes on to the sign-in, or ends: the device hears `access_denied`. */
export async function submitDeviceConfirm(
  deps: InteractionDeps,
  open: Open,
  allowed: boolean,
): Promise<void> {
  const { interactions } = deps.oidc;
  if (allowed) goOn(deps, open, await interactions.confirmDevice(open.ctx));
  else redirect(open.ctx, await interactions.refuse(open.ctx, 'access_denied', 'the member refused'));
}

const endedPath = (outcome: DeviceOutcome) => `${devicePath}/ended?as=${outcome}`;

/** The end of the way, in the brand of the app it was for. */
export async function showDeviceEnded(
  deps: InteractionDeps,
  ctx: EdgeContext,
  outcome: DeviceOutcome,
): Promise<void> {
  const client = await deps.lastClient.recall(ctx);
  const place = deps.pages.place(ctx, { client, scope: languageScope, returnTo: endedPath(outcome) });
  deps.pages.show(ctx, place, {
    view: deviceEndedView,
    data: { kind: outcome, againUrl: devicePath, manageUrl: '/account/applications' },
  });
}
