/** Open redirects: addresses that only look like the registered one. */
import type { Arena } from '../arena.ts';
import { type Attack, code, page, type Theme } from '../table.ts';

/** Spoils an address that is registered. */
type Spelling = readonly [sent: string, spell: (uri: URL) => string];

const rest = ({ pathname }: URL) => pathname;
const at = (host: string) => (uri: URL) => `${uri.protocol}//${host}${rest(uri)}`;

/** Spellings that make sense for any address with a host. */
const ofHosts: readonly Spelling[] = [
  ['user information before it', (uri) => `${uri.protocol}//evil@${uri.host}${rest(uri)}`],
  [
    'it as user information of another host',
    (uri) => `${uri.protocol}//${uri.host}@evil.example${rest(uri)}`,
  ],
  [
    'it as user information, the at-sign encoded',
    (uri) => `${uri.protocol}//${uri.host}%40evil.example${rest(uri)}`,
  ],
  ['name and password before it', (uri) => `${uri.protocol}//a:b@${uri.host}${rest(uri)}`],
  ['a backslash before another host', (uri) => `${uri.protocol}//evil.example\\@${uri.host}${rest(uri)}`],
  ['a backslash after it', (uri) => `${uri.protocol}//${uri.host}\\@evil.example${rest(uri)}`],
  ['backslashes for slashes', (uri) => `${uri.protocol}\\\\${uri.host}${rest(uri)}`],
  ['three slashes', (uri) => `${uri.protocol}///${uri.host}${rest(uri)}`],
  ['one slash', (uri) => `${uri.protocol}/${uri.host}${rest(uri)}`],
  ['no slash', (uri) => `${uri.protocol}${uri.host}${rest(uri)}`],
  ['no scheme', (uri) => `//${uri.host}${rest(uri)}`],
  ['its path alone', (uri) => rest(uri)],
  ['a host behind it', (uri) => at(`${uri.host}.evil.example`)(uri)],
  ['a host before it', (uri) => at(`evil.example.${uri.host}`)(uri)],
  ['letters before it', (uri) => at(`x${uri.host}`)(uri)],
  [
    'a dot behind its host',
    (uri) => `${uri.protocol}//${uri.hostname}.${uri.port && `:${uri.port}`}${rest(uri)}`,
  ],
  ['it as the path of another host', (uri) => `https://evil.example/${uri.href}`],
  ['it as the query of another host', (uri) => `https://evil.example/?${uri.href}`],
  ['it as the fragment of another host', (uri) => `https://evil.example/#${uri.href}`],
  ['another host with its path', at('evil.example')],
  ['a colon without a port', (uri) => `${uri.protocol}//${uri.hostname}:${rest(uri)}`],
];

/** Spellings that make sense for any address. */
const ofAll: readonly Spelling[] = [
  ['a slash behind it', ({ href }) => `${href}/`],
  ['a query', ({ href }) => `${href}?next=https://evil.example`],
  ['an empty query', ({ href }) => `${href}?`],
  ['a fragment', ({ href }) => `${href}#evil`],
  ['an empty fragment', ({ href }) => `${href}#`],
  ['an encoded fragment', ({ href }) => `${href}%23evil`],
  ['a dot segment', ({ href }) => href.replace('callback', './callback')],
  ['a way up and down', ({ href }) => `${href}/../callback`],
  ['a way up', ({ href }) => `${href}/..`],
  ['an encoded way up', ({ href }) => `${href}/%2e%2e/callback`],
  ['a way up encoded twice', ({ href }) => `${href}/%252e%252e/callback`],
  ['a way up of encoded slashes', ({ href }) => `${href}%2f..%2fcallback`],
  ['a way up of backslashes', ({ href }) => `${href}\\..\\callback`],
  ['a way up behind a semicolon', ({ href }) => `${href}/..;/callback`],
  ['two slashes before its path', ({ href }) => href.replace('/callback', '//callback')],
  ['a letter of its path encoded', ({ href }) => href.replace('callback', 'c%61llback')],
  ['a letter of its path encoded twice', ({ href }) => href.replace('callback', 'c%2561llback')],
  ['a capital in its path', ({ href }) => href.replace('callback', 'Callback')],
  ['capitals in its scheme', ({ href, protocol }) => href.replace(protocol, protocol.toUpperCase())],
  ['a space before it', ({ href }) => ` ${href}`],
  ['a space behind it', ({ href }) => `${href} `],
  ['a tab in it', ({ href }) => href.replace('callback', 'call\tback')],
  ['a tab in its scheme', ({ href }) => `${href.slice(0, 2)}\t${href.slice(2)}`],
  ['a line break behind it', ({ href }) => `${href}\r\nSet-Cookie: a=b`],
  ['a line break before it', ({ href }) => `\n${href}`],
  ['a NUL byte behind it', ({ href }) => `${href}\u0000`],
  ['an encoded NUL byte behind it', ({ href }) => `${href}%00`],
  ['a byte order mark before it', ({ href }) => `\uFEFF${href}`],
  ['a space of no width in it', ({ href }) => href.replace('call', 'call\u200b')],
  ['text from right to left in it', ({ href }) => href.replace('call', '\u202ecall')],
  ['the whole of it encoded once more', ({ href }) => encodeURIComponent(href)],
  ['two addresses with a space between', ({ href }) => `${href} https://evil.example/`],
  ['two addresses with a comma between', ({ href }) => `${href},https://evil.example/`],
  ['a longer path', ({ href }) => `${href}evil`],
  ['a path cut short', ({ href }) => href.slice(0, -1)],
];

