/** Tokens in the wrong hands or in the wrong place. */
import type { Arena } from '../arena.ts';
import { flip, token as jwt } from '../forge.ts';
import { points, till } from '../names.ts';
import { type Answered, type Attack, challenge, inactive, json, type Seen, type Theme } from '../table.ts';

const refreshForm = (refresh_token = '') => ({ grant_type: 'refresh_token', refresh_token });

/** A row about a fresh set of tokens of the airline. */
const withTokens = (
  about: Omit<Attack, 'ready'>,
  send: (arena: Arena, tokens: Record<string, string>) => Promise<Answered>,
): Attack => ({
  ...about,
  async ready(arena) {
    const tokens = await arena.tokens();
    return () => send(arena, tokens);
  },
});

const spoiled: readonly [string, (text: string) => string][] = [
  ['without its last letter', (text) => text.slice(0, -1)],
  ['without its first letter', (text) => text.slice(1)],
  ['its first half', (text) => text.slice(0, text.length / 2)],
  ['with a letter more', (text) => `${text}A`],
  ['with one letter changed at its start', (text) => flip(text, 0)],
  ['with one letter changed in its middle', (text) => flip(text, text.length / 2)],
  ['with one letter changed at its end', (text) => flip(text, text.length - 1)],
  ['in capitals', (text) => text.toUpperCase()],
];

const guessed: readonly Attack[] = spoiled.flatMap(([sent, spoil]) => [
  withTokens(
    { attempt: 'Guessed access token', sent, seen: challenge('invalid_token'), section: 'RFC 6750 §3.1' },
    ({ get }, { access_token = '' }) => get('/userinfo', { authorization: `Bearer ${spoil(access_token)}` }),
  ),
  withTokens(
    {
      attempt: 'Guessed access token at introspection',
      sent,
      seen: inactive,
      section: 'RFC 7662 §2.2',
    },
    ({ post }, { access_token = '' }) => post('/token/introspection', { token: spoil(access_token) }, 'api'),
  ),
  withTokens(
    { attempt: 'Guessed refresh token', sent, seen: json(400, 'invalid_grant'), section: 'RFC 6749 §5.2' },
    ({ post }, { refresh_token = '' }) => post('/token', refreshForm(spoil(refresh_token))),
  ),
]);

const foreign: readonly Attack[] = [
  withTokens(
    {
      attempt: 'Stolen refresh token',
      sent: 'by another client: the victim keeps it',
      seen: json(400, 'invalid_grant'),
      section: 'RFC 6749 §5.2',
    },
    ({ post }, { refresh_token }) => post('/token', refreshForm(refresh_token), 'grocery'),
  ),
  withTokens(
    {
      attempt: 'Stolen refresh token',
      sent: 'by a public client: the victim keeps it',
      seen: json(400, 'invalid_grant'),
      section: 'RFC 6749 §5.2',
    },
    ({ post }, { refresh_token }) => post('/token', { ...refreshForm(refresh_token), client_id: 'app' }, ''),
  ),
  withTokens(
    {
      attempt: 'Stolen refresh token',
      sent: 'under its owner’s id, without a secret',
      seen: json(401, 'invalid_client'),
      section: 'RFC 6749 §6',
    },
    ({ post }, { refresh_token }) =>
      post('/token', { ...refreshForm(refresh_token), client_id: 'airline' }, ''),
  ),
  {
    attempt: 'Stolen refresh token',
    sent: 'that was rotated before, by another client: the victim keeps the new one',
    seen: json(400, 'invalid_grant'),
    section: 'RFC 6749 §5.2',
    async ready(arena) {
      const { refresh_token } = await arena.tokens();
      await arena.post('/token', refreshForm(refresh_token));
      return () => arena.post('/token', refreshForm(refresh_token), 'grocery');
    },
  },
  {
    attempt: 'Replayed refresh token',
    sent: 'that was rotated before, by its own client',
    seen: json(400, 'invalid_grant'),
    section: 'RFC 9700 §4.14.2',
    written: 'family ends',
    async ready(arena) {
      const { refresh_token } = await arena.tokens();
      await arena.post('/token', refreshForm(refresh_token));
      return () => arena.post('/token', refreshForm(refresh_token));
    },
  },
  {
    attempt: 'Replayed refresh token',
    sent: 'of a native app that was rotated before',
    seen: json(400, 'invalid_grant'),
    section: 'RFC 9700 §4.14.2',
    written: 'family ends',
    async ready(arena) {
      const { refresh_token } = await arena.appTokens();
      const form = { ...refreshForm(refresh_token), client_id: 'app' };
      await arena.post('/token', form, '');
      return () => arena.post('/token', form, '');
    },
  },
  ...['access_token', 'refresh_token'].flatMap((name) => [
    withTokens(
      {
        attempt: 'Introspection of another client’s token',
        sent: name,
        seen: inactive,
        section: 'RFC 7662 §2.2',
      },
      ({ post }, tokens) => post('/token/introspection', { token: tokens[name] ?? '' }, 'grocery'),
    ),
    withTokens(
      {
        attempt: 'Introspection without authentication',
        sent: name,
        seen: json(401, 'invalid_client'),
        section: 'RFC 7662 §2.1',
      },
      ({ post }, tokens) =>
        post('/token/introspection', { token: tokens[name] ?? '', client_id: 'airline' }, ''),
    ),
    withTokens(
      {
        attempt: 'Revocation of another client’s token: the victim keeps it',
        sent: name,
        seen: { manner: 'empty', status: 200 },
        section: 'RFC 7009 §2.2',
      },
      ({ post }, tokens) => post('/token/revocation', { token: tokens[name] ?? '' }, 'grocery'),
    ),
    withTokens(
      {
        attempt: 'Revocation without authentication',
        sent: name,
        seen: json(401, 'invalid_client'),
        section: 'RFC 7009 §2.1',
      },
      ({ post }, tokens) =>
        post('/token/revocation', { token: tokens[name] ?? '', client_id: 'airline' }, ''),
    ),
  ]),
  {
    attempt: 'Revocation of a token that never was',
    sent: 'a guess',
    seen: { manner: 'empty', status: 200 },
    section: 'RFC 7009 §2.2',
    ready: async (arena) => () => arena.post('/token/revocation', { token: 'guess' }),
  },
  {
    attempt: 'Introspection by a public client',
    sent: 'its own access token',
    seen: inactive,
    section: 'RFC 7662 §2.1',
    async ready(arena) {
      const { access_token: token = '' } = await arena.appTokens();
      return () => arena.post('/token/introspection', { token, client_id: 'app' }, '');
    },
  },
];

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** A token of another kind than an access token for userinfo. */
const swapped: readonly [string, (arena: Arena) => Promise<string>, Seen?][] = [
  ['an ID token', async (arena) => (await arena.tokens()).id_token ?? ''],
  ['a refresh token', async (arena) => (await arena.tokens()).refresh_token ?? ''],
  ['a code', async (arena) => (await arena.code()).code ?? ''],
  ['a session cookie', async ({ member }) => cookie(member)],
  ['a device code', async (arena) => (await arena.asked()).device_code],
  ['an initial access token', async (arena) => arena.invitation()],
  ['a client assertion', async (arena) => arena.assertion().jwt],
  ['a JWT access token for an API', async (arena) => apiToken(arena, points)],
  [
    'an opaque access token for an API',
    async (arena) => apiToken(arena, till),
    challenge('insufficient_scope', 403),
  ],
  [
    'the token of a machine',
    async (arena) =>
      String((await arena.post('/token', { grant_type: 'client_credentials' }, 'machine')).json.access_token),
  ],
  [
    'a logout token',
    async ({ url, now, keys, member }) =>
      jwt(
        { alg: 'ES256', typ: 'logout+jwt', kid: keys.signer.kid },
        { iss: url, aud: 'airline', sub: member.memberId, iat: now(), exp: now() + 60, jti: 'x', events: {} },
        keys.signer.privateKey,
      ),
  ],
];

