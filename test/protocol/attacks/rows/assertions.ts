/** Client authentication: assertions that say the wrong thing, and secrets in the wrong place. */
import type { Arena } from '../arena.ts';
import { token } from '../forge.ts';
import { points } from '../names.ts';
import { type Attack, fine, json, type Theme } from '../table.ts';

const bearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const machineForm = { grant_type: 'client_credentials', resource: points, scope: 'points:read' };

const authenticate = (arena: Arena, client_assertion: string, more: Record<string, string> = {}) =>
  arena.post('/token', { ...machineForm, client_assertion_type: bearer, client_assertion, ...more }, '');

type Claims = Record<string, unknown>;

const claimFaults: readonly [sent: string, claims: (arena: Arena) => Claims, section?: string][] = [
  ['no `iss`', () => ({ iss: undefined })],
  ['another client as `iss`', () => ({ iss: 'other-signer' })],
  ['no `sub`', () => ({ sub: undefined })],
  ['another client as `sub`', () => ({ sub: 'other-signer' })],
  ['another client as `iss` and `sub`', () => ({ iss: 'other-signer', sub: 'other-signer' })],
  ['no `aud`', () => ({ aud: undefined })],
  ['another server as `aud`', () => ({ aud: 'https://elsewhere.example' })],
  ['another endpoint as `aud`', ({ url }) => ({ aud: `${url}/userinfo` })],
  ['an `aud` that begins like the issuer', ({ url }) => ({ aud: `${url}.evil.example` })],
  ['an `aud` that is an object', () => ({ aud: { $gt: '' } })],
  ['no `exp`', () => ({ exp: undefined })],
  ['`exp` that is text', () => ({ exp: 'never' })],
  ['no `jti`', () => ({ jti: undefined }), 'OIDC Core §9'],
  ['expired', ({ now }) => ({ exp: now() - 60 })],
  ['not valid yet', ({ now }) => ({ nbf: now() + 600, exp: now() + 900 })],
  ['issued in an hour', ({ now }) => ({ iat: now() + 3600, exp: now() + 7200 })],
];

const saying: readonly Attack[] = claimFaults.map(([sent, claims, section = 'RFC 7523 §3']) => ({
  attempt: 'Client assertion that says the wrong thing',
  sent,
  seen: json(401, 'invalid_client'),
  section,
  async ready(arena) {
    const { jwt, payload } = arena.assertion(claims(arena));
    return () => authenticate(arena, jwt, payload.sub ? {} : { client_id: 'signer' });
  },
}));

const swapped: readonly [sent: string, make: (arena: Arena) => Promise<string>][] = [
  ['an ID token', async (arena) => (await arena.tokens()).id_token ?? ''],
  [
    'a JWT access token',
    async (arena) => String((await arena.post('/token', machineForm, 'machine')).json.access_token),
  ],
  [
    'its own request object',
    async ({ keys, url, now }) =>
      token(
        { alg: 'ES256', kid: keys.signer.kid, typ: 'oauth-authz-req+jwt' },
        { iss: 'signer', aud: url, client_id: 'signer', jti: 'request', iat: now(), exp: now() + 60 },
        keys.signer.privateKey,
      ),
  ],
  [
    'its own DPoP proof',
    async (arena) => arena.proof(arena.keys.signer, { path: '/token' }, { claims: { iss: 'signer' } }),
  ],
  [
    'an assertion typed as an access token',
    async ({ assertion, keys }) => {
      const { header, payload } = assertion();
      return token({ ...header, typ: 'at+jwt' }, payload, keys.signer.privateKey);
    },
  ],
  [
    'an assertion typed as a logout token',
    async ({ assertion, keys }) => {
      const { header, payload } = assertion();
      return token({ ...header, typ: 'logout+jwt' }, payload, keys.signer.privateKey);
    },
  ],
];