/** Spellings that make sense for https alone. */
const ofHttps: readonly Spelling[] = [
  ['the default port', (uri) => at(`${uri.host}:443`)(uri)],
  ['another port', (uri) => at(`${uri.host}:8443`)(uri)],
  ['http', (uri) => uri.href.replace('https', 'http')],
  ['a capital in its host', (uri) => at(uri.host.replace('airline', 'Airline'))(uri)],
  ['an ideographic full stop', (uri) => at(uri.host.replace('.', '。'))(uri)],
  ['a fullwidth full stop', (uri) => at(uri.host.replace('.', '．'))(uri)],
  ['a fullwidth letter', (uri) => at(uri.host.replace('a', 'ａ'))(uri)],
  ['a Cyrillic letter', (uri) => at(uri.host.replace('a', 'а'))(uri)],
  ['an encoded dot', (uri) => at(uri.host.replace('.', '%2e'))(uri)],
  ['any letter for a dot', (uri) => at(uri.host.replace('.', 'x'))(uri)],
  ['script', (uri) => `javascript:alert(1)//${uri.href}`],
  ['a document', () => 'data:text/html,<script>alert(1)</script>'],
  ['a file', () => 'file:///etc/passwd'],
  ['an asterisk', () => '*'],
  ['nothing', () => ''],
  ['another client’s', () => 'https://grocery.example/callback'],
];

const loopbackSpellings: readonly string[] = [
  'http://127.0.0.1.evil.example/callback',
  'http://127.0.0.1:80@evil.example/callback',
  'http://127.1/callback',
  'http://127.0.0.2/callback',
  'http://2130706433/callback',
  'http://0x7f000001/callback',
  'http://0177.0.0.1/callback',
  'http://0.0.0.0/callback',
  'http://[0:0:0:0:0:0:0:1]/callback',
  'http://[::ffff:127.0.0.1]/callback',
  'http://[0000::1]/callback',
  'http://[::1%25lo]/callback',
  'http://[::]/callback',
  'http://127.0.0.1:65536/callback',
  'http://127.0.0.1:-1/callback',
  'http://127.0.0.1:4711/other',
  'http://127.0.0.1:4711/callback?next=evil',
  'http://127.0.0.1:4711/callback#evil',
  'http://user@127.0.0.1:4711/callback',
  'https://127.0.0.1:4711/callback',
  'http://localhost/callback',
  'http://localhost:8081/callback',
  'http://LOCALHOST:8080/callback',
  'https://app.example:8443/callback',
  'https://app.example:443/callback',
  'com.example.app:4711/callback',
  'com.example.app://callback',
  'com.example.app:///callback',
  'com.example.app2:/callback',
  'com.example:/callback',
];

const sections = { authorize: 'RFC 9700 §2.1', loopback: 'RFC 8252 §7.3', signOut: 'RP-Initiated Logout §3' };

const spelled = (what: string, uri: string, spellings: readonly Spelling[], client_id: string): Attack[] =>
  spellings.map(([sent, spell]) => ({
    attempt: `Redirect to what looks like ${what}`,
    sent,
    seen: page(),
    section: sections.authorize,
    ready: async (arena: Arena) => () => arena.authorize({ client_id, redirect_uri: spell(new URL(uri)) }),
  }));