const cookie = ({ agent }: Arena['member']) =>
  agent.cookies.find(({ name }) => /session/.test(name) && !/sig/.test(name))?.value ?? '';

async function apiToken(arena: Arena, resource: string): Promise<string> {
  const form = { ...(await arena.code({ resource, scope: 'openid points:read till:pay' })), resource };
  const { json: tokens } = await arena.post('/token', form);
  if (!tokens.access_token) throw new Error(`no token for ${resource}: ${JSON.stringify(tokens)}`);
  return String(tokens.access_token);
}

const misplaced: readonly Attack[] = [
  ...swapped.map(
    ([sent, make, seen = challenge('invalid_token')]): Attack => ({
      attempt: 'Another token as an access token',
      sent,
      seen,
      section: 'RFC 6750 §3.1',
      async ready(arena) {
        const token = await make(arena);
        return () => arena.get('/userinfo', bearer(token));
      },
    }),
  ),
  withTokens(
    {
      attempt: 'Access token in the address',
      sent: '`access_token` in the query of userinfo',
      seen: json(400, 'invalid_request'),
      section: 'RFC 9700 §4.3.2',
    },
    ({ get }, { access_token }) => get(`/userinfo?access_token=${access_token}`),
  ),
  withTokens(
    {
      attempt: 'Access token in two places',
      sent: 'in the header and in the body',
      seen: json(400, 'invalid_request'),
      section: 'RFC 6750 §2',
    },
    ({ post }, { access_token = '' }) => post('/userinfo', { access_token }, '', bearer(access_token)),
  ),
  withTokens(
    {
      attempt: 'Another token as a refresh token',
      sent: 'an access token',
      seen: json(400, 'invalid_grant'),
      section: 'RFC 6749 §5.2',
    },
    ({ post }, { access_token }) => post('/token', refreshForm(access_token)),
  ),
  withTokens(
    {
      attempt: 'Another token as a refresh token',
      sent: 'an ID token',
      seen: json(400, 'invalid_grant'),
      section: 'RFC 6749 §5.2',
    },
    ({ post }, { id_token }) => post('/token', refreshForm(id_token)),
  ),
  withTokens(
    {
      attempt: 'Another token as an initial access token',
      sent: 'an access token',
      seen: challenge('invalid_token'),
      section: 'RFC 7591 §3',
    },
    ({ post }, { access_token = '' }) =>
      post('/register', '{"redirect_uris":["https://new.example/callback"]}', '', {
        ...bearer(access_token),
        'content-type': 'application/json',
      }),
  ),
];

/** Tokens. */
export const tokens: Theme = {
  title: 'Tokens',
  rows: [...guessed, ...foreign, ...misplaced],
};
