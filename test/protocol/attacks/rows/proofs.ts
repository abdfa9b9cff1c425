/** Proofs of possession (DPoP) that prove nothing, and bound tokens in the wrong hands. */
import type { Arena, ProofChange } from '../arena.ts';
import { type Pair, pair } from '../forge.ts';
import { type Attack, challenge, fine, json, type Seen, type Theme } from '../table.ts';

const strange = pair('strange');
const rsa = pair('rsa', 'rsa');
const path = '/token';

/** What is wrong with a proof, and where RFC 9449 says so; `key` and `arena` belong to the right proof. */
type Fault = readonly [
  sent: string,
  section: string,
  change: (key: Pair, arena: Arena) => ProofChange,
  error?: string,
];

const privatePart = ({ privateKey }: Pair) => privateKey.export({ format: 'jwk' });

const faults: readonly Fault[] = [
  ['`htm` of another method', 'RFC 9449 §4.3', () => ({ claims: { htm: 'PUT' } })],
  ['`htm` in small letters', 'RFC 9449 §4.3', () => ({ claims: { htm: 'post' } })],
  ['no `htm`', 'RFC 9449 §4.3', () => ({ claims: { htm: undefined } })],
  ['`htu` of another host', 'RFC 9449 §4.3', () => ({ claims: { htu: `https://evil.example${path}` } })],
  ['`htu` of another endpoint', 'RFC 9449 §4.3', (_key, { url }) => ({ claims: { htu: `${url}/jwks` } })],
  ['`htu` that is a path', 'RFC 9449 §4.3', () => ({ claims: { htu: path } })],
  ['no `htu`', 'RFC 9449 §4.3', () => ({ claims: { htu: undefined } })],
  ['no `jti`', 'RFC 9449 §4.3', () => ({ claims: { jti: undefined } })],
  ['`jti` that is an operator', 'RFC 9449 §4.3', () => ({ claims: { jti: { $gt: '' } } })],
  ['no `iat`', 'RFC 9449 §4.3', () => ({ claims: { iat: undefined } })],
  ['`iat` that is text', 'RFC 9449 §4.3', () => ({ claims: { iat: 'now' } })],
  [
    '`iat` an hour ago',
    'RFC 9449 §8',
    (_key, { now }) => ({ claims: { iat: now() - 3600 } }),
    'use_dpop_nonce',
  ],
  [
    '`iat` in an hour',
    'RFC 9449 §8',
    (_key, { now }) => ({ claims: { iat: now() + 3600 } }),
    'use_dpop_nonce',
  ],
  ['a made-up nonce', 'RFC 9449 §8', () => ({ claims: { nonce: 'made-up' } }), 'use_dpop_nonce'],
  ['a nonce that is no text', 'RFC 9449 §8', () => ({ claims: { nonce: { $gt: '' } } })],
  ['another `typ`', 'RFC 9449 §4.3', () => ({ header: { typ: 'JWT' } })],
  ['no `typ`', 'RFC 9449 §4.3', () => ({ header: { typ: undefined } })],
  ['`alg: none`', 'RFC 9449 §4.3', () => ({ header: { alg: 'none' }, signer: undefined })],
  [
    'HS256 under the shown public key',
    'RFC 9449 §4.3',
    ({ publicKey }) => ({
      header: { alg: 'HS256' },
      signer: Buffer.from(publicKey.export({ format: 'pem', type: 'spki' })),
    }),
  ],
  [
    'HS256 under a shown shared key',
    'RFC 9449 §4.3',
    () => ({
      header: { alg: 'HS256', jwk: { kty: 'oct', k: 'c2VjcmV0' } },
      signer: Buffer.from('secret'),
    }),
  ],
  ['RS256 over an EC key', 'RFC 8725 §3.1', () => ({ header: { alg: 'RS256' }, signer: rsa.privateKey })],
  ['a signature of another key than it shows', 'RFC 9449 §4.3', () => ({ signer: strange.privateKey })],
  ['a private key in its header', 'RFC 9449 §4.3', (key) => ({ header: { jwk: privatePart(key) } })],
  ['no key', 'RFC 9449 §4.3', () => ({ header: { jwk: undefined } })],
  ['a key elsewhere', 'RFC 9449 §4.3', () => ({ header: { jwk: undefined, jku: 'https://evil.example/' } })],
  ['an unknown extension in `crit`', 'RFC 8725 §3.8', () => ({ header: { crit: ['x'], x: 1 } })],
];