const airline = 'https://airline.example/callback';
const loopback = 'http://127.0.0.1/callback';
const privateUse = 'com.example.app:/callback';

/** Loopback addresses of a native client on a port that was free at the moment (RFC 8252 section 7.3). */
const anyPort: readonly Attack[] = ['http://127.0.0.1:4711/callback', 'http://[::1]:4711/callback'].map(
  (redirect_uri) => ({
    attempt: 'Redirect of a native app to loopback on any port',
    sent: `\`${redirect_uri}\`: not refused, though never without asking`,
    seen: { manner: 'client', status: 303, error: 'interaction_required' },
    section: 'RFC 8252 §7.3, §8.6',
    written: 'session marks' as const,
    ready: async (arena: Arena) => () => arena.authorize({ client_id: 'app', redirect_uri }),
  }),
);

const polluted: readonly Attack[] = [
  ['the right one first', (right: string) => [right, 'https://evil.example/']],
  ['the right one last', (right: string) => ['https://evil.example/', right]],
  ['the right one twice', (right: string) => [right, right]],
].map(([sent, both]) => ({
  attempt: 'Redirect address given twice',
  sent: String(sent),
  seen: page(),
  section: 'RFC 6749 §3.1',
  ready: async (arena: Arena) => () => {
    const [first = '', second = ''] = typeof both === 'function' ? both(airline) : [];
    return arena.authorize({ redirect_uri: first }, `&redirect_uri=${encodeURIComponent(second)}`);
  },
}));

const others: readonly Attack[] = [
  {
    attempt: 'Redirect address as an array',
    sent: '`redirect_uri[]`',
    seen: page(),
    section: 'RFC 6749 §3.1.2.3',
    ready: async (arena) => () =>
      arena.authorize({ redirect_uri: undefined }, '&redirect_uri[]=https%3A%2F%2Fevil.example%2F'),
  },
  {
    attempt: 'Redirect address left out',
    sent: 'none, though two are registered',
    seen: page(),
    section: 'RFC 6749 §3.1.2.3',
    ready: async (arena) => () => arena.authorize({ redirect_uri: undefined }),
  },
  {
    attempt: 'Redirect of a web application to loopback',
    sent: 'on another port than the registered one',
    seen: page(),
    section: 'RFC 8252 §7.3',
    ready: async (arena) => () =>
      arena.authorize({ client_id: 'web-loopback', redirect_uri: 'http://127.0.0.1:9001/callback' }),
  },
  {
    attempt: 'The registered address',
    sent: 'letter by letter',
    seen: code,
    section: 'RFC 9700 §2.1',
    written: 'as usual',
    ready: async (arena) => () => arena.authorize({}),
  },
  ...loopbackSpellings.map(
    (redirect_uri): Attack => ({
      attempt: 'Redirect of a native app to an address it has not registered',
      sent: `\`${redirect_uri}\``,
      seen: page(),
      section: sections.loopback,
      ready: async (arena) => () => arena.authorize({ client_id: 'app', redirect_uri }),
    }),
  ),
];

const signedOut = 'https://airline.example/signed-out';

const afterSignOut: readonly Attack[] = [...ofHosts, ...ofAll, ...ofHttps]
  .filter(([sent]) => sent !== 'nothing')
  .map(([sent, spell]) => ({
    attempt: 'Redirect after sign-out to what looks like the registered address',
    sent,
    seen: page(),
    section: sections.signOut,
    ready: async (arena: Arena) => () => {
      const uri = spell(new URL(airline)).replace('allback', 'igned-out').replace('cigned', 'signed');
      const post_logout_redirect_uri = uri === signedOut ? `${uri}x` : uri;
      return arena
        .stranger()
        .request(`/sign-out?${new URLSearchParams({ client_id: 'airline', post_logout_redirect_uri })}`);
    },
  }));

/** Redirects. */
export const redirects: Theme = {
  title: 'Redirects',
  rows: [
    ...spelled('a registered https address', airline, [...ofHosts, ...ofAll, ...ofHttps], 'airline'),
    ...spelled('a registered loopback address', loopback, [...ofHosts, ...ofAll], 'app'),
    ...spelled('a registered private-use address', privateUse, ofAll, 'app'),
    ...anyPort,
    ...polluted,
    ...others,
    ...afterSignOut,
  ],
};
