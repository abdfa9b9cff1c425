/** Every mail the house sends, with its data and a sample. Times are ISO 8601; links are absolute. */

/** A mailed code, and where the flow allows it a link that does the same. */
export interface CodeMail {
  code: string;
  /** Single-use link: its GET shows a button, only the POST acts. */
  url?: string | undefined;
  expiresInSeconds: number;
}

/** A change somebody made, told to the owner of the account. */
export interface SecurityMail {
  at: string;
  /** Such as `Firefox on Windows`. */
  device?: string | undefined;
  /** Roughly, such as `Osaka, Japan`. */
  place?: string | undefined;
  /** Where the owner says "that was not me". */
  notMeUrl: string;
}

/** The data of each mail by its template's name. */
export interface MailData {
  'verify-address': CodeMail;
  /** Without `recoverUrl` where members have no password. */
  'already-registered': { signInUrl: string; recoverUrl?: string | undefined };
  'sign-in-code': CodeMail;
  'link-code': CodeMail & { upstreamName: string };
  recover: CodeMail;
  /** To an address nobody is registered with: the page said the same as for a member. */
  'recover-unknown': { registerUrl: string };
  'password-changed': SecurityMail;
  'new-device': SecurityMail;
  'upstream-linked': SecurityMail & { upstreamName: string };
  'upstream-unlinked': SecurityMail & { upstreamName: string };
  'signed-out-everywhere': SecurityMail;
  'account-locked': Omit<SecurityMail, 'notMeUrl'>;
  /** An app asks to have the member authenticated; nothing in it helps anybody but the signed-in member. */
  'confirm-request': {
    appName: string;
    message?: string | undefined;
    at: string;
    until: string;
    url: string;
  };
  /** A support agent acted as the member; `reason` in words. */
  'support-access': { at: string; reason: string };
  welcome: { accountUrl: string };
}

/** The name of a mail. */
export type MailName = keyof MailData;

const code: CodeMail = {
  code: '48201937',
  url: 'https://id.example/link/verify#sample',
  expiresInSeconds: 1800,
};

const security: SecurityMail = {
  at: '2026-06-02T09:00:00Z',
  device: 'Firefox on Windows',
  place: 'Osaka, Japan',
  notMeUrl: 'https://id.example/account/not-me',
};

/** A sample of each mail that shows every part of it. */
export const mailSamples: { readonly [Name in MailName]: MailData[Name] } = {
  'verify-address': code,
  'already-registered': {
    signInUrl: 'https://id.example/account',
    recoverUrl: 'https://id.example/account/recover',
  },
  'sign-in-code': { code: code.code, expiresInSeconds: 900 },
  'link-code': { code: code.code, expiresInSeconds: 600, upstreamName: 'Google' },
  recover: code,
  'recover-unknown': { registerUrl: 'https://id.example/register' },
  'password-changed': security,
  'new-device': security,
  'upstream-linked': { ...security, upstreamName: 'Google' },
  'upstream-unlinked': { ...security, upstreamName: 'Google' },
  'signed-out-everywhere': security,
  'account-locked': { at: security.at },
  'confirm-request': {
    appName: 'Aurora Air Kiosk',
    message: 'Counter 12 \u2013 W4SCT',
    at: security.at,
    until: '2026-06-02T09:10:00Z',
    url: 'https://id.example/account/requests',
  },
  'support-access': { at: security.at, reason: 'You asked us for help.' },
  welcome: { accountUrl: 'https://id.example/account' },
};

/** Every mail's name. */
export const mailNames = Object.keys(mailSamples) as MailName[];
