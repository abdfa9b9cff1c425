/** Logout tokens (OpenID Connect Back-Channel Logout 1.0 section 2.4): made anew for each attempt, so that none is stale. */
import type { Provider } from 'oidc-provider';
import type { Ids } from '../../base/kernel/ids.ts';
import type { LogoutNotice } from './sessions.ts';

/** A token and where to post it. */
export interface AddressedLogoutToken {
  uri: string;
  token: string;
}

/** Makes logout tokens. */
export interface LogoutTokens {
  /** A fresh token; undefined when the client is gone or does not listen. */
  make(notice: LogoutNotice): Promise<AddressedLogoutToken | undefined>;
}

const eventUri = 'http://schemas.openid.net/event/backchannel-logout';

/**
 * Builds the maker of logout tokens.
 * @param current the provider of the moment
 * @param deps ids for `jti`
 */
export function createLogoutTokens(current: () => Provider, deps: { ids: Ids }): LogoutTokens {
  return {
    async make({ clientId, memberId, sid }) {
      const provider = current();
      const client = await provider.Client.find(clientId);
      if (!client?.backchannelLogoutUri) return undefined;
      const token = new provider.IdToken({ sub: memberId }, { client });
      Object.assign(token, { mask: { sub: null } });
      token.set('events', { [eventUri]: {} });
      token.set('jti', deps.ids.secret(16));
      if (client.backchannelLogoutSessionRequired && sid) token.set('sid', sid);
      return { uri: client.backchannelLogoutUri, token: await token.issue({ use: 'logout' }) };
    },
  };
}
