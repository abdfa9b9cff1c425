/** Stolen, guessed and replayed codes; PKCE and its downgrades. */
import type { Arena, Form } from '../arena.ts';
import { challengeOf, flip, jkt } from '../forge.ts';
import { type Attack, client, fine, json, type Seen, type Theme } from '../table.ts';

const wrongVerifier = 'b'.repeat(43);

/** A fresh code of the airline, presented with changes; `undefined` takes a parameter away. */
const redeem =
  (
    changed: Record<string, string | undefined> | ((form: Form) => Record<string, string | undefined>),
    as = 'airline',
  ) =>
  async (arena: Arena) => {
    const form = await arena.code();
    const merged = { ...form, ...(typeof changed === 'function' ? changed(form) : changed) };
    const sent = Object.fromEntries(
      Object.entries(merged).filter((pair): pair is [string, string] => pair[1] !== undefined),
    );
    return () => arena.post('/token', sent, as);
  };

const stolen: readonly Attack[] = [
  {
    attempt: 'Stolen code',
    sent: 'by another client with the right verifier',
    seen: json(400, 'invalid_grant'),
    section: 'RFC 6749 §5.2',
    ready: redeem({}, 'grocery'),
  },
  {
    attempt: 'Stolen code',
    sent: 'by a public client that just names itself',
    seen: json(400, 'invalid_grant'),
    section: 'RFC 6749 §5.2',
    ready: redeem({ client_id: 'app' }, ''),
  },
  {
    attempt: 'Stolen code',
    sent: 'under the id of its owner, without its secret',
    seen: json(401, 'invalid_client'),
    section: 'RFC 6749 §3.2.1',
    ready: redeem({ client_id: 'airline' }, ''),
  },
  {
    attempt: 'Stolen code',
    sent: 'as another client, naming its owner beside',
    seen: json(400, 'invalid_request'),
    section: 'RFC 6749 §2.3',
    ready: redeem({ client_id: 'airline' }, 'grocery'),
  },
  {
    attempt: 'Stolen code',
    sent: 'by another client after its owner has used it: no reason to end what the owner has',
    seen: json(400, 'invalid_grant'),
    section: 'RFC 6749 §5.2',
    async ready(arena) {
      const form = await arena.code();
      await arena.post('/token', form);
      return () => arena.post('/token', form, 'grocery');
    },
  },
  {
    attempt: 'Replayed code',
    sent: 'once more, by its own client',
    seen: json(400, 'invalid_grant'),
    section: 'RFC 6749 §4.1.2',
    written: 'family ends',
    async ready(arena) {
      const form = await arena.code();
      await arena.post('/token', form);
      return () => arena.post('/token', form);
    },
  },
  {
    attempt: 'Replayed code',
    sent: 'once more, with another verifier: whoever lacks it proves nothing and ends nothing',
    seen: json(400, 'invalid_grant'),
    section: 'RFC 7636 §4.6',
    async ready(arena) {
      const form = await arena.code();
      await arena.post('/token', form);
      return () => arena.post('/token', { ...form, code_verifier: wrongVerifier });
    },
  },
];

const guesses: readonly [string, (code: string) => string][] = [
  ['without its last letter', (code) => code.slice(0, -1)],
  ['without its first letter', (code) => code.slice(1)],
  ['the first half', (code) => code.slice(0, code.length / 2)],
  ['with a letter more', (code) => `${code}A`],
  ['with one letter changed at its start', (code) => flip(code, 0)],
  ['with one letter changed in the middle', (code) => flip(code, 20)],
  ['with one letter changed at its end', (code) => flip(code, code.length - 1)],
  ['in capitals', (code) => code.toUpperCase()],
  ['with a NUL byte behind it', (code) => `${code}\u0000`],
  ['with a space behind it', (code) => `${code} `],
  ['twice in one', (code) => `${code}${code}`],
  ['an operator instead', () => '{"$gt":""}'],
  ['an expression instead', () => '.*'],
  ['a name of prototypes instead', () => '__proto__'],
];

