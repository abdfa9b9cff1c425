/** Forged signatures: every way to forge at every place that takes a signed token. */
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import type { Arena } from '../arena.ts';
import { type Forgery, forgeries, parts, read, spoilings, type Target } from '../forge.ts';
import { points } from '../names.ts';
import {
  type Answered,
  type Attack,
  challenge,
  client,
  inactive,
  json,
  page,
  type Seen,
  type Theme,
} from '../table.ts';

/** A place that takes a signed token. */
interface Place {
  attempt: string;
  seen: Seen;
  /** Where what is no JWT at all has another answer. */
  malformed?: Seen;
  /** A right token of the kind, and the public key that proves it. */
  right(arena: Arena): Promise<Target & { jwt: string }>;
  present(arena: Arena, jwt: string): Promise<Answered>;
}

const bearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** A token that the issuer has signed, with its key of the published set. */
async function issued(arena: Arena, jwt: string): Promise<Target & { jwt: string }> {
  const { header, payload } = parts(jwt);
  const kid = read(header).kid;
  const set = JSON.parse((await arena.get('/jwks')).text) as { keys: (JsonWebKey & { kid: string })[] };
  const jwk = set.keys.find((key) => key.kid === kid);
  const other = set.keys.find((key) => key.kid !== kid);
  if (!jwk || !other) throw new Error('the published keys are not there');
  return {
    jwt,
    header: read(header),
    payload: read(payload),
    publicKey: createPublicKey({ key: jwk, format: 'jwk' }),
    otherKid: other.kid,
  };
}

const places: readonly Place[] = [
  {
    attempt: 'Forged client assertion',
    seen: json(401, 'invalid_client'),
    malformed: json(400, 'invalid_request'),
    right: async ({ assertion, keys }) => ({
      ...assertion(),
      publicKey: keys.signer.publicKey,
      otherKid: keys.other.kid,
    }),
    present: ({ post }, client_assertion) =>
      post(
        '/token',
        { grant_type: 'client_credentials', client_assertion_type: bearer, client_assertion },
        '',
      ),
  },
  {
    attempt: 'Forged request object',
    seen: client('invalid_request_object'),
    right: async ({ requestObject, keys }) => ({
      ...(await requestObject()),
      publicKey: keys.shop.publicKey,
      otherKid: keys.other.kid,
    }),
    present: ({ authorize }, request) =>
      authorize({ client_id: 'shop', redirect_uri: 'https://shop.example/callback', request }),
  },
  {
    attempt: 'Forged request object in a pushed request',
    seen: json(400, 'invalid_request_object'),
    right: async ({ requestObject, keys }) => ({
      ...(await requestObject()),
      publicKey: keys.shop.publicKey,
      otherKid: keys.other.kid,
    }),
    present: ({ post }, request) => post('/authorize/par', { client_id: 'shop', request }, 'shop'),
  },
  {
    attempt: 'Forged id_token_hint of an authorization request',
    seen: client('invalid_request'),
    right: async (arena) => issued(arena, (await arena.tokens()).id_token ?? ''),
    present: ({ authorize }, id_token_hint) => authorize({ id_token_hint }),
  },
  {
    attempt: 'Forged id_token_hint of a sign-out',
    seen: page(),
    right: async (arena) => issued(arena, (await arena.tokens()).id_token ?? ''),
    present: ({ member }, id_token_hint) =>
      member.agent.request(`/sign-out?${new URLSearchParams({ id_token_hint })}`),
  },
  {
    attempt: 'Forged JWT access token at userinfo',
    seen: challenge('invalid_token'),
    right: apiToken,
    present: ({ get }, jwt) => get('/userinfo', { authorization: `Bearer ${jwt}` }),
  },
  {
    attempt: 'Forged JWT access token at introspection',
    seen: inactive,
    right: apiToken,
    present: ({ post }, token) => post('/token/introspection', { token }, 'api'),
  },
];

async function apiToken(arena: Arena) {
  const form = { grant_type: 'client_credentials', resource: points, scope: 'points:read' };
  const { json: tokens } = await arena.post('/token', form, 'machine');
  return issued(arena, String(tokens.access_token));
}

const row = (
  place: Place,
  { sent, section }: Pick<Forgery, 'sent' | 'section'>,
  make: (right: Target & { jwt: string }) => string,
): Attack => ({
  attempt: place.attempt,
  sent,
  seen: place.seen,
  section,
  async ready(arena) {
    const jwt = make(await place.right(arena));
    return () => place.present(arena, jwt);
  },
});

/** Forged signatures. */
export const forged: Theme = {
  title: 'Forged signatures',
  rows: places.flatMap((place) => [
    ...forgeries.map((forgery) => row(place, forgery, forgery.make)),
    ...spoilings.map((spoiling) => {
      const { seen, malformed = seen } = place;
      const at = { ...place, seen: spoiling.malformed ? malformed : seen };
      return row(at, spoiling, ({ jwt }) => spoiling.spoil(jwt));
    }),
  ]),
};
