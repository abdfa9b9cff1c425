import { readdir } from 'node:fs/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { DemoWorld } from '../../examples/demo-world.ts';
import { demoClients, machineClientId, nativeClientId, startDemoWorld } from '../../examples/demo-world.ts';
import { upstreamEndpoints } from '../../examples/upstream/server.ts';
import { clientInput } from '../../src/business/clients/client-input.ts';

const freePorts = { airline: 0, grocery: 0, fuel: 0, drinks: 0, partner: 0, upstream: 0 };
const secrets = Object.fromEntries(demoClients().map(({ id }) => [id, 'secret']));
const upstream = {
  googleClient: { clientId: 'g', clientSecret: 'gs' },
  facebookApp: { clientId: 'f', clientSecret: 'fs' },
};
// Port 9 (discard) is never listened on here: an issuer that is not up.
const issuer = 'http://localhost:9';

let world: DemoWorld | undefined;
afterEach(async () => {
  await world?.stop();
  world = undefined;
});

function loopback(url: string, path: string): string {
  return `http://127.0.0.1:${new URL(url).port}${path}`;
}

describe('the demo world', () => {
  it('starts five sites and the upstream on host names of their own, before the issuer is up', async () => {
    world = await startDemoWorld({ issuer, secrets, ports: freePorts, upstream });
    const hosts = [
      ...world.sites.map(({ url }) => new URL(url).hostname),
      new URL(world.upstream?.url ?? '').hostname,
    ];
    expect(hosts).toEqual([
      'airline.localhost',
      'grocery.localhost',
      'fuel.localhost',
      'drinks.localhost',
      'partner.localhost',
      'social.localhost',
    ]);
    for (const { url, name } of world.sites) {
      const answer = await fetch(loopback(url, '/'));
      const text = await answer.text();
      expect(answer.status).toBe(200);
      expect(text).toContain(name);
      expect(text).not.toContain('<script');
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    }
  });

  it('says in words that the issuer does not answer, and offers a way back', async () => {
    world = await startDemoWorld({ issuer, secrets, ports: freePorts });
    const answer = await fetch(loopback(world.sites[0]?.url ?? '', '/login'));
    const text = await answer.text();
    expect(answer.status).toBe(503);
    expect(text).toContain('The program does not answer');
    expect(text).toContain('href="/"');
  });

  it('leaves nothing running when one part cannot start', async () => {
    world = await startDemoWorld({ issuer, secrets, ports: freePorts });
    const taken = Number(new URL(world.sites[0]?.url ?? '').port);
    await expect(
      startDemoWorld({ issuer, secrets, ports: { ...freePorts, partner: taken } }),
    ).rejects.toThrow('EADDRINUSE');
  });

  it('refuses to start without a secret', async () => {
    await expect(startDemoWorld({ issuer, secrets: {}, ports: freePorts })).rejects.toThrow('aurora-air');
  });

  it('stops, so that its ports are free again', async () => {
    const first = await startDemoWorld({ issuer, secrets, ports: freePorts, upstream });
    const port = Number(new URL(first.sites[0]?.url ?? '').port);
    await first.stop();
    world = await startDemoWorld({ issuer, secrets, ports: { ...freePorts, airline: port } });
    expect(new URL(world.sites[0]?.url ?? '').port).toBe(String(port));
  });
});

describe("the demo's clients", () => {
  const clients = demoClients();
  const find = (id: string) => clients.find((client) => client.id === id);

  it('are five sites, a native app, a device and a machine, each with an id of its own', () => {
    expect(new Set(clients.map(({ id }) => id)).size).toBe(8);
    expect(clients.filter(({ firstParty }) => !firstParty).map(({ id }) => id)).toEqual(['harbour-hotels']);
  });

  it.each(clients)('$id keeps every rule for clients', (client) => {
    expect(clientInput.safeParse(client).error?.issues ?? []).toEqual([]);
  });

  it('belong to brands that the configuration has', async () => {
    const brands = await readdir('config/brands');
    expect(clients.filter(({ brand }) => !brands.includes(brand))).toEqual([]);
  });

  it('speak to browsers by host name and to servers by loopback address', () => {
    expect(find('aurora-air')?.metadata).toMatchObject({
      redirect_uris: ['http://airline.localhost:4001/callback'],
      post_logout_redirect_uris: ['http://airline.localhost:4001/signed-out'],
      backchannel_logout_uri: 'http://127.0.0.1:4001/backchannel-logout',
      initiate_login_uri: 'http://airline.localhost:4001/start-login',
    });
  });

  it('hold the partner outside: another subject, and consent', () => {
    expect(find('harbour-hotels')).toMatchObject({
      firstParty: false,
      metadata: { subject_type: 'pairwise' },
    });
  });

  it('give the native app no secret and the machine no redirect', () => {
    expect(find(nativeClientId)?.metadata).toMatchObject({
      token_endpoint_auth_method: 'none',
      redirect_uris: ['http://127.0.0.1/callback'],
    });
    expect(find(machineClientId)?.metadata).not.toHaveProperty('redirect_uris');
  });
});

describe('the local upstream', () => {
  it('is where it was said to be before it started', async () => {
    world = await startDemoWorld({ issuer, secrets, ports: freePorts, upstream });
    const port = Number(new URL(world.upstream?.url ?? '').port);
    expect(world.upstream?.endpoints).toEqual(upstreamEndpoints(port));
  });
});
