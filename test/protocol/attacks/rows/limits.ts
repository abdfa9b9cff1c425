/** Too much, too deep, twice, or in another form: whatever the endpoints should never have to think about. */
import type { Arena } from '../arena.ts';
import { token } from '../forge.ts';
import {
  type Answered,
  type Attack,
  challenge,
  client,
  json,
  page,
  type Seen,
  type Theme,
} from '../table.ts';

const bearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const kib = 1024;

/** JSON as deep as a tower. */
const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const deepObject = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

/** A right token but for 50 KiB of ballast in it. */
const ballast = { ballast: 'x'.repeat(50 * kib) };

type Sending = readonly [
  attempt: string,
  sent: string,
  seen: Seen,
  section: string,
  /** Makes ready what is needed and returns the attack. */
  send: (arena: Arena) => Promise<() => Promise<Answered>>,
];

const huge: readonly Sending[] = [
  [
    'Huge JWT',
    'client assertion of 50 KiB under a wrong signature',
    page(413),
    'RFC 9110 §15.5.14',
    async ({ post, keys, assertion }) => {
      const { header, payload } = assertion(ballast);
      const client_assertion = token(header, payload, keys.thief.privateKey);
      return () =>
        post(
          '/token',
          { grant_type: 'client_credentials', client_assertion_type: bearer, client_assertion },
          '',
        );
    },
  ],
  [
    'Huge JWT',
    'pushed request object of 50 KiB under a wrong signature',
    page(413),
    'RFC 9110 §15.5.14',
    async ({ post, keys, requestObject }) => {
      const { header, payload } = await requestObject(ballast);
      const request = token(header, payload, keys.thief.privateKey);
      return () => post('/authorize/par', { client_id: 'shop', request }, 'shop');
    },
  ],
  [
    'Huge JWT',
    'token of 50 KiB at introspection',
    page(413),
    'RFC 9110 §15.5.14',
    async ({ post, keys, assertion }) => {
      const { header, payload } = assertion(ballast);
      return () =>
        post('/token/introspection', { token: token(header, payload, keys.thief.privateKey) }, 'api');
    },
  ],
  [
    'Huge JWT',
    'refresh token of 50 KiB',
    json(400, 'invalid_grant'),
    'RFC 6749 §5.2',
    async ({ post }) =>
      () =>
        post('/token', { grant_type: 'refresh_token', refresh_token: 'x'.repeat(50 * kib) }),
  ],
  [
    'Huge JWT',
    'code of 50 KiB',
    json(400, 'invalid_grant'),
    'RFC 6749 §5.2',
    async ({ post, code }) => {
      const form = { ...(await code()), code: 'x'.repeat(50 * kib) };
      return () => post('/token', form);
    },
  ],
  ...['/token', '/token/introspection', '/token/revocation', '/authorize/par', '/device/authorize'].map(
    (path): Sending => [
      'Huge body',
      `300 KiB at \`${path}\``,
      page(413),
      'RFC 9110 §15.5.14',
      async ({ post }) =>
        () =>
          post(path, { grant_type: 'refresh_token', ballast: 'x'.repeat(300 * kib) }),
    ],
  ),
];

const tower = 20_000;

