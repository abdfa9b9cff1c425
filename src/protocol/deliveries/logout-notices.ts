/**
 * Delivery of logout notices: what one sign-out owes is split into one task per relying party, and each is posted
 * until it is taken, with a fresh token at each attempt (OpenID Connect Back-Channel Logout 1.0). It never runs
 * inside a member's request and decides nothing about sessions.
 */
import { z } from 'zod';
import type { Outbox } from '../../base/db/outbox.ts';
import type { Outbound } from '../../base/http/outbound.ts';
import type { LogoutTokens } from '../oidc/logout-tokens.ts';
import { signOutNotices } from '../oidc/oidc.ts';

/** Outbox kind of one notice to one relying party. */
export const logoutNotice = 'logout-notice';

const noticeSchema = z
  .object({ clientId: z.string(), memberId: z.string(), sid: z.string().optional() })
  .transform(({ sid, ...notice }) => ({ ...notice, sid }));
const noticesSchema = z.object({ notices: z.array(noticeSchema) });

/** What the delivery is made of. */
export interface LogoutNoticeDeps {
  outbox: Outbox;
  outbound: Outbound;
  tokens: LogoutTokens;
}

/**
 * Registers the handlers that deliver logout notices.
 * @param deps outbox, safe outbound requests, logout tokens
 */
export function deliverLogoutNotices(deps: LogoutNoticeDeps): void {
  deps.outbox.handle(signOutNotices, async (payload) => {
    const { notices } = noticesSchema.parse(payload);
    for (const notice of notices) await deps.outbox.add({ kind: logoutNotice, payload: notice });
  });
  deps.outbox.handle(logoutNotice, async (payload) => {
    const addressed = await deps.tokens.make(noticeSchema.parse(payload));
    if (!addressed) return;
    const answer = await deps.outbound.fetch(addressed.uri, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ logout_token: addressed.token }).toString(),
    });
    // 400 says that the relying party refuses the token for good; anything else but success is worth another try.
    if (answer.status === 400 || (answer.status >= 200 && answer.status < 300)) return;
    throw new Error(`the relying party answered ${answer.status}`);
  });
}
