import { beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import { freshDatabaseAddress } from '../../support/database.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { type SecondProcess, startSecondProcess } from '../../support/second-process.ts';
import { invite, management, registerClient, send } from '../registering.ts';
import { newMember, opensUserinfo, post, postTo } from '../world.ts';

const machine = { redirect_uris: undefined, grant_types: ['client_credentials'] };

describe('a registered client', () => {
  const database = freshDatabaseAddress();
  let issuer: TestIssuer;
  let other: SecondProcess;

  beforeAll(async () => {
    issuer = await startIssuer({ database });
    other = await startSecondProcess(issuer.url, database);
  });

  async function registered(body: Record<string, unknown> = {}, draft: Parameters<typeof invite>[1] = {}) {
    const answer = await registerClient(issuer, (await invite(issuer, draft)).token, body);
    return {
      id: String(answer.json.client_id),
      secret: String(answer.json.client_secret),
      ...management(answer),
    };
  }

  const tokenOf = (who: { port: number; issuer: string }, id: string, secret: string) =>
    postTo(who, '/token', { grant_type: 'client_credentials', client_id: id, client_secret: secret });
  const here = () => ({ port: issuer.port, issuer: issuer.url });

  it('is live in every process, and ends in every process', async () => {
    const client = await registered(
      { ...machine, token_endpoint_auth_method: 'client_secret_post' },
      { grants: ['client_credentials'] },
    );
    for (const process of [here(), other])
      expect((await tokenOf(process, client.id, client.secret)).status).toBe(200);
    expect((await send(client.url, { token: client.token, method: 'DELETE' })).status).toBe(204);
    await expect(
      eventually(async () => (await tokenOf(other, client.id, client.secret)).status === 401),
    ).resolves.toBe(true);
    expect((await tokenOf(here(), client.id, client.secret)).status).toBe(401);
    expect((await send(client.url, { token: client.token })).status).toBe(401);
    await expect(issuer.issuer.core.clients.enable(client.id, systemVisit('test'))).rejects.toMatchObject({
      code: 'client.ended',
    });
    const stored = await issuer.issuer.core.clients.get(client.id);
    expect(stored?.secrets).toEqual([]);
  });

  it('replaces itself whole, keeps its secret, and gets a new access token each time', async () => {
    const client = await registered({
      contacts: ['ops@partner.example'],
      client_uri: 'https://partner.example',
    });
    const changed = await send(client.url, {
      token: client.token,
      method: 'PUT',
      body: {
        client_id: client.id,
        client_secret: client.secret,
        client_name: 'Renamed',
        redirect_uris: ['https://partner.example/second'],
        contacts: null,
      },
    });
    expect(changed.status).toBe(200);
    expect(changed.json).toMatchObject({
      client_id: client.id,
      client_name: 'Renamed',
      redirect_uris: ['https://partner.example/second'],
    });
    for (const name of ['contacts', 'client_uri', 'client_secret'])
      expect(changed.json).not.toHaveProperty(name);
    expect(JSON.stringify(changed.json)).not.toMatch(/symbolon/);
    const next = management(changed).token;
    expect(next).not.toBe(client.token);
    expect((await send(client.url, { token: client.token })).status).toBe(401);
    expect((await send(client.url, { token: next })).status).toBe(200);
    const record = await issuer.issuer.core.clients.get(client.id);
    expect(record && issuer.issuer.core.clients.verifySecret(record, client.secret)).toBe(true);
    const events = issuer.db.main.collection('events');
    expect(await events.countDocuments({ 'data.client': client.id, type: 'client.changed' })).toBe(1);
  });

  it('moves to a key of its own and back, and is shown the new secret once', async () => {
    const client = await registered();
    const { publicKey } = await generateKeyPair('ES256');
    const common = { client_id: client.id, redirect_uris: ['https://partner.example/callback'] };
    const keyed = await send(client.url, {
      token: client.token,
      method: 'PUT',
      body: {
        ...common,
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [await exportJWK(publicKey)] },
      },
    });
    expect(keyed.status).toBe(200);
    expect((await issuer.issuer.core.clients.get(client.id))?.secrets).toEqual([]);
    const back = await send(client.url, { token: management(keyed).token, method: 'PUT', body: common });
    expect(back.json).toMatchObject({
      client_secret: expect.stringMatching(/^[\w-]{43}$/),
      client_secret_expires_at: 0,
      token_endpoint_auth_method: 'client_secret_basic',
    });
    const record = await issuer.issuer.core.clients.get(client.id);
    const { verifySecret } = issuer.issuer.core.clients;
    expect(record && verifySecret(record, String(back.json.client_secret))).toBe(true);
    expect(record && verifySecret(record, client.secret)).toBe(false);
  });

  it.each([
    ['a secret that is not its own', { client_secret: 'x'.repeat(43) }],
    ['the client id of somebody else', { client_id: 'airline' }],
    ['a registration access token', { registration_access_token: 'x' }],
    ['the address of its registration', { registration_client_uri: 'https://elsewhere.example' }],
    ['a time of issue', { client_id_issued_at: 1 }],
    ['an expiry of its secret', { client_secret_expires_at: 0 }],
  ])('cannot send %s along with a change', async (_what, extra) => {
    const client = await registered();
    const body = { client_id: client.id, redirect_uris: ['https://partner.example/new'], ...extra };
    const refused = await send(client.url, { token: client.token, method: 'PUT', body });
    expect(refused.status).toBe(400);
    expect(refused.json.error).toBe('invalid_request');
    const record = await issuer.issuer.core.clients.get(client.id);
    expect(record?.metadata.redirect_uris).toEqual(['https://partner.example/callback']);
  });

  it('cannot use the hash of its secret as its secret', async () => {
    const client = await registered();
    const hash = (await issuer.issuer.core.clients.get(client.id))?.secrets[0]?.hash ?? '';
    const answer = await post(issuer, '/token', {
      grant_type: 'client_credentials',
      client_id: client.id,
      client_secret: hash,
    });
    expect(answer.status).toBe(401);
  });

  it('is not managed with the token of another client', async () => {
    const first = await registered();
    const second = await registered();
    for (const method of ['GET', 'DELETE'])
      expect((await send(second.url, { token: first.token, method })).status).toBe(401);
    expect((await send(second.url, { token: second.token })).status).toBe(200);
  });

  it('cannot manage itself while it is disabled, and can again afterwards', async () => {
    const client = await registered();
    const { clients } = issuer.issuer.core;
    await clients.disable(client.id, systemVisit('test'));
    await eventually(async () => (await send(client.url, { token: client.token })).status === 401);
    const body = { client_id: client.id, redirect_uris: ['https://partner.example/new'] };
    expect((await send(client.url, { token: client.token, method: 'PUT', body })).status).toBe(401);
    expect((await send(client.url, { token: client.token, method: 'DELETE' })).status).toBe(401);
    await clients.enable(client.id, systemVisit('test'));
    await expect(
      eventually(async () => (await send(client.url, { token: client.token })).status === 200),
    ).resolves.toBe(true);
  });

  it('takes what was issued to it along when it ends', async () => {
    const site = await RelyingParty.register(issuer, { id: 'airline' });
    const member = await newMember(issuer, site, 'gone@example.com');
    const token = member.tokens.access_token;
    expect(await opensUserinfo(issuer, token)).toBe(true);
    await issuer.issuer.core.registrations.end('airline', systemVisit('test'));
    await issuer.issuer.outbox.run();
    await issuer.issuer.outbox.idle();
    const artefacts = issuer.db.main.collection('artefacts');
    expect(
      await artefacts.countDocuments({ client: 'airline', kind: 'Grant', gone: { $exists: false } }),
    ).toBe(0);
    expect(
      await artefacts.countDocuments({ client: 'airline', kind: 'AccessToken', gone: { $exists: false } }),
    ).toBe(0);
    expect(await opensUserinfo(issuer, token)).toBe(false);
    const events = issuer.db.main.collection('events');
    expect(await events.countDocuments({ type: 'client.deleted', 'data.client': 'airline' })).toBe(1);
  });

  it('gets one answer of two changes at the same instant', async () => {
    const client = await registered();
    const change = (name: string) =>
      send(client.url, {
        token: client.token,
        method: 'PUT',
        body: {
          client_id: client.id,
          client_name: name,
          redirect_uris: ['https://partner.example/callback'],
        },
      });
    const answers = await Promise.all([change('One'), change('Two'), change('Three')]);
    const good = answers.filter(({ status }) => status === 200);
    expect(good).toHaveLength(1);
    for (const { status } of answers) expect([200, 400, 401]).toContain(status);
  });
});

/** Asks until it is so; what one process changes reaches another by the change stream, which takes a moment. */
async function eventually(isSo: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < 200; tries += 1) if (await isSo()) return true;
  return false;
}
