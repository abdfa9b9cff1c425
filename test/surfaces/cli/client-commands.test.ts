/** Changing clients and inviting new ones, through the real script. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { scratchFolder } from '../../platform/files.ts';
import { type CommandLine, commandLine } from '../../support/command.ts';

describe('the operator’s side of clients', () => {
  let operator: CommandLine;

  beforeAll(async () => {
    operator = commandLine();
    expect((await operator.run('migrate', 'up')).code).toBe(0);
    const added = await operator.run(
      ...['clients', 'add', '--id', 'shop', '--name', 'Shop', '--brand', 'volt'],
      ...['--redirect-uri', 'https://shop.example/cb', '--first-party', '--refresh-leeway', '20'],
      ...['--pkce-exempt', '--subject-type', 'pairwise', '--response-mode', 'query'],
      ...['--grant', 'authorization_code', '--grant', 'device_code', '--auth-method', 'client_secret_post'],
    );
    expect(added.err).toContain('--subject-type: pairwise subjects with device_code or ciba need jwks_uri');
    const again = await operator.run(
      ...['clients', 'add', '--id', 'shop', '--name', 'Shop', '--brand', 'volt'],
      ...['--redirect-uri', 'https://shop.example/cb', '--first-party', '--refresh-leeway', '20'],
      ...['--pkce-exempt', '--response-mode', 'query'],
      ...['--grant', 'authorization_code', '--grant', 'device_code', '--auth-method', 'client_secret_post'],
    );
    expect(again.code).toBe(0);
  });

  const addPlain = async (id: string) => {
    const added = await operator.run(
      ...['clients', 'add', '--id', id, '--name', 'Shop', '--brand', 'volt', '--first-party'],
      ...['--redirect-uri', 'https://shop.example/cb', '--response-mode', 'query', '--pkce-exempt'],
    );
    expect(added.code).toBe(0);
  };

  const show = async (id: string) => {
    const { data } = await operator.json('clients', 'show', id);
    return data.client as Record<string, unknown> & { metadata: Record<string, unknown> };
  };

  it('shows everything about a client, without secrets', async () => {
    expect(await show('shop')).toMatchObject({
      id: 'shop',
      firstParty: true,
      pkceExempt: true,
      refreshLeewaySeconds: 20,
      profile: 'baseline',
      secrets: [{ createdAt: expect.any(String) }],
      metadata: {
        token_endpoint_auth_method: 'client_secret_post',
        response_modes: ['query'],
        grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'],
      },
    });
    const words = await operator.run('clients', 'show', 'shop');
    expect(words.out).toMatch(/^redirect_uris +https:\/\/shop\.example\/cb$/m);
    expect(words.out).toMatch(/^pkceExempt +true$/m);
    expect(words.out).not.toMatch(/hash/);
    expect(await operator.json('clients', 'show', 'nobody')).toMatchObject({ code: 1 });
  });

  it('changes what the options name, and leaves the rest', async () => {
    await addPlain('renamed');
    const changed = await operator.json(
      ...(['clients', 'update', 'renamed', '--name', 'New Shop', '--no-pkce-exempt'] as const),
      ...['--policy-uri', 'https://shop.example/privacy', '--unset', 'response_modes'],
    );
    expect(changed.code).toBe(0);
    const after = await show('renamed');
    expect(after).toMatchObject({ name: 'New Shop', pkceExempt: false, firstParty: true, version: 2 });
    expect(after.metadata).toMatchObject({
      policy_uri: 'https://shop.example/privacy',
      redirect_uris: ['https://shop.example/cb'],
    });
    expect(after.metadata).not.toHaveProperty('response_modes');
  });

  it('changes a client from a file, and moves it to keys of its own', async () => {
    await addPlain('keyed');
    const folder = await scratchFolder();
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    writeFileSync(join(folder, 'keys.json'), JSON.stringify(await exportJWK(publicKey)));
    writeFileSync(join(folder, 'private.json'), JSON.stringify(await exportJWK(privateKey)));
    writeFileSync(
      join(folder, 'patch.json'),
      JSON.stringify({ metadata: { contacts: ['ops@shop.example'] } }),
    );
    const refused = await operator.run(
      ...['clients', 'update', 'keyed', '--auth-method', 'private_key_jwt'],
      ...['--jwks', join(folder, 'private.json')],
    );
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('--jwks: holds a private key');
    const changed = await operator.run(
      ...['clients', 'update', 'keyed', '--from', join(folder, 'patch.json')],
      ...['--auth-method', 'private_key_jwt', '--jwks', join(folder, 'keys.json')],
    );
    expect(changed.code).toBe(0);
    expect((await show('keyed')).metadata).toMatchObject({
      contacts: ['ops@shop.example'],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ kty: 'EC' }] },
    });
  });

  it('tells the faults of a change by the names of its options', async () => {
    const refused = await operator.run(
      ...['clients', 'update', 'shop', '--auth-method', 'client_secret_jwt', '--profile', 'fapi3'],
      ...['--jwks-uri', 'javascript:alert(1)', '--refresh-leeway', '60'],
    );
    expect(refused.code).toBe(2);
    for (const option of ['--auth-method: ', '--profile: ', '--jwks-uri: '])
      expect(refused.err).toContain(option);
    const address = await operator.run(
      'clients',
      'update',
      'shop',
      '--redirect-uri',
      'http://shop.example/cb',
    );
    expect(address.err).toContain('--redirect-uri: http is allowed on loopback only');
    const place = await operator.run('clients', 'update', 'shop', '--brand', 'nowhere');
    expect(place.err).toContain('--brand: "nowhere" is not configured');
    expect((await operator.run('clients', 'update', 'shop')).err).toContain('Nothing to change');
  });

  it('notes a sector document that cannot be read from here', async () => {
    const added = await operator.json(
      ...(['clients', 'add', '--id', 'sector', '--name', 'S', '--brand', 'volt'] as const),
      ...['--redirect-uri', 'https://a.example/cb', '--redirect-uri', 'https://b.example/cb'],
      ...['--sector-identifier-uri', 'http://127.0.0.1:9/sector.json'],
    );
    expect(added).toMatchObject({
      code: 0,
      data: { notes: [expect.stringMatching(/^Not looked at: --sector-identifier-uri: /)] },
    });
  });

  it('invites, lists invitations without tokens, and takes one back', async () => {
    const invited = await operator.json(
      ...(['clients', 'invite', '--brand', 'volt', '--uses', '3', '--expires-hours', '2'] as const),
      ...['--grants', 'authorization_code,device_code', '--scopes', 'openid email'],
      ...['--redirect-hosts', 'shop.example,com.example.app:', '--public-subject'],
    );
    expect(invited.code).toBe(0);
    const { token, invitation } = invited.data as { token: string; invitation: { id: string } };
    expect(token).toMatch(/^[\w-]{43}$/);
    const listed = await operator.run('clients', 'invitations', '--json');
    expect(JSON.parse(listed.out).invitations).toMatchObject([
      {
        id: invitation.id,
        brand: 'volt',
        grants: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'],
        scopes: ['openid', 'email'],
        redirectHosts: ['shop.example', 'com.example.app:'],
        uses: 3,
        left: 3,
        state: 'open',
      },
    ]);
    expect(listed.out).not.toContain(token);
    expect((await operator.run('clients', 'uninvite', invitation.id)).code).toBe(0);
    expect((await operator.run('clients', 'invitations')).out).toMatch(/withdrawn$/m);
    expect(await operator.json('clients', 'uninvite', 'inv_nobody')).toMatchObject({
      code: 1,
      data: { error: { code: 'invitation.unknown' } },
    });
  });

  it('tells every fault of an invitation by the names of the options', async () => {
    const refused = await operator.json(
      ...([
        'clients',
        'invite',
        '--grants',
        'implicit',
        '--redirect-hosts',
        'https://x',
        '--market',
        'mars',
      ] as const),
    );
    expect(refused).toMatchObject({
      code: 2,
      data: {
        error: {
          faults: [
            '--brand: is needed',
            expect.stringMatching(/^--grants: /),
            '--redirect-hosts: not a host',
            expect.stringMatching(/^--market: "mars" is not configured/),
          ],
        },
      },
    });
  });
});
