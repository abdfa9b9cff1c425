import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import { answer, ask, registerKiosk, settled } from '../../support/backchannel.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { pem } from '../../support/tls-proxy.ts';
import { newMember, type SignedIn } from '../world.ts';

interface Ping {
  path: string;
  token: string | undefined;
  body: unknown;
}

describe('telling a client that its request was answered', () => {
  const received: Ping[] = [];
  let status = 204;
  const server = createServer({ key: pem('server.key'), cert: pem('server.pem') }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({
        path: request.url ?? '',
        token: request.headers.authorization,
        body: JSON.parse(Buffer.concat(chunks).toString()),
      });
      response.writeHead(status, { location: 'https://localhost/elsewhere' }).end();
    });
  });
  let issuer: TestIssuer;
  let kiosk: RelyingParty;
  let inside: RelyingParty;
  let someone: SignedIn;

  beforeAll(async () => {
    setDefaultCACertificates([...getCACertificates('default'), pem('server.pem')]);
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const { port } = server.address() as AddressInfo;
    issuer = await startIssuer();
    const metadata = (path: string) => ({
      backchannel_token_delivery_mode: 'ping',
      backchannel_client_notification_endpoint: `https://localhost:${port}${path}`,
    });
    kiosk = await registerKiosk(issuer, { id: 'kiosk', metadata: metadata('/ping') });
    inside = await registerKiosk(issuer, {
      id: 'inside',
      metadata: {
        backchannel_token_delivery_mode: 'ping',
        backchannel_client_notification_endpoint: 'https://169.254.169.254/latest',
      },
    });
    const site = await RelyingParty.register(issuer, { id: 'airline' });
    someone = await newMember(issuer, site, 'una@example.com');
  });
  afterAll(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });

  const token = 'notify-me-8d6c1f52b7a94e30';
  const records = async () => issuer.db.main.collection('deliveries').find().sort({ createdAt: 1 }).toArray();

  async function asked(by = kiosk) {
    received.length = 0;
    status = 204;
    return ask(by, someone.email, { client_notification_token: token });
  }

  it.each(['allow', 'deny'] as const)(
    "posts the id of the request with the client's own token (%s)",
    async (decision) => {
      const request = await asked();
      await answer(issuer, someone.agent, decision);
      expect(received).toEqual([
        { path: '/ping', token: `Bearer ${token}`, body: { auth_req_id: request.auth_req_id } },
      ]);
      const polled = client.pollBackchannelAuthenticationGrant(kiosk.config, { ...request, interval: 0 });
      if (decision === 'allow') expect((await polled).claims()?.sub).toBe(someone.memberId);
      else await expect(polled).rejects.toMatchObject({ error: 'access_denied' });
      expect(issuer.logLines.join('')).not.toContain(token);
      expect(issuer.logLines.join('')).not.toContain(request.auth_req_id);
    },
  );

  it('tries again while the client is out of order, and gives the answer meanwhile', async () => {
    const request = await asked();
    status = 503;
    await answer(issuer, someone.agent, 'allow');
    expect(received).toHaveLength(1);
    expect((await records()).at(-1)).toMatchObject({ client: 'kiosk', state: 'due', status: 503 });
    status = 200;
    issuer.clock.advance(6_000);
    await settled(issuer);
    expect(received).toHaveLength(2);
    expect((await records()).at(-1)).toMatchObject({ state: 'delivered', attempts: 2 });
    const tokens = await client.pollBackchannelAuthenticationGrant(kiosk.config, { ...request, interval: 0 });
    expect(tokens.claims()?.sub).toBe(someone.memberId);
  });

  it('gives up where the client refuses, follows no redirect, and stops when the request was fetched', async () => {
    await asked();
    status = 403;
    await answer(issuer, someone.agent, 'deny');
    expect((await records()).at(-1)).toMatchObject({ state: 'refused', status: 403 });
    const request = await asked();
    status = 302;
    await answer(issuer, someone.agent, 'allow');
    expect(received.map(({ path }) => path)).toEqual(['/ping']);
    await client.pollBackchannelAuthenticationGrant(kiosk.config, { ...request, interval: 0 });
    issuer.clock.advance(6_000);
    await settled(issuer);
    expect(received).toHaveLength(1);
    expect((await records()).at(-1)).toMatchObject({ state: 'dropped', code: 'request_over' });
  });

  it('calls no address inside', async () => {
    await asked(inside);
    await answer(issuer, someone.agent, 'allow');
    expect((await records()).at(-1)).toMatchObject({ client: 'inside', state: 'due', code: 'address' });
  });

  it('needs a token of the client', async () => {
    await expect(ask(kiosk, someone.email)).rejects.toMatchObject({ error: 'invalid_request' });
    await expect(
      ask(kiosk, someone.email, { client_notification_token: 'not a token' }),
    ).rejects.toMatchObject({ error: 'invalid_request' });
  });
});
