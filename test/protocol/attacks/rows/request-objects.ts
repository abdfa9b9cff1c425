/** Request objects and pushed requests: what they may say, whose they are, and what may stand beside them. */
import type { Arena } from '../arena.ts';
import { token } from '../forge.ts';
import { type Attack, client, code, json, page, type Seen, type Theme } from '../table.ts';

type Claims = Record<string, unknown>;

const shop = { client_id: 'shop', redirect_uri: 'https://shop.example/callback' };
const refused = client('invalid_request_object');

const claimFaults: readonly [sent: string, claims: (arena: Arena) => Claims, section: string, seen?: Seen][] =
  [
    ['expired', ({ now }) => ({ iat: now() - 600, exp: now() - 60 }), 'RFC 7519 §4.1.4'],
    ['not valid yet', ({ now }) => ({ nbf: now() + 600, exp: now() + 900 }), 'RFC 7519 §4.1.5'],
    ['`exp` that is text', () => ({ exp: 'never' }), 'RFC 7519 §4.1.4'],
    ['another server as `aud`', () => ({ aud: 'https://elsewhere.example' }), 'RFC 9101 §4'],
    ['another client as `iss`', () => ({ iss: 'airline' }), 'RFC 9101 §6.1'],
    ['another client as `client_id`', () => ({ client_id: 'airline' }), 'RFC 9101 §5'],
    ['a request inside', () => ({ request: 'x.y.z' }), 'RFC 9101 §4'],
    ['an address of a request inside', () => ({ request_uri: 'https://evil.example/' }), 'RFC 9101 §4'],
    ['itself as `sub`, like a client assertion', () => ({ sub: 'shop' }), 'RFC 9101 §10.8'],
    ['issued in an hour', ({ now }) => ({ iat: now() + 3600, exp: now() + 7200 }), 'RFC 7519 §4.1.6'],
    ['an implicit answer', () => ({ response_type: 'token' }), 'RFC 9101 §5'],
    ['a foreign address', () => ({ redirect_uri: 'https://evil.example/' }), 'RFC 9101 §6.3', page()],
    ['no challenge', () => ({ code_challenge: undefined }), 'RFC 7636 §4.4.1', client('invalid_request')],
    ['`plain`', () => ({ code_challenge_method: 'plain' }), 'RFC 7636 §4.4.1', client('invalid_request')],
  ];

const saying: readonly Attack[] = claimFaults.map(([sent, claims, section, seen = refused]) => ({
  attempt: 'Request object that says the wrong thing',
  sent,
  seen,
  section,
  async ready(arena) {
    const { jwt } = await arena.requestObject(claims(arena));
    return () => arena.authorize({ ...shop, request: jwt });
  },
}));

const typed: readonly Attack[] = ['at+jwt', 'logout+jwt', 'dpop+jwt', 'client-authentication+jwt'].map(
  (typ) => ({
    attempt: 'Another token as a request object',
    sent: `typed \`${typ}\``,
    seen: refused,
    section: 'RFC 8725 §3.11',
    async ready(arena) {
      const { header, payload } = await arena.requestObject();
      const jwt = token({ ...header, typ }, payload, arena.keys.shop.privateKey);
      return () => arena.authorize({ ...shop, request: jwt });
    },
  }),
);

const beside: readonly Attack[] = [
  {
    attempt: 'Another token as a request object',
    sent: 'the client’s assertion',
    seen: refused,
    section: 'RFC 9101 §10.8',
    async ready(arena) {
      const { keys, url, now } = arena;
      const jwt = token(
        { alg: 'ES256', kid: keys.shop.kid },
        { iss: 'shop', sub: 'shop', aud: url, jti: 'x', iat: now(), exp: now() + 60 },
        keys.shop.privateKey,
      );
      return () => arena.authorize({ ...shop, request: jwt });
    },
  },
  {
    attempt: 'Another token as a request object',
    sent: 'an ID token',
    seen: refused,
    section: 'RFC 8725 §3.12',
    async ready(arena) {
      const { id_token: request } = await arena.tokens();
      return () => arena.authorize({ ...shop, request });
    },
  },
  {
    attempt: 'Foreign request object',
    sent: 'of another client, under one’s own id',
    seen: client('invalid_request_object'),
    section: 'RFC 9101 §6.1',
    async ready(arena) {
      const { jwt } = await arena.requestObject();
      return () => arena.authorize({ request: jwt });
    },
  },
  {
    attempt: 'Foreign request object',
    sent: 'pushed by another client',
    seen: json(400, 'invalid_request_object'),
    section: 'RFC 9126 §3',
    async ready(arena) {
      const { jwt } = await arena.requestObject();
      return () => arena.post('/authorize/par', { request: jwt });
    },
  },
  {
    attempt: 'Request object at an address',
    sent: '`request_uri` of https',
    seen: client('request_uri_not_supported'),
    section: 'RFC 9101 §10.4',
    ready: async (arena) => () => arena.authorize({ ...shop, request_uri: 'https://shop.example/request' }),
  },
  {
    attempt: 'Request object at an address',
    sent: '`request_uri` of a file',
    seen: client('request_uri_not_supported'),
    section: 'RFC 9101 §10.4',
    ready: async (arena) => () => arena.authorize({ ...shop, request_uri: 'file:///etc/passwd' }),
  },
  {
    attempt: 'Both ways at once',
    sent: '`request` and `request_uri`',
    seen: client('invalid_request'),
    section: 'OIDC Core §6.1',
    async ready(arena) {
      const { jwt } = await arena.requestObject();
      return () => arena.authorize({ ...shop, request: jwt, request_uri: 'https://shop.example/request' });
    },
  },
  {
    attempt: 'Parameters beside a request object',
    sent: 'a foreign address, state and scope in the query: the signed ones hold',
    seen: code,
    section: 'RFC 9101 §6.3',
    written: 'as usual',
    async ready(arena) {
      const { jwt } = await arena.requestObject();
      const query = { redirect_uri: 'https://evil.example/', state: 'evil', scope: 'openid email' };
      return () => arena.authorize({ ...shop, ...query, request: jwt });
    },
  },
  {
    attempt: 'Parameters beside a request object',
    sent: '`response_type=token` in the query',
    seen: refused,
    section: 'OIDC Core §6.1',
    async ready(arena) {
      const { jwt } = await arena.requestObject();
      return () => arena.authorize({ ...shop, response_type: 'token', request: jwt });
    },
  },
  {
    attempt: 'Parameters beside a request object',
    sent: 'the challenge in the query only',
    seen: client('invalid_request'),
    section: 'RFC 9101 §6.3',
    async ready(arena) {
      const { jwt } = await arena.requestObject({
        code_challenge: undefined,
        code_challenge_method: undefined,
      });
      return () => arena.authorize({ ...shop, request: jwt });
    },
  },
];

