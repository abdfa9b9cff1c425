/**
 * The device authorization grant (RFC 8628) as the library's feature: codes, what is kept of the device, and how the
 * person's way ends. Where they enter and confirm the code is ours (`device-requests.ts`): the library's own pages
 * would post by script and take the code from the address alone.
 */
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { EdgeContext } from '../../base/http/context.ts';
import type { Member, Members } from '../../people/members/members.ts';
import { memberOfRequest } from './account.ts';
import { issuedUserCode } from './artefacts/device-code-adapter.ts';
import { pollInterval } from './artefacts/polling.ts';
import { currentUnit } from './artefacts/unit.ts';
import { showUserCode, userCodeMask } from './user-codes.ts';

/** Seconds a device may wait for its person: short, since a code that is sent around must not live long (5.4). */
export const deviceCodeLife = 600;

/** How the way of a person ends; `unknown`: the code leads nowhere, or has been answered. */
export type DeviceOutcome = 'allowed' | 'denied' | 'expired' | 'unknown';

/** What a member said about a device. */
export interface DeviceAnswer {
  member: Member;
  clientId: string;
  allowed: boolean;
}

/** What the feature asks other modules. */
export interface DeviceFlowDeps {
  members: Members;
  /** What a person will see of the device that asks, as text. */
  describeVisit(ctx: EdgeContext): string;
  /** Keeps the record of an answer; before the answer itself is durable. */
  onDeviceAnswer(ctx: EdgeContext, answer: DeviceAnswer): Promise<void>;
  pages: {
    error(
      ctx: KoaContextWithOIDC,
      error: { error: string; error_description?: string | undefined },
      cause: unknown,
    ): Promise<void>;
    deviceEnded(ctx: KoaContextWithOIDC, outcome: DeviceOutcome): void;
  };
}

type DeviceFlow = NonNullable<NonNullable<Configuration['features']>['deviceFlow']>;

/** The library's errors that send a person back to where a code is entered, by name. */
const outcomes: Readonly<Record<string, DeviceOutcome>> = {
  AbortedError: 'denied',
  ExpiredError: 'expired',
  NotFoundError: 'unknown',
  AlreadyUsedError: 'unknown',
};

/**
 * Builds the feature.
 * @param deps pages, records, members
 */
export function deviceFlow(deps: DeviceFlowDeps): DeviceFlow {
  const record = async (ctx: KoaContextWithOIDC, clientId: unknown, allowed: boolean) => {
    const memberId = ctx.oidc.session?.accountId;
    const member = memberId ? await memberOfRequest(deps.members, memberId) : undefined;
    if (member) await deps.onDeviceAnswer(asEdge(ctx), { member, clientId: String(clientId), allowed });
  };
  return {
    enabled: true,
    charset: 'base-20',
    mask: userCodeMask,
    deviceInfo: (ctx) => ({ visit: deps.describeVisit(asEdge(ctx)) }),
    async userCodeInputSource(ctx, _form, out, cause) {
      // The library has put a token of its form into the session; our pages have another, so nothing is to be saved.
      if (ctx.oidc.session) Reflect.set(ctx.oidc.session, 'touched', false);
      const outcome = outcomes[cause?.name ?? ''];
      if (!outcome) {
        await deps.pages.error(ctx, out ?? { error: 'invalid_request' }, cause);
        return;
      }
      if (outcome === 'denied') await record(ctx, ctx.oidc.entities.Interaction?.params.client_id, false);
      deps.pages.deviceEnded(ctx, outcome);
    },
    async successSource(ctx) {
      await record(ctx, ctx.oidc.client?.clientId, true);
      deps.pages.deviceEnded(ctx, 'allowed');
    },
  };
}

/**
 * Adds to the answer of the device authorization endpoint what the library leaves out: the interval (section 3.2), and
 * the user code that was made instead of one already in use.
 * @param ctx the request
 * @param next the library
 */
export async function completeDeviceAnswer(
  ctx: KoaContextWithOIDC,
  next: () => Promise<unknown>,
): Promise<void> {
  await next();
  const issued = issuedUserCode(currentUnit());
  if (ctx.oidc?.route !== 'device_authorization' || ctx.status !== 200 || !issued) return;
  const { body }: { body?: unknown } = ctx;
  if (typeof body !== 'object' || body === null) return;
  const user_code = showUserCode(issued);
  const complete = new URL(ctx.oidc.urlFor('code_verification'));
  complete.searchParams.set('user_code', user_code);
  ctx.body = { ...body, user_code, verification_uri_complete: complete.href, interval: pollInterval };
}

/** The library answers on the same context as everybody else; only its type does not say so. */
function asEdge(ctx: unknown): EdgeContext {
  return ctx as EdgeContext;
}
