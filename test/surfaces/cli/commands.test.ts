/** The operator's commands through the real script, against databases of their own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { migrations } from '../../../src/migrations.ts';
import { scratchFolder } from '../../platform/files.ts';
import { type CommandLine, commandLine } from '../../support/command.ts';

describe('the command line', () => {
  let operator: CommandLine;

  beforeAll(async () => {
    operator = commandLine();
    expect((await operator.run('migrate', 'up')).code).toBe(0);
  });

  it('says what is wrong with the use of a command, with exit code 2', async () => {
    const unknown = await operator.run('clinets');
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain('Did you mean clients?');
    expect(await operator.json('keys', 'rotate')).toEqual({
      code: 2,
      data: { error: { code: 'usage', message: expect.stringContaining("missing required argument 'use'") } },
    });
  });

  it('tells every fault of a client at once, by the names of the options', async () => {
    const { code, data } = await operator.json(
      'clients',
      'add',
      '--brand',
      'nowhere',
      '--redirect-uri',
      'http://shop.example/cb',
    );
    expect(code).toBe(2);
    expect(data).toMatchObject({
      error: {
        code: 'input',
        faults: [
          '--name: is needed',
          expect.stringMatching(/^--redirect-uri: http is allowed on loopback only/),
          expect.stringMatching(/^--brand: "nowhere" is not configured; there are .*greenleaf/),
        ],
      },
    });
  });

  it('registers a client, prints what its application needs, and never shows the secret again', async () => {
    const added = await operator.run(
      ...['clients', 'add', '--id', 'grocery', '--name', 'Grocery', '--brand', 'greenleaf', '--first-party'],
      ...['--redirect-uri', 'https://grocery.example/cb', '--redirect-uri', 'https://grocery.example/second'],
    );
    expect(added.code).toBe(0);
    expect(added.out).toContain('OIDC_CLIENT_ID=grocery\n');
    expect(added.out).toContain('OIDC_REDIRECT_URI=https://grocery.example/cb\n');
    const secret = /^OIDC_CLIENT_SECRET=([\w-]{43})$/m.exec(added.out)?.[1];
    expect(secret).toBeDefined();
    const listed = await operator.run('clients', 'list', '--json');
    expect(JSON.parse(listed.out).clients).toContainEqual(
      expect.objectContaining({
        id: 'grocery',
        secrets: [{ createdAt: expect.any(String) }],
        metadata: expect.objectContaining({
          redirect_uris: ['https://grocery.example/cb', 'https://grocery.example/second'],
        }),
      }),
    );
    expect(listed.out).not.toContain(secret);
    const again = await operator.json(
      'clients',
      'add',
      '--id',
      'grocery',
      '--name',
      'G',
      '--brand',
      'greenleaf',
      '--redirect-uri',
      'https://grocery.example/cb',
    );
    expect(again).toMatchObject({ code: 1, data: { error: { code: 'client.exists' } } });
  });

  it('reads a client from a file', async () => {
    const file = join(await scratchFolder(), 'client.json');
    writeFileSync(
      file,
      JSON.stringify({
        name: 'Native',
        brand: 'volt',
        metadata: { application_type: 'native', redirect_uris: ['com.example.volt:/cb'] },
      }),
    );
    const { code, data } = await operator.json('clients', 'add', '--from', file, '--id', 'volt-app');
    expect(code).toBe(0);
    expect(data.env).not.toHaveProperty('OIDC_CLIENT_SECRET');
    expect(data.client).toMatchObject({ id: 'volt-app', metadata: { token_endpoint_auth_method: 'none' } });
    expect(await operator.json('clients', 'add', '--from', '/nowhere.json')).toMatchObject({ code: 2 });
  });

  it('takes the short name of a grant whose identifier is a URN', async () => {
    const { code, data } = await operator.json(
      ...[
        'clients',
        'add',
        '--id',
        'screen',
        '--name',
        'Screen',
        '--brand',
        'volt',
        '--first-party',
        '--native',
      ],
      ...['--grant', 'device_code', '--grant', 'refresh_token'],
    );
    expect(code).toBe(0);
    expect(data.client).toMatchObject({
      metadata: { grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'] },
    });
  });

  it('gives a client a new secret, disables and enables it', async () => {
    await operator.run(
      'clients',
      'add',
      '--id',
      'kept',
      '--name',
      'Kept',
      '--brand',
      'volt',
      '--redirect-uri',
      'https://kept.example/cb',
    );
    const rotated = await operator.json('clients', 'rotate-secret', 'kept', '--grace-hours', '0');
    expect(rotated).toMatchObject({
      code: 0,
      data: { client: 'kept', secret: expect.stringMatching(/^[\w-]{43}$/) },
    });
    expect((await operator.json('clients', 'disable', 'kept')).data).toMatchObject({
      client: { disabledAt: expect.any(String) },
    });
    expect((await operator.json('clients', 'enable', 'kept')).data.client).not.toHaveProperty('disabledAt');
    expect(await operator.json('clients', 'disable', 'unheard-of')).toMatchObject({
      code: 1,
      data: { error: { code: 'client.unknown' } },
    });
  });

  it('rotates a key only when told so, after showing the plan', async () => {
    const current = async () => {
      const { data } = await operator.json('keys', 'list');
      return (data.keys as { use: string; state: string; id: string }[]).find(
        ({ use, state }) => use === 'ES256' && state === 'current',
      )?.id;
    };
    const before = await current();
    const planned = await operator.run('keys', 'rotate', 'ES256');
    expect(planned.code).toBe(1);
    expect(planned.out).toContain(`${before} retires`);
    expect(await current()).toBe(before);
    const rotated = await operator.json('keys', 'rotate', 'ES256', '--yes');
    expect(rotated).toMatchObject({ code: 0, data: { done: true } });
    expect(await current()).toBe(rotated.data.current);
    expect(rotated.data.current).not.toBe(before);
    expect(await operator.json('keys', 'rotate', 'pairwise', '--yes')).toMatchObject({ code: 1 });
  });

  it('checks and prints the configuration, with secrets masked', async () => {
    expect((await operator.run('config', 'check')).code).toBe(0);
    const printed = await operator.run('config', 'print');
    expect(printed.out).toMatch(/masterKeys +test:\*\*\* +environment SYMBOLON_MASTER_KEYS/);
    expect(printed.out).not.toContain(operator.env.SYMBOLON_MASTER_KEYS?.slice(5));
  });

  it('tells all faults of the configuration at once, with exit code 3', async () => {
    const broken = commandLine({
      env: { PORT: 'many', SYMBOLON_SMTP_URL: 'mail.example', SYMBOLON_ISUER: 'x' },
    });
    const { code, data } = await broken.json('clients', 'list');
    expect(code).toBe(3);
    expect((data.error as { faults: string[] }).faults).toHaveLength(3);
  });

  it('says in plain words that the database cannot be reached, with exit code 4', async () => {
    const uri = 'mongodb://127.0.0.1:9/nothing?serverSelectionTimeoutMS=300&directConnection=true';
    const lost = commandLine({ database: { uri, keysUri: uri } });
    const { code, err } = await lost.run('clients', 'list');
    expect(err).toMatch(/^The database cannot be reached/);
    expect(code).toBe(4);
  });

  it('refuses to work on a database that is not migrated, and doctor names what to do', async () => {
    const fresh = commandLine();
    expect(await fresh.json('clients', 'list')).toMatchObject({
      code: 1,
      data: { error: { message: expect.stringContaining('symbolon migrate up') } },
    });
    const { code, data } = await fresh.json('doctor');
    expect(code).toBe(1);
    const findings = data.findings as { check: string; level: string; fix?: string }[];
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'migrations', level: 'fault', fix: 'symbolon migrate up' }),
    );
    expect(findings).toContainEqual(expect.objectContaining({ check: 'keys', level: 'fault' }));
    expect(findings.filter(({ level, fix }) => level !== 'ok' && !fix)).toEqual([]);
    expect(await fresh.json('migrate', 'up')).toMatchObject({
      code: 0,
      data: { applied: migrations.map(({ name }) => name) },
    });
    expect(await fresh.json('migrate')).toMatchObject({ code: 0, data: { pending: [] } });
  });
});
