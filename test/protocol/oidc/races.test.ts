/**
 * Two processes, one database, everything that may be used once: a hundred rounds of each race in a row, eight
 * requests at the same instant, half of them at the other process.
 */
import { request } from 'node:http';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { freshDatabaseAddress } from '../../support/database.ts';
import { answerDevice, ask, enterCode, pollForm, registerDevice } from '../../support/device.ts';
import { proofKey } from '../../support/dpop.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { freePort } from '../../support/ports.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { type SecondProcess, startSecondProcess } from '../../support/second-process.ts';
import { type Answer, basic, freshCode, newMember, post, postTo, type SignedIn } from '../world.ts';

const rounds = 100;
const minutes = 60_000;
const resource = 'https://points.xenia.example/api';
const keys = await generateKeyPair('ES256', { extractable: true });
const jwk = await exportJWK(keys.publicKey);

describe(`a hundred races in a row of two processes for`, () => {
  const database = freshDatabaseAddress();
  let issuer: TestIssuer;
  let second: SecondProcess;
  let site: RelyingParty;
  let someone: SignedIn;
  let id = 0;

  beforeAll(async () => {
    issuer = await startIssuer({ database, port: await freePort() });
    site = await RelyingParty.register(issuer, { id: 'airline' });
    const machine = { grant_types: ['client_credentials' as const], redirect_uris: [], scope: 'points:read' };
    await issuer.client({ id: 'machine', name: 'Machine', brand: 'aurora-air', metadata: machine });
    await issuer.client({
      id: 'signer',
      name: 'Signer',
      brand: 'aurora-air',
      metadata: {
        ...machine,
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [{ ...jwk, kty: 'EC', kid: 'signer' }] },
      },
    });
    someone = await newMember(issuer, site, 'una@example.com');
    second = await startSecondProcess(issuer.url, database);
  });

  const eight = <T>(here: () => Promise<T>, there: () => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: 8 }, (_, turn) => (turn % 2 === 0 ? here() : there())));

  const race = (form: Record<string, string>, headers: Record<string, string>): Promise<Answer[]> =>
    eight(
      () => post(issuer, '/token', form, { headers }),
      () => postTo(second, '/token', form, headers),
    );

  /** One wins; everybody else is told the one error, with the one status. */
  function expectOneWinner(answers: readonly Answer[], status: number, error: string): void {
    const won = answers.filter((answer) => answer.status === 200);
    expect(won).toHaveLength(1);
    for (const lost of answers.filter((answer) => answer.status !== 200)) {
      expect({ status: lost.status, error: lost.json.error }).toEqual({ status, error });
    }
  }

  it(
    'a code',
    async () => {
      for (let round = 0; round < rounds; round += 1) {
        const headers = { authorization: basic('airline') };
        expectOneWinner(await race(await freshCode(site, someone.agent), headers), 400, 'invalid_grant');
      }
    },
    4 * minutes,
  );

  it(
    'a refresh token',
    async () => {
      for (let round = 0; round < rounds; round += 1) {
        const headers = { authorization: basic('airline') };
        const { json } = await post(issuer, '/token', await freshCode(site, someone.agent), { headers });
        const form = { grant_type: 'refresh_token', refresh_token: String(json.refresh_token) };
        expectOneWinner(await race(form, headers), 400, 'invalid_grant');
      }
    },
    4 * minutes,
  );

  it(
    'a device code',
    async () => {
      const device = await registerDevice(issuer, { id: 'seatback' });
      for (let round = 0; round < rounds; round += 1) {
        const asked = await ask(device);
        const question = await enterCode(someone.agent, asked.user_code);
        await answerDevice(someone.agent, question, 'allow');
        expectOneWinner(await race(pollForm('seatback', asked), {}), 400, 'invalid_grant');
      }
    },
    4 * minutes,
  );

  it(
    'a client assertion',
    async () => {
      for (let round = 0; round < rounds; round += 1) {
        id += 1;
        const assertion = await new SignJWT({ jti: `assertion-${id}` })
          .setProtectedHeader({ alg: 'ES256', kid: 'signer' })
          .setIssuer('signer')
          .setSubject('signer')
          .setAudience(issuer.url)
          .setIssuedAt()
          .setExpirationTime('1m')
          .sign(keys.privateKey);
        const form = {
          grant_type: 'client_credentials',
          resource,
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: assertion,
        };
        expectOneWinner(await race(form, {}), 401, 'invalid_client');
      }
    },
    2 * minutes,
  );

  it(
    'a DPoP proof',
    async () => {
      const key = await proofKey(issuer.clock.now);
      for (let round = 0; round < rounds; round += 1) {
        const proof = await key.proof('POST', `${issuer.url}/token`);
        const headers = { authorization: basic('machine'), dpop: proof };
        const answers = await race({ grant_type: 'client_credentials', resource }, headers);
        expectOneWinner(answers, 400, 'invalid_dpop_proof');
      }
    },
    2 * minutes,
  );

  it(
    'a pushed authorization request',
    async () => {
      for (let round = 0; round < rounds; round += 1) {
        const begun = await site.begin({ prompt: 'none' });
        const pushed = await post(issuer, '/authorize/par', new URL(begun.url).search.slice(1), {
          as: 'airline',
        });
        const uri = String(pushed.json.request_uri);
        const path = `/authorize?${new URLSearchParams({ client_id: 'airline', request_uri: uri })}`;
        const cookie = someone.agent.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
        const places = await eight(
          () => locationOf(Number(new URL(issuer.url).port), issuer.url, path, cookie),
          () => locationOf(second.port, issuer.url, path, cookie),
        );
        expect(places.filter((place) => place.includes('code='))).toHaveLength(1);
      }
    },
    4 * minutes,
  );
});

/** Where an authorization request leads; a request that lost the race to save the session is led to itself again. */
async function locationOf(port: number, issuer: string, path: string, cookie: string): Promise<string> {
  for (let hop = 0; hop < 5; hop += 1) {
    const location = await locationOnce(port, issuer, path, cookie);
    if (location !== path) return location;
  }
  return '';
}

function locationOnce(port: number, issuer: string, path: string, cookie: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { host: new URL(issuer).host, cookie, accept: 'text/html' };
    const sent = request({ host: '127.0.0.1', port, path, headers }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.headers.location ?? ''));
    });
    sent.on('error', reject);
    sent.end();
  });
}
