/** Everything that is over, while its document is still there: refused by comparison, never by deletion. */
import type { Arena } from '../arena.ts';
import {
  type Answered,
  type Attack,
  challenge,
  client,
  code,
  fine,
  inactive,
  json,
  page,
  type Seen,
  type Theme,
} from '../table.ts';

const refreshForm = (refresh_token = '') => ({ grant_type: 'refresh_token', refresh_token });
const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** What is made, how long is waited, and how it is used then. */
type Over = readonly [
  attempt: string,
  seconds: number,
  seen: Seen,
  section: string,
  make: (arena: Arena) => Promise<() => Promise<Answered>>,
];

async function pushed(arena: Arena) {
  const form = new URL((await arena.airline.begin({ prompt: 'none' })).url).search.slice(1);
  const { json: told } = await arena.post('/authorize/par', form);
  const query = new URLSearchParams({ client_id: 'airline', request_uri: String(told.request_uri) });
  return () => arena.member.agent.request(`/authorize?${query}`);
}

const bearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const over: readonly Over[] = [
  [
    'Code',
    minute + 20,
    json(400, 'invalid_grant'),
    'RFC 6749 §4.1.2',
    async (arena) => {
      const form = await arena.code();
      return () => arena.post('/token', form);
    },
  ],
  [
    'Access token',
    hour + 20,
    challenge('invalid_token'),
    'RFC 6750 §3.1',
    async (arena) => {
      const { access_token } = await arena.tokens();
      return () => arena.get('/userinfo', { authorization: `Bearer ${access_token}` });
    },
  ],
  [
    'Access token at introspection',
    hour + 20,
    inactive,
    'RFC 7662 §2.2',
    async (arena) => {
      const { access_token: token = '' } = await arena.tokens();
      return () => arena.post('/token/introspection', { token });
    },
  ],
  [
    'Refresh token',
    30 * day + 20,
    json(400, 'invalid_grant'),
    'RFC 6749 §5.2',
    async (arena) => {
      const { refresh_token } = await arena.tokens();
      return () => arena.post('/token', refreshForm(refresh_token));
    },
  ],
  ['Pushed request', 10 * minute + 20, page(), 'RFC 9126 §2.2', pushed],
  [
    'Session, not used for two weeks',
    14 * day + 1,
    client('login_required'),
    'OIDC Core §3.1.2.6',
    async (arena) => {
      const { agent } = await arena.freshly();
      return () => arena.authorize({}, '', agent);
    },
  ],
  [
    'Sign-in, too old for `max_age`',
    10 * minute,
    client('login_required'),
    'OIDC Core §3.1.2.1',
    async (arena) => {
      const { agent } = await arena.freshly();
      return () => arena.authorize({ max_age: '300' }, '', agent);
    },
  ],
  [
    'Interaction',
    hour + 20,
    page(),
    'OIDC Core §3.1.2.6',
    async (arena) => {
      const agent = arena.stranger();
      const { page: shown } = await arena.airline.open(agent);
      return () => agent.request(shown.url);
    },
  ],
  [
    'Client assertion',
    minute + 20,
    json(401, 'invalid_client'),
    'RFC 7523 §3',
    async (arena) => {
      const form = {
        grant_type: 'client_credentials',
        client_assertion_type: bearer,
        client_assertion: arena.assertion().jwt,
      };
      return () => arena.post('/token', form, '');
    },
  ],
  [
    'Request object',
    minute + 20,
    client('invalid_request_object'),
    'RFC 7519 §4.1.4',
    async (arena) => {
      const { jwt: request } = await arena.requestObject();
      return () =>
        arena.authorize({ client_id: 'shop', redirect_uri: 'https://shop.example/callback', request });
    },
  ],
  [
    'Initial access token',
    168 * hour + 20,
    challenge('invalid_token'),
    'RFC 7591 §3',
    async (arena) => {
      const authorization = `Bearer ${await arena.invitation()}`;
      const body = '{"redirect_uris":["https://new.example/callback"]}';
      return () => arena.post('/register', body, '', { authorization, 'content-type': 'application/json' });
    },
  ],
];

const skew: readonly Attack[] = [
  {
    attempt: 'Within the tolerance for clocks',
    sent: 'request object that expired ten seconds ago',
    seen: code,
    section: 'RFC 7519 §4.1.4',
    written: 'as usual',
    async ready(arena) {
      const { jwt: request } = await arena.requestObject({ exp: arena.now() - 10 });
      return () =>
        arena.authorize({ client_id: 'shop', redirect_uri: 'https://shop.example/callback', request });
    },
  },
  {
    attempt: 'Within the tolerance for clocks',
    sent: 'request object of ten seconds ahead',
    seen: code,
    section: 'RFC 7519 §4.1.5',
    written: 'as usual',
    async ready(arena) {
      const ahead = arena.now() + 10;
      const { jwt: request } = await arena.requestObject({ iat: ahead, nbf: ahead });
      return () =>
        arena.authorize({ client_id: 'shop', redirect_uri: 'https://shop.example/callback', request });
    },
  },
  {
    attempt: 'Not over yet',
    sent: 'id_token_hint whose hour is over: it says who, not that somebody may',
    seen: code,
    section: 'OIDC Core §3.1.2.1',
    written: 'as usual',
    async ready(arena) {
      const { id_token: id_token_hint } = await arena.tokens();
      arena.move(hour + 20);
      return () => arena.authorize({ id_token_hint });
    },
  },
  {
    attempt: 'Not over yet',
    sent: 'code after half a minute',
    seen: fine(),
    section: 'RFC 6749 §4.1.2',
    written: 'as usual',
    async ready(arena) {
      const form = await arena.code();
      arena.move(30);
      return () => arena.post('/token', form);
    },
  },
];

/** Time. */
export const time: Theme = {
  title: 'What is over',
  rows: [
    ...over.map(
      ([attempt, seconds, seen, section, make]): Attack => ({
        attempt: 'After its time',
        sent: attempt,
        seen,
        section,
        written: attempt.startsWith('Session') ? 'session marks' : 'nothing',
        async ready(arena) {
          const use = await make(arena);
          arena.move(seconds);
          return use;
        },
      }),
    ),
    ...skew,
  ],
};
