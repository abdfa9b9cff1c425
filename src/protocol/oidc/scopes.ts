/** Scopes of OpenID Connect; those of an API belong to its resource indicator. */
export const oidcScopes: readonly string[] = ['openid', 'offline_access', 'profile', 'email'];
