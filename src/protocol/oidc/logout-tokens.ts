/** Logout tokens (OpenID Connect Back-Channel Logout 1.0 section 2.4): made anew for each attempt, so that none is stale. */
import type { Provider } from 'oidc-provider';
import type { Ids } from '../../base/kernel/ids.ts';
import type { LogoutNotice } from './sessions.ts';

/** A token and where to post it, or why there is none. */
export type AddressedLogoutToken =
  | { uri: string; token: string }
  | {
      token: undefined;
      /** The client is deleted or disabled, or it has no back-channel address. */
      reason: 'client_gone' | 'client_silent';
    };

/** Makes logout tokens. */
export interface LogoutTokens {
  /** Whether a client has no back-channel address, so that it is owed nothing. */
  isSilent(clientId: string): Promise<boolean>;
  /**
   * A fresh token, signed with the client's ID token algorithm and encrypted as its ID tokens are.
   * @throws when the client's own keys cannot be had
   */
  make(notice: LogoutNotice): Promise<AddressedLogoutToken>;
}

const eventUri = 'http://schemas.openid.net/event/backchannel-logout';

/**
 * Builds the maker of logout tokens.
 * @param current the provider of the moment
 * @param deps ids for `jti`
 */
export function createLogoutTokens(current: () => Provider, deps: { ids: Ids }): LogoutTokens {
  return {
    async isSilent(clientId) {
      const client = await current().Client.find(clientId);
      return client !== undefined && !client.backchannelLogoutUri;
    },
    async make({ clientId, memberId, sid }) {
      const provider = current();
      const client = await provider.Client.find(clientId);
      if (!client) return { token: undefined, reason: 'client_gone' };
      if (!client.backchannelLogoutUri) return { token: undefined, reason: 'client_silent' };
      const token = new provider.IdToken({ sub: memberId }, { client });
      Object.assign(token, { mask: { sub: null } });
      token.set('events', { [eventUri]: {} });
      token.set('jti', deps.ids.secret(16));
      if (client.backchannelLogoutSessionRequired && sid) token.set('sid', sid);
      return { uri: client.backchannelLogoutUri, token: await token.issue({ use: 'logout' }) };
    },
  };
}
