/** The fictional people who have accounts at the local Google and Facebook. Invented; any likeness is chance. */

/** A Google account, with exactly what its userinfo says. */
export interface GoogleAccount {
  provider: 'google';
  sub: string;
  name: string;
  email?: string;
  /** Sent as it is: a test may say `"false"` or leave it out. */
  email_verified?: unknown;
  /** Hosted domain: the account belongs to an organisation that runs its mail with Google. */
  hd?: string;
  locale?: string;
  /** What kind of account this is, shown where one chooses. */
  note: string;
}

/** A Facebook account, with what `/me` says. */
export interface FacebookAccount {
  provider: 'facebook';
  id: string;
  name: string;
  email?: string;
  note: string;
}

/** An account of either provider. */
export type UpstreamAccount = GoogleAccount | FacebookAccount;

/** Everybody there is unless the caller brings people of its own. */
export const demoAccounts: readonly UpstreamAccount[] = [
  {
    provider: 'google',
    sub: '101000000000000000001',
    name: 'Mina Park',
    // Gmail allows no underscore, so this mailbox cannot be anybody's.
    email: 'mina_park@gmail.com',
    email_verified: true,
    locale: 'en',
    note: 'Gmail address, verified',
  },
  {
    provider: 'google',
    sub: '101000000000000000002',
    name: '佐藤 葵',
    email: 'aoi@hosted.example',
    email_verified: true,
    hd: 'hosted.example',
    locale: 'ja',
    note: 'Address of a hosted domain, verified',
  },
  {
    provider: 'google',
    sub: '101000000000000000003',
    name: 'Tomás Rivera',
    email: 'tomas@elsewhere.example',
    email_verified: true,
    locale: 'en',
    note: 'Address at another mail provider, verified',
  },
  {
    provider: 'google',
    sub: '101000000000000000004',
    name: 'Ilse Brandt',
    email: 'ilse@elsewhere.example',
    email_verified: false,
    locale: 'en',
    note: 'Address not verified',
  },
  {
    provider: 'google',
    sub: '101000000000000000005',
    name: 'Noor Haddad',
    locale: 'en',
    note: 'No e-mail address',
  },
  {
    provider: 'facebook',
    id: '201000000000001',
    name: 'Jonas Lind',
    email: 'jonas.lind@elsewhere.example',
    note: 'With an e-mail address',
  },
  { provider: 'facebook', id: '201000000000002', name: 'Priya Nair', note: 'No e-mail address (phone only)' },
];

/** The key by which the choosing page names an account. */
export function accountKey(account: UpstreamAccount): string {
  return account.provider === 'google' ? account.sub : account.id;
}