const deepest: readonly Sending[] = [
  ...[deep(tower), deepObject(tower)].flatMap((value, at): Sending[] => {
    const what = at === 0 ? 'arrays' : 'objects';
    // The objects are more than a body may hold, before anything looks into them.
    const seen = (error: string) => (at === 0 ? json(400, error) : page(413));
    return [
      [
        'Deep JSON',
        `\`claims\` of 20,000 ${what}, pushed`,
        seen('invalid_request'),
        'OIDC Core §5.5',
        async (arena) => {
          const form = `${await requestWith(arena)}&claims=${value}`;
          return () => arena.post('/authorize/par', form);
        },
      ],
      [
        'Deep JSON',
        `\`authorization_details\` of 20,000 ${what}, pushed`,
        seen('invalid_authorization_details'),
        'RFC 9396 §5',
        async (arena) => {
          const form = `${await requestWith(arena)}&authorization_details=${value}`;
          return () => arena.post('/authorize/par', form);
        },
      ],
      [
        'Deep JSON',
        `request object of 20,000 ${what}`,
        seen('invalid_request_object'),
        'RFC 9101 §6.3',
        async ({ post }) => {
          const header = Buffer.from('{"alg":"ES256"}').toString('base64url');
          const request = `${header}.${Buffer.from(value).toString('base64url')}.${'A'.repeat(86)}`;
          return () => post('/authorize/par', { client_id: 'shop', request }, 'shop');
        },
      ],
      [
        'Deep JSON',
        `client assertion of 20,000 ${what}`,
        seen('invalid_request'),
        'RFC 6749 §5.2',
        async ({ post }) => {
          const header = Buffer.from('{"alg":"ES256"}').toString('base64url');
          const client_assertion = `${header}.${Buffer.from(value).toString('base64url')}.${'A'.repeat(86)}`;
          return () =>
            post(
              '/token',
              { grant_type: 'client_credentials', client_assertion_type: bearer, client_assertion },
              '',
            );
        },
      ],
      [
        'Deep JSON',
        `registration of 20,000 ${what}`,
        seen('invalid_client_metadata'),
        'RFC 7591 §3.2.2',
        async ({ post, invitation }) => {
          const authorization = `Bearer ${await invitation()}`;
          return () =>
            post('/register', `{"redirect_uris":["https://new.example/callback"],"contacts":${value}}`, '', {
              authorization,
              'content-type': 'application/json',
            });
        },
      ],
    ];
  }),
];

async function requestWith(arena: Arena): Promise<string> {
  return new URL((await arena.airline.begin()).url).search.slice(1);
}

const doubled: readonly Sending[] = [
  ...['scope', 'state', 'prompt', 'response_type', 'code_challenge', 'nonce', 'max_age'].map(
    (name): Sending => [
      'Parameter given twice',
      `\`${name}\` at the authorization endpoint`,
      client('invalid_request'),
      'RFC 6749 §3.1',
      async (arena) => () => arena.authorize({ [name]: '1' }, `&${name}=again`),
    ],
  ),
  ...['client_id', 'redirect_uri'].map(
    (name): Sending => [
      'Parameter given twice',
      `\`${name}\` at the authorization endpoint, where nobody can be told`,
      page(),
      'RFC 6749 §4.1.2.1',
      async (arena) => () => arena.authorize({}, `&${name}=again`),
    ],
  ),
  ...['grant_type', 'code', 'code_verifier', 'redirect_uri'].map(
    (name): Sending => [
      'Parameter given twice',
      `\`${name}\` at the token endpoint`,
      json(400, 'invalid_request'),
      'RFC 6749 §3.2',
      async (arena) => {
        const form = `${new URLSearchParams(await arena.code())}&${name}=again`;
        return () => arena.post('/token', form);
      },
    ],
  ),
  ...(
    [
      ['/token', 'grant_type=refresh_token&refresh_token=a&refresh_token=b'],
      ['/token/introspection', 'token=a&token=b'],
      ['/token/revocation', 'token=a&token=b'],
      ['/authorize/par', 'scope=openid&scope=email&client_id=airline'],
    ] as const
  ).map(
    ([path, body]): Sending => [
      'Parameter given twice',
      `at \`${path}\``,
      json(400, 'invalid_request'),
      'RFC 6749 §3.2',
      async ({ post }) =>
        () =>
          post(path, body),
    ],
  ),
  [
    'Parameter given twice',
    'at `/device/authorize`',
    json(400, 'invalid_request'),
    'RFC 8628 §3.1',
    async ({ post }) =>
      () =>
        post('/device/authorize', 'client_id=seatback&scope=openid&scope=email', ''),
  ],
  [
    'Parameter given twice',
    '`id_token_hint` at the sign-out',
    page(),
    'RP-Initiated Logout §2',
    async ({ member }) =>
      () =>
        member.agent.request('/sign-out?id_token_hint=a&id_token_hint=b'),
  ],
];

