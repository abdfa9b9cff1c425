/** What a release changes of the protocol counts in every process, without a restart and without a failed request. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { freshDatabaseAddress } from '../../support/database.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { freePort } from '../../support/ports.ts';
import { publishLayers } from '../../support/publishing.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { type SecondProcess, startSecondProcess } from '../../support/second-process.ts';
import { type Answer, basic, post, postTo } from '../world.ts';

const resource = 'https://bookings.xenia.example/api';
const database = freshDatabaseAddress();
let issuer: TestIssuer;
let second: SecondProcess;

beforeAll(async () => {
  issuer = await startIssuer({ database, port: await freePort() });
  await issuer.client({
    id: 'machine',
    name: 'Machine',
    brand: 'aurora-air',
    firstParty: true,
    metadata: { grant_types: ['client_credentials'] },
  });
  await RelyingParty.register(issuer, { id: 'airline' });
  second = await startSecondProcess(issuer.url, database);
});

/** Asks until the answer is the wanted one; every answer on the way is one of the two. */
async function until(ask: () => Promise<Answer>, wanted: number, before: number): Promise<number> {
  for (let tries = 1; tries <= 500; tries += 1) {
    const { status } = await ask();
    if (status === wanted) return tries;
    expect(status).toBe(before);
  }
  throw new Error(`no answer ${wanted}`);
}

describe('a new API of the program', () => {
  const form = { grant_type: 'client_credentials', resource, scope: 'bookings:read' };
  const here = () => post(issuer, '/token', form, { as: 'machine' });
  const there = () => postTo(second, '/token', form, { authorization: basic('machine') });

  it('can be asked for at once here, and a moment later in the other process', async () => {
    expect((await here()).json.error).toBe('invalid_target');
    expect((await there()).json.error).toBe('invalid_target');
    const taken = until(there, 200, 400);
    await publishLayers(issuer, {
      program: { resources: [{ indicator: resource, scopes: ['bookings:read'] }] },
    });
    expect((await here()).json).toMatchObject({ scope: 'bookings:read', token_type: 'Bearer' });
    expect(await taken).toBeGreaterThan(0);
    await publishLayers(issuer, {});
    expect((await here()).json.error).toBe('invalid_target');
    await until(there, 400, 200);
  });
});

describe('a new scope of attributes', () => {
  const form = {
    client_id: 'airline',
    response_type: 'code',
    redirect_uri: 'https://airline.example/callback',
    scope: 'openid travel',
    code_challenge: 'x'.repeat(43),
    code_challenge_method: 'S256',
    claims: JSON.stringify({ userinfo: { seat: null } }),
  };
  const pushed = () => postTo(second, '/authorize/par', form, { authorization: basic('airline') });

  it('is known in the other process too, whose provider is built anew while it answers', async () => {
    // A brand's scope that is not this one's: the moment it exists, the site is told that it is not for it.
    expect((await pushed()).json).toHaveProperty('request_uri');
    const taken = until(pushed, 400, 201);
    await publishLayers(issuer, {
      'brands/greenleaf/brand': {
        attributes: {
          aisle: { type: 'text', class: 'trait', label: { en: 'Aisle' }, read: ['scope:travel'] },
        },
        claims: { travel: ['aisle'] },
        forms: {},
        profiling: {},
      },
    });
    await taken;
    expect((await pushed()).json.error).toBe('invalid_scope');
    await publishLayers(issuer, {});
    await until(pushed, 201, 400);
  });
});