const atToken: readonly Attack[] = faults.map(([sent, section, change, error = 'invalid_dpop_proof']) => ({
  attempt: 'DPoP proof at the token endpoint',
  sent,
  seen: json(400, error),
  section,
  async ready(arena) {
    const form = await arena.code();
    const dpop = arena.proof(arena.keys.holder, { path }, change(arena.keys.holder, arena));
    return () => arena.post(path, form, 'airline', { dpop });
  },
}));

/** Tokens of the airline bound to the holder's key. */
async function bound(arena: Arena) {
  const dpop = arena.proof(arena.keys.holder, { path });
  const { json: tokens } = await arena.post(path, await arena.code(), 'airline', { dpop });
  return { access: String(tokens.access_token), refresh: String(tokens.refresh_token) };
}

const use = { method: 'GET', path: '/userinfo' };

/** What is presented at userinfo in place of the bound token and its proof. */
type Presentation = readonly [
  sent: string,
  error: Seen,
  headers: (arena: Arena, token: string) => Record<string, string>,
  section?: string,
];

const dpopHeaders = (token: string, dpop: string) => ({ authorization: `DPoP ${token}`, dpop });

const presentations: readonly Presentation[] = [
  [
    'as Bearer',
    challenge('invalid_token'),
    (_arena, token) => ({ authorization: `Bearer ${token}` }),
    'RFC 9449 §7.2',
  ],
  [
    'as Bearer beside a right proof',
    challenge('invalid_request', 400),
    (arena, token) => ({
      authorization: `Bearer ${token}`,
      dpop: arena.proof(arena.keys.holder, { ...use, token }),
    }),
    'RFC 9449 §7.2',
  ],
  [
    'without a proof',
    challenge('invalid_request', 400),
    (_arena, token) => ({ authorization: `DPoP ${token}` }),
  ],
  [
    'with the proof of another key',
    challenge('invalid_token'),
    (arena, token) => dpopHeaders(token, arena.proof(arena.keys.thief, { ...use, token })),
  ],
  [
    'with a proof without `ath`',
    challenge('invalid_dpop_proof'),
    (arena, token) => dpopHeaders(token, arena.proof(arena.keys.holder, use)),
  ],
  [
    'with a proof for another token',
    challenge('invalid_dpop_proof'),
    (arena, token) => dpopHeaders(token, arena.proof(arena.keys.holder, { ...use, token: 'another' })),
  ],
  [
    'with a proof for the token endpoint',
    challenge('invalid_dpop_proof'),
    (arena, token) => dpopHeaders(token, arena.proof(arena.keys.holder, { path, token })),
  ],
  [
    'with two proofs in one header',
    challenge('invalid_dpop_proof'),
    (arena, token) => {
      const proof = () => arena.proof(arena.keys.holder, { ...use, token });
      return dpopHeaders(token, `${proof()}, ${proof()}`);
    },
    'RFC 9449 §4.3',
  ],
];

const stolen: readonly Attack[] = presentations.map(([sent, seen, headers, section = 'RFC 9449 §7.1']) => ({
  attempt: 'Bound access token at userinfo',
  sent,
  seen,
  section,
  written: sent === 'with the proof of another key' ? ('proof id' as const) : ('nothing' as const),
  async ready(arena) {
    const { access } = await bound(arena);
    const sentHeaders = headers(arena, access);
    return () => arena.get('/userinfo', sentHeaders);
  },
}));