const bodies: readonly Sending[] = [
  ...(
    [
      ['JSON', 'application/json', '{"grant_type":"client_credentials"}'],
      ['JSON with an operator', 'application/json', '{"grant_type":{"$gt":""}}'],
      ['XML', 'text/xml', '<a/>'],
      ['multipart', 'multipart/form-data; boundary=x', '--x\r\n'],
      ['text', 'text/plain', 'grant_type=client_credentials'],
    ] as const
  ).flatMap(([what, type, body]) =>
    ['/token', '/token/introspection', '/token/revocation', '/authorize/par'].map(
      (path): Sending => [
        'Body in another form',
        `${what} at \`${path}\``,
        json(400, 'invalid_request'),
        'RFC 6749 §3.2',
        async ({ post }) =>
          () =>
            post(path, body, 'machine', { 'content-type': type }),
      ],
    ),
  ),
];

async function registering({ post, invitation }: Arena, description: object) {
  const authorization = `Bearer ${await invitation()}`;
  return () =>
    post('/register', JSON.stringify(description), '', {
      authorization,
      'content-type': 'application/json',
    });
}

const smuggled: readonly Sending[] = [
  ...(
    [
      ['token', 'unsupported_response_type'],
      ['id_token', 'unsupported_response_type'],
      ['code token', 'unsupported_response_type'],
      ['code id_token token', 'unsupported_response_type'],
      ['none', 'invalid_request'],
      ['', 'invalid_request'],
    ] as const
  ).map(
    ([response_type, error]): Sending => [
      'Answer that is not a code',
      `\`response_type=${response_type}\``,
      client(error),
      'RFC 9700 §2.1.2',
      async (arena) => () => arena.authorize({ response_type }),
    ],
  ),
  ...['web_message', 'javascript', 'query fragment', '{"$gt":""}'].map(
    (response_mode): Sending => [
      'Answer by another way',
      `\`response_mode=${response_mode}\``,
      client('unsupported_response_mode'),
      'OAuth 2.0 Multiple Response Types §2.1',
      async (arena) => () => arena.authorize({ response_mode }),
    ],
  ),
  [
    'Registration without an invitation',
    'a made-up initial access token',
    challenge('invalid_token'),
    'RFC 7591 §3',
    async ({ post }) =>
      () =>
        post('/register', '{"redirect_uris":["https://new.example/callback"]}', '', {
          'content-type': 'application/json',
          authorization: 'Bearer made-up',
        }),
  ],
  ...[
    'javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    '\tjavascript:alert(1)',
    'http://new.example/callback',
    'https://evil.example/callback',
    'https://new.example/callback#x',
    'https://new.example/../callback',
    'https://*.new.example/callback',
  ].map(
    (uri): Sending => [
      'Registration of an address that no client may have',
      JSON.stringify(uri),
      json(400, 'invalid_redirect_uri'),
      'RFC 7591 §3.2.2',
      async (arena) => registering(arena, { redirect_uris: [uri] }),
    ],
  ),
  ...['client_uri', 'logo_uri', 'policy_uri', 'tos_uri', 'initiate_login_uri', 'jwks_uri'].map(
    (field): Sending => [
      'Registration of a link that would run as script',
      `\`${field}\``,
      json(400, 'invalid_client_metadata'),
      'RFC 7591 §5',
      async (arena) =>
        registering(arena, {
          redirect_uris: ['https://new.example/callback'],
          [field]: 'javascript:alert(1)',
        }),
    ],
  ),
];

const rowOf = ([attempt, sent, seen, section, send]: Sending): Attack => ({
  attempt,
  sent,
  seen,
  section,
  ready: async (arena) => send(arena),
});

/** Limits. */
export const limits: Theme = {
  title: 'Size, depth, doubles and other forms',
  rows: [...huge, ...deepest, ...doubled, ...bodies, ...smuggled].map(rowOf),
};