const guessed: readonly Attack[] = guesses.map(([sent, change]) => ({
  attempt: 'Guessed code',
  sent,
  seen: json(400, 'invalid_grant'),
  section: 'RFC 6749 §5.2',
  ready: redeem(({ code = '' }) => ({ code: change(code) })),
}));

const addresses: readonly [string, string | undefined, Seen][] = [
  ['another registered one', 'https://airline.example/second', json(400, 'invalid_grant')],
  ['a slash more', 'https://airline.example/callback/', json(400, 'invalid_grant')],
  ['another case', 'https://AIRLINE.example/callback', json(400, 'invalid_grant')],
  ['the attacker’s', 'https://evil.example/', json(400, 'invalid_grant')],
  ['none', undefined, json(400, 'invalid_request')],
];

const verifiers: readonly [string, string | undefined, string?][] = [
  ['another one', wrongVerifier],
  ['none', undefined],
  ['an empty one', ''],
  ['one of 42 letters', 'b'.repeat(42), 'invalid_request'],
  ['one of 129 letters', 'b'.repeat(129), 'invalid_request'],
  ['one with letters that none has', '%'.repeat(43), 'invalid_request'],
];

/** Every way in which client, address, verifier and key can be wrong together (RFC 9449 section 10). */
const matrix: readonly Attack[] = Array.from({ length: 16 }, (_, bits): Attack => {
  const wrong = ['client', 'redirect_uri', 'code_verifier', 'key'].filter((_name, at) => bits & (1 << at));
  return {
    attempt: 'Code bound to client, address, verifier and key',
    sent: wrong.length === 0 ? 'all right' : `wrong ${wrong.join(', ')}`,
    seen: wrong.length === 0 ? fine() : json(400, 'invalid_grant'),
    section: 'RFC 9449 §10',
    written: wrong.length === 0 ? 'as usual' : wrong.join() === 'key' ? 'proof id' : 'nothing',
    async ready(arena: Arena) {
      const form = await arena.code({ dpop_jkt: jkt(arena.keys.holder) });
      const key = arena.keys[wrong.includes('key') ? 'thief' : 'holder'];
      const sent = {
        ...form,
        ...(wrong.includes('redirect_uri') && { redirect_uri: 'https://airline.example/second' }),
        ...(wrong.includes('code_verifier') && { code_verifier: wrongVerifier }),
      };
      const headers = { dpop: arena.proof(key, { path: '/token' }) };
      return () => arena.post('/token', sent, wrong.includes('client') ? 'grocery' : 'airline', headers);
    },
  };
});

const bindings: readonly Attack[] = [
  ...addresses.map(([sent, redirect_uri, seen]) => ({
    attempt: 'Code with another redirect_uri than it was issued to',
    sent,
    seen,
    section: 'RFC 6749 §4.1.3',
    ready: redeem({ redirect_uri }),
  })),
  ...verifiers.map(([sent, code_verifier, error = 'invalid_grant']) => ({
    attempt: 'Code with a verifier that does not match',
    sent,
    seen: json(400, error),
    section: 'RFC 7636 §4.6',
    ready: redeem({ code_verifier }),
  })),
  {
    attempt: 'Code with a verifier that does not match',
    sent: 'the challenge itself',
    seen: json(400, 'invalid_grant'),
    section: 'RFC 7636 §4.6',
    ready: redeem(({ code_verifier = '' }) => ({ code_verifier: challengeOf(code_verifier) })),
  },
  {
    attempt: 'Code as something else',
    sent: 'as a refresh token',
    seen: json(400, 'invalid_grant'),
    section: 'RFC 6749 §5.2',
    ready: redeem(({ code = '' }) => ({ grant_type: 'refresh_token', refresh_token: code, code: undefined })),
  },
  {
    attempt: 'Code as something else',
    sent: 'a refresh token as a code',
    seen: json(400, 'invalid_grant'),
    section: 'RFC 6749 §5.2',
    async ready(arena) {
      const { refresh_token: code = '' } = await arena.tokens();
      const form = await arena.code();
      return () => arena.post('/token', { ...form, code });
    },
  },
];