const rest: readonly Attack[] = [
  {
    attempt: 'Unbound access token at userinfo',
    sent: 'as DPoP with a proof of the thief’s own key',
    seen: challenge('invalid_token'),
    section: 'RFC 9449 §7.1',
    written: 'proof id',
    async ready(arena) {
      const { access_token: token = '' } = await arena.tokens();
      const headers = dpopHeaders(token, arena.proof(arena.keys.thief, { ...use, token }));
      return () => arena.get('/userinfo', headers);
    },
  },
  {
    attempt: 'Replayed DPoP proof',
    sent: 'at the token endpoint, with another code',
    seen: json(400, 'invalid_dpop_proof'),
    section: 'RFC 9449 §11.1',
    async ready(arena) {
      const dpop = arena.proof(arena.keys.holder, { path });
      await arena.post(path, await arena.code(), 'airline', { dpop });
      const form = await arena.code();
      return () => arena.post(path, form, 'airline', { dpop });
    },
  },
  {
    attempt: 'Replayed DPoP proof',
    sent: 'at userinfo',
    seen: challenge('invalid_dpop_proof'),
    section: 'RFC 9449 §11.1',
    async ready(arena) {
      const { access: token } = await bound(arena);
      const headers = dpopHeaders(token, arena.proof(arena.keys.holder, { ...use, token }));
      await arena.get('/userinfo', headers);
      return () => arena.get('/userinfo', headers);
    },
  },
  {
    attempt: 'Replayed DPoP proof',
    sent: 'at the pushed authorization endpoint',
    seen: json(400, 'invalid_dpop_proof'),
    section: 'RFC 9449 §11.1',
    async ready(arena) {
      const dpop = arena.proof(arena.keys.holder, { path: '/authorize/par' });
      const push = async () => {
        const form = new URL((await arena.airline.begin()).url).search.slice(1);
        return arena.post('/authorize/par', form, 'airline', { dpop });
      };
      await push();
      return push;
    },
  },
  {
    attempt: 'Pushed request bound to one key',
    sent: '`dpop_jkt` of another key than the proof shows',
    seen: json(400, 'invalid_request'),
    section: 'RFC 9449 §10.1',
    written: 'proof id',
    async ready(arena) {
      const form = new URL((await arena.airline.begin({ dpop_jkt: 'A'.repeat(43) })).url).search.slice(1);
      const dpop = arena.proof(arena.keys.holder, { path: '/authorize/par' });
      return () => arena.post('/authorize/par', form, 'airline', { dpop });
    },
  },
  ...['with the proof of another key', 'without a proof'].map(
    (sent): Attack => ({
      attempt: 'Stolen refresh token of a public client, bound to a key',
      sent,
      seen: json(400, 'invalid_grant'),
      section: 'RFC 9449 §5',
      written: sent === 'without a proof' ? 'nothing' : 'proof id',
      async ready(arena) {
        const proof = (key: Pair) => ({ dpop: arena.proof(key, { path }) });
        const { refresh_token = '' } = await arena.appTokens(proof(arena.keys.holder));
        const form = { grant_type: 'refresh_token', client_id: 'app', refresh_token };
        const headers: Record<string, string> = sent.startsWith('with the') ? proof(arena.keys.thief) : {};
        return () => arena.post(path, form, '', headers);
      },
    }),
  ),
  {
    attempt: 'DPoP proof within the tolerance for clocks',
    sent: '`iat` ten seconds ahead',
    seen: fine(),
    section: 'RFC 9449 §11.1',
    written: 'as usual',
    async ready(arena) {
      const form = await arena.code();
      const dpop = arena.proof(arena.keys.holder, { path }, { claims: { iat: arena.now() + 10 } });
      return () => arena.post(path, form, 'airline', { dpop });
    },
  },
];

/** Proofs of possession. */
export const proofs: Theme = { title: 'Proofs of possession', rows: [...atToken, ...stolen, ...rest] };