/** A pushed request of the airline. */
async function pushed(arena: Arena, parameters: Record<string, string> = {}): Promise<string> {
  const form = new URL((await arena.airline.begin({ prompt: 'none', ...parameters })).url).search.slice(1);
  return String((await arena.post('/authorize/par', form)).json.request_uri);
}

const query = (parameters: Record<string, string>) => `/authorize?${new URLSearchParams(parameters)}`;

const pushes: readonly Attack[] = [
  {
    attempt: 'Pushed request',
    sent: 'of another client',
    seen: page(),
    section: 'RFC 9126 §2.2',
    async ready(arena) {
      const request_uri = await pushed(arena);
      return () => arena.member.agent.request(query({ client_id: 'shop', request_uri }));
    },
  },
  {
    attempt: 'Pushed request',
    sent: 'without a client',
    seen: page(),
    section: 'RFC 9126 §4',
    async ready(arena) {
      const request_uri = await pushed(arena);
      return () => arena.member.agent.request(query({ request_uri }));
    },
  },
  {
    attempt: 'Pushed request',
    sent: 'a second time',
    seen: page(),
    section: 'RFC 9126 §4',
    async ready(arena) {
      const address = query({ client_id: 'airline', request_uri: await pushed(arena) });
      await arena.member.agent.request(address);
      return () => arena.member.agent.request(address);
    },
  },
  ...['made-up', '', '{"$gt":""}', '../../x'].map(
    (id): Attack => ({
      attempt: 'Pushed request',
      sent: `that never was: ${JSON.stringify(id)}`,
      seen: page(),
      section: 'RFC 9126 §2.2',
      ready: async (arena) => () =>
        arena.member.agent.request(
          query({ client_id: 'airline', request_uri: `urn:ietf:params:oauth:request_uri:${id}` }),
        ),
    }),
  ),
  {
    attempt: 'Parameters beside a pushed request',
    sent: 'another address, state, mode and scope: the pushed ones hold',
    seen: code,
    section: 'RFC 9126 §4',
    written: 'as usual',
    async ready(arena) {
      const request_uri = await pushed(arena);
      const smuggled = { redirect_uri: 'https://evil.example/', state: 'x', response_mode: 'fragment' };
      return () => arena.member.agent.request(query({ client_id: 'airline', request_uri, ...smuggled }));
    },
  },
  {
    attempt: 'Parameters beside a pushed request',
    sent: '`response_type=token`',
    seen: page(),
    section: 'OIDC Core §6.2',
    async ready(arena) {
      const request_uri = await pushed(arena);
      return () =>
        arena.member.agent.request(query({ client_id: 'airline', request_uri, response_type: 'token' }));
    },
  },
  ...Object.entries({
    'an implicit answer': [{ response_type: 'token' }, 'unsupported_response_type'],
    'a hybrid answer': [{ response_type: 'code id_token' }, 'unsupported_response_type'],
    'an unknown response mode': [{ response_mode: 'web_message' }, 'unsupported_response_mode'],
    'a foreign address': [{ redirect_uri: 'https://evil.example/' }, 'invalid_request'],
    'another pushed request': [
      { request_uri: 'urn:ietf:params:oauth:request_uri:x' },
      'request_uri_not_supported',
    ],
  } as Record<string, [Record<string, string>, string]>).map(
    ([sent, [parameters, error]]): Attack => ({
      attempt: 'Smuggling into a pushed request',
      sent,
      seen: json(400, error),
      section: 'RFC 9126 §2.1',
      async ready(arena) {
        const form = new URL((await arena.airline.begin(parameters)).url).search.slice(1);
        return () => arena.post('/authorize/par', form);
      },
    }),
  ),
  {
    attempt: 'Smuggling into a pushed request',
    sent: 'the id of another client than authenticates',
    seen: json(400, 'invalid_request'),
    section: 'RFC 9126 §2.1',
    async ready(arena) {
      const form = new URL((await arena.airline.begin()).url).search.slice(1);
      return () => arena.post('/authorize/par', form, 'grocery');
    },
  },
  {
    attempt: 'FAPI client',
    sent: 'a request that was not pushed',
    seen: client('invalid_request'),
    section: 'FAPI 2.0 SP §5.3.2.2',
    ready: async (arena) => () =>
      arena.authorize({ client_id: 'bank', redirect_uri: 'https://bank.example/callback' }),
  },
];

/** Request objects and pushed requests. */
export const requestObjects: Theme = {
  title: 'Request objects and pushed requests',
  rows: [...saying, ...typed, ...beside, ...pushes],
};