const other: readonly Attack[] = [
  ...swapped.map(
    ([sent, make]): Attack => ({
      attempt: 'Another token as a client assertion',
      sent,
      seen: json(401, 'invalid_client'),
      section: 'RFC 8725 §3.11',
      async ready(arena) {
        const jwt = await make(arena);
        return () => authenticate(arena, jwt);
      },
    }),
  ),
  {
    attempt: 'Replayed client assertion',
    sent: 'at the token endpoint',
    seen: json(401, 'invalid_client'),
    section: 'RFC 7523 §3',
    async ready(arena) {
      const { jwt } = arena.assertion();
      await authenticate(arena, jwt);
      return () => authenticate(arena, jwt);
    },
  },
  {
    attempt: 'Replayed client assertion',
    sent: 'at another endpoint than the first time',
    seen: json(401, 'invalid_client'),
    section: 'RFC 7523 §3',
    async ready(arena) {
      const { jwt } = arena.assertion();
      await authenticate(arena, jwt);
      const form = { token: 'x', client_assertion_type: bearer, client_assertion: jwt };
      return () => arena.post('/token/introspection', form, '');
    },
  },
  {
    attempt: 'Client assertion for another client',
    sent: '`client_id` of another client beside',
    seen: json(400, 'invalid_request'),
    section: 'RFC 6749 §5.2',
    async ready(arena) {
      const { jwt } = arena.assertion();
      return () => authenticate(arena, jwt, { client_id: 'other-signer' });
    },
  },
  {
    attempt: 'Client assertion of another type',
    sent: 'SAML',
    seen: json(400, 'invalid_request'),
    section: 'RFC 7521 §4.2',
    async ready(arena) {
      const { jwt } = arena.assertion();
      const type = 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer';
      return () => authenticate(arena, jwt, { client_assertion_type: type });
    },
  },
  {
    attempt: 'Another way to authenticate than the registered one',
    sent: 'a secret of a client that signs',
    seen: json(401, 'invalid_client'),
    section: 'RFC 7591 §2',
    ready: async (arena) => () => arena.post('/token', machineForm, 'signer'),
  },
  {
    attempt: 'Another way to authenticate than the registered one',
    sent: 'nothing but its id, of a confidential client',
    seen: json(401, 'invalid_client'),
    section: 'RFC 6749 §3.2.1',
    ready: async (arena) => () => arena.post('/token', { ...machineForm, client_id: 'machine' }, ''),
  },
  {
    attempt: 'Two ways to authenticate at once',
    sent: 'a secret in the header and an assertion',
    seen: json(400, 'invalid_request'),
    section: 'RFC 6749 §2.3',
    async ready(arena) {
      const { jwt } = arena.assertion();
      const form = { ...machineForm, client_assertion_type: bearer, client_assertion: jwt };
      return () => arena.post('/token', form, 'machine');
    },
  },
  {
    attempt: 'Credentials in the address',
    sent: 'id and secret in the query of the token endpoint',
    seen: json(400, 'invalid_request'),
    section: 'RFC 6749 §2.3.1',
    ready: async (arena) => () =>
      arena.post(
        '/token?client_id=machine&client_secret=secret-of-machine-0123456789abcdef0123456789',
        machineForm,
        '',
      ),
  },
  {
    attempt: 'Credentials in the address',
    sent: 'everything in the query of the token endpoint',
    seen: json(400, 'invalid_request'),
    section: 'RFC 6749 §3.2',
    ready: async (arena) => () => arena.post(`/token?${new URLSearchParams(machineForm)}`, '', 'machine'),
  },
  {
    attempt: 'Client assertion within the tolerance for clocks',
    sent: 'expired ten seconds ago',
    seen: fine(),
    section: 'RFC 7523 §3',
    written: 'as usual',
    async ready(arena) {
      const { jwt } = arena.assertion({ exp: arena.now() - 10 });
      return () => authenticate(arena, jwt);
    },
  },
  {
    attempt: 'Client assertion within the tolerance for clocks',
    sent: 'valid in ten seconds',
    seen: fine(),
    section: 'RFC 7523 §3',
    written: 'as usual',
    async ready(arena) {
      const { jwt } = arena.assertion({ iat: arena.now() + 10, nbf: arena.now() + 10 });
      return () => authenticate(arena, jwt);
    },
  },
];

/** Client authentication. */
export const assertions: Theme = { title: 'Client authentication', rows: [...saying, ...other] };