const challenges: readonly [string, Record<string, string | undefined>, Seen][] = [
  [
    'neither challenge nor method',
    { code_challenge: undefined, code_challenge_method: undefined },
    client('invalid_request'),
  ],
  ['a method without a challenge', { code_challenge: undefined }, client('invalid_request')],
  [
    'a challenge without a method, which means plain',
    { code_challenge_method: undefined },
    client('invalid_request'),
  ],
  ['`plain`', { code_challenge_method: 'plain' }, client('invalid_request')],
  ['`PLAIN`', { code_challenge_method: 'PLAIN' }, client('invalid_request')],
  ['`s256`', { code_challenge_method: 's256' }, client('invalid_request')],
  ['`S512`', { code_challenge_method: 'S512' }, client('invalid_request')],
  ['a challenge of 42 letters', { code_challenge: 'a'.repeat(42) }, client('invalid_request')],
  ['a challenge with letters that none has', { code_challenge: '+'.repeat(43) }, client('invalid_request')],
  ['an empty challenge', { code_challenge: '' }, client('invalid_request')],
];

const downgrades: readonly Attack[] = [
  ...challenges.map(([sent, changed, seen]) => ({
    attempt: 'PKCE downgrade at the authorization endpoint',
    sent,
    seen,
    section: 'RFC 7636 §4.4.1',
    ready: async (arena: Arena) => () => arena.authorize(changed),
  })),
  ...challenges.map(([sent, changed]) => ({
    attempt: 'PKCE downgrade in a pushed request',
    sent,
    seen: json(400, 'invalid_request'),
    section: 'RFC 9126 §2.3',
    async ready(arena: Arena) {
      const form = new URL((await arena.airline.begin()).url).searchParams;
      for (const [name, value] of Object.entries(changed))
        if (value === undefined) form.delete(name);
        else form.set(name, value);
      return () => arena.post('/authorize/par', form.toString());
    },
  })),
  {
    attempt: 'PKCE downgrade by a native app’s request',
    sent: 'no challenge',
    seen: client('invalid_request'),
    section: 'RFC 8252 §8.1',
    ready: async (arena) => () =>
      arena.authorize({
        client_id: 'app',
        redirect_uri: 'com.example.app:/callback',
        code_challenge: undefined,
        code_challenge_method: undefined,
      }),
  },
  {
    attempt: 'PKCE downgrade for a client that may leave it out',
    sent: 'a verifier for a code without a challenge',
    seen: json(400, 'invalid_grant'),
    section: 'RFC 9700 §2.1.1',
    async ready(arena) {
      const back = await arena.authorize({
        client_id: 'old',
        redirect_uri: 'https://old.example/callback',
        code_challenge: undefined,
        code_challenge_method: undefined,
      });
      const code = new URL(back.headers.get('location') ?? '').searchParams.get('code') ?? '';
      const form = { grant_type: 'authorization_code', code, redirect_uri: 'https://old.example/callback' };
      return () => arena.post('/token', { ...form, code_verifier: wrongVerifier }, 'old');
    },
  },
  {
    attempt: 'PKCE downgrade for a client that may leave it out',
    sent: 'no verifier for a code with a challenge',
    seen: json(400, 'invalid_grant'),
    section: 'RFC 7636 §4.6',
    async ready(arena) {
      const back = await arena.authorize({ client_id: 'old', redirect_uri: 'https://old.example/callback' });
      const code = new URL(back.headers.get('location') ?? '').searchParams.get('code') ?? '';
      const form = { grant_type: 'authorization_code', code, redirect_uri: 'https://old.example/callback' };
      return () => arena.post('/token', form, 'old');
    },
  },
  {
    attempt: 'PKCE downgrade for a client that may leave it out',
    sent: 'neither challenge nor nonce',
    seen: client('invalid_request'),
    section: 'RFC 9700 §2.1.1',
    ready: async (arena) => () =>
      arena.authorize({
        client_id: 'old',
        redirect_uri: 'https://old.example/callback',
        code_challenge: undefined,
        code_challenge_method: undefined,
        nonce: undefined,
      }),
  },
];

/** Codes. */
export const codes: Theme = {
  title: 'Codes and PKCE',
  rows: [...stolen, ...guessed, ...bindings, ...matrix, ...downgrades],
};
