import { beforeAll, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import { freshDatabaseAddress } from '../../support/database.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { freePort } from '../../support/ports.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { type SecondProcess, startSecondProcess } from '../../support/second-process.ts';
import { type Answer, basic, newMember, post, postTo } from '../world.ts';

/** Requests of one stream; streams run at the same time, against both processes. */
const count = 40;

describe('two processes that answer while keys rotate and clients change', () => {
  const database = freshDatabaseAddress();
  let issuer: TestIssuer;
  let second: SecondProcess;
  const renewals: string[] = [];

  beforeAll(async () => {
    issuer = await startIssuer({ database, port: await freePort() });
    const site = await RelyingParty.register(issuer, { id: 'airline' });
    for (const name of ['una', 'duo']) {
      const { tokens } = await newMember(issuer, site, `${name}@example.com`);
      renewals.push(tokens.refresh_token ?? '');
    }
    second = await startSecondProcess(issuer.url, database);
  });

  const here = (form: Record<string, string>) => post(issuer, '/token', form, { as: 'airline' });
  const there = (form: Record<string, string>) =>
    postTo(second, '/token', form, { authorization: basic('airline') });

  /** Renews tokens one after the other; each answer is a success, and its ID token verifies with the keys of now. */
  async function stream(ask: (form: Record<string, string>) => Promise<Answer>, first: string) {
    const answers: { status: number; verified: boolean }[] = [];
    let renewal = first;
    for (let done = 0; done < count; done += 1) {
      const { status, json } = await ask({ grant_type: 'refresh_token', refresh_token: renewal });
      const jwks = (await (await fetch(`${issuer.url}/jwks`)).json()) as JSONWebKeySet;
      const verified = await jwtVerify(String(json.id_token), createLocalJWKSet(jwks), {
        issuer: issuer.url,
        audience: 'airline',
      }).then(
        () => true,
        () => false,
      );
      answers.push({ status, verified });
      renewal = String(json.refresh_token);
    }
    return answers;
  }

  async function unrest(): Promise<void> {
    const { keys, clients } = issuer.issuer.core;
    for (let round = 0; round < 6; round += 1) {
      for (const use of ['ES256', 'cookie', 'artefacts', 'csrf', 'dpop', 'outbox'] as const)
        await keys.rotate(use);
      await clients.update('airline', { name: `Airline ${round}` }, systemVisit('test'));
    }
  }

  it('refuses nobody and signs nothing that cannot be verified', async () => {
    const [first = '', other = ''] = renewals;
    const [left, right] = await Promise.all([stream(here, first), stream(there, other), unrest()]);
    const good = Array.from({ length: count }, () => ({ status: 200, verified: true }));
    expect(left).toEqual(good);
    expect(right).toEqual(good);
    const { keys } = issuer.issuer.core;
    expect(keys.list().find(({ use, state }) => use === 'ES256' && state === 'current')?.id).toBe('ES256-7');
  });
});
