import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { describeConfig, renderConfigurationDoc } from '../../../src/base/config/describe.ts';
import { developmentSecrets } from '../../../src/base/config/development-secrets.ts';
import { ConfigError } from '../../../src/base/config/faults.ts';
import { configFields } from '../../../src/base/config/fields.ts';
import { loadConfig } from '../../../src/base/config/load.ts';

const key = (fill: number): string => Buffer.alloc(32, fill).toString('base64url');

const production = {
  NODE_ENV: 'production',
  SYMBOLON_ISSUER: 'https://id.example.com',
  MONGODB_URI: 'mongodb://db1,db2/symbolon?replicaSet=rs0',
  SYMBOLON_SMTP_URL: 'smtps://user:mail-canary@mail.example.com',
  SYMBOLON_MASTER_KEYS: `m2:${key(2)},m1:${key(1)}`,
  SYMBOLON_IDENTIFIER_KEYS: `v1:${key(3)}`,
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'symbolon-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const development = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  SYMBOLON_DATA_DIR: folder,
  ...more,
});

function refused(env: NodeJS.ProcessEnv): ConfigError {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

const paths = (error: ConfigError): string[] => error.faults.map((fault) => fault.path);

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

describe('the configuration of a development machine', () => {
  it('needs no setting at all', () => {
    const config = loadConfig(development());
    expect(config).toMatchObject({
      environment: 'development',
      issuer: 'http://localhost:3000',
      host: '127.0.0.1',
      port: 3000,
      trustedProxies: 0,
      mongodbUri: undefined,
      mongodbKeysUri: undefined,
      smtpUrl: undefined,
      google: undefined,
      facebook: undefined,
      argon2: { memoryKiB: 19_456, passes: 2, parallelism: 1, queue: 200 },
      password: { minLength: 8, minStrength: 3, breachTimeoutMs: 1000 },
      outboundAllowList: [],
    });
  });

  it('keeps the keys it made, readable by the owner only', () => {
    const first = loadConfig(development());
    const second = loadConfig(development());
    expect(second.masterKeys).toEqual(first.masterKeys);
    expect(first.masterKeys[0]?.key).toHaveLength(32);
    expect(first.identifierKeys[0]?.key).not.toEqual(first.masterKeys[0]?.key);
    expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
  });

  it('makes no file when both keys are given', () => {
    loadConfig(
      development({
        SYMBOLON_MASTER_KEYS: production.SYMBOLON_MASTER_KEYS,
        SYMBOLON_IDENTIFIER_KEYS: production.SYMBOLON_IDENTIFIER_KEYS,
      }),
    );
    expect(() => readFileSync(join(folder, 'secrets.json'))).toThrow();
  });

  it('follows the port with the default issuer', () => {
    expect(loadConfig(development({ PORT: '4000' })).issuer).toBe('http://localhost:4000');
  });

  it('speaks http for this machine only', () => {
    expect(paths(refused(development({ SYMBOLON_ISSUER: 'http://id.example.com' })))).toEqual(['issuer']);
    expect(loadConfig(development({ SYMBOLON_ISSUER: 'http://127.0.0.1:3000' })).issuer).toBe(
      'http://127.0.0.1:3000',
    );
  });
});

describe('the sources of settings', () => {
  it('lets the environment win over the file, and the file over the default', () => {
    const path = file('symbolon.json', JSON.stringify({ port: 4001, argon2: { passes: 3, queue: 50 } }));
    const config = loadConfig(development({ SYMBOLON_CONFIG: path, SYMBOLON_ARGON2_QUEUE: '60' }));
    expect(config).toMatchObject({ port: 4001, argon2: { passes: 3, queue: 60, parallelism: 1 } });
    expect(config.origins).toMatchObject({
      port: 'file',
      'argon2.passes': 'file',
      'argon2.queue': 'SYMBOLON_ARGON2_QUEUE',
      'argon2.parallelism': 'default',
    });
  });

  it('reads secrets from the files that <NAME>_FILE names', () => {
    const path = file('google-secret', 'from-a-file\n');
    const config = loadConfig(
      development({ SYMBOLON_GOOGLE_CLIENT_ID: 'app', SYMBOLON_GOOGLE_CLIENT_SECRET_FILE: path }),
    );
    expect(config.google).toMatchObject({ clientId: 'app', clientSecret: 'from-a-file' });
    expect(config.origins['google.clientSecret']).toBe('SYMBOLON_GOOGLE_CLIENT_SECRET_FILE');
  });

  it('refuses a secret that is given twice, and a file that cannot be read', () => {
    const twice = refused(
      development({ SYMBOLON_SMTP_URL: 'smtp://canary@a', SYMBOLON_SMTP_URL_FILE: '/x' }),
    );
    expect(twice.message).toContain('only one of SYMBOLON_SMTP_URL and SYMBOLON_SMTP_URL_FILE');
    expect(twice.message).not.toContain('canary');
    const missing = refused(development({ SYMBOLON_SMTP_URL_FILE: join(folder, 'nowhere') }));
    expect(missing.message).toContain('a readable file');
  });

  it('reads no <NAME>_FILE for what is no secret', () => {
    expect(paths(refused(development({ SYMBOLON_HOST_FILE: '/etc/hostname' })))).toEqual([
      'SYMBOLON_HOST_FILE',
    ]);
  });

  it.each([['not json'], ['[]'], ['null']])('refuses a configuration file that holds %s', (text) => {
    const error = refused(development({ SYMBOLON_CONFIG: file('bad.json', text) }));
    expect(paths(error)).toEqual(['SYMBOLON_CONFIG']);
  });

  it('names the keys database after the main one', () => {
    const config = loadConfig(development({ MONGODB_URI: 'mongodb://u:p@a:1,b:2/points?replicaSet=r' }));
    expect(config.mongodbKeysUri).toBe('mongodb://u:p@a:1,b:2/points_keys?replicaSet=r');
  });
});

describe('faults of the configuration', () => {
  it('are told all at once, each with name, value, expectation and example', () => {
    const error = refused(
      development({
        PORT: 'many',
        SYMBOLON_ARGON2_PASSES: '0',
        SYMBOLON_ISUER: 'x',
        MONGODB_URI: 'postgres://x',
      }),
    );
    expect(paths(error).sort()).toEqual(['SYMBOLON_ISUER', 'argon2.passes', 'mongodbUri', 'port']);
    expect(error.faults.find((fault) => fault.path === 'port')).toEqual({
      path: 'port',
      env: 'PORT',
      got: '"many"',
      expected: 'a whole number from 0 to 65535',
      example: '3000',
    });
    for (const path of paths(error)) expect(error.message).toContain(path);
  });

  it.each([
    ['SYMBOLON_ISUER', 'SYMBOLON_ISSUER'],
    ['SYMBOLON_PORT', 'PORT'],
    ['SYMBOLON_ARGON_PASSES', 'SYMBOLON_ARGON2_PASSES'],
    ['SYMBOLON_MASTERKEY', 'SYMBOLON_MASTER_KEYS'],
  ])('offer the nearest name for the unknown variable %s', (name, nearest) => {
    expect(refused(development({ [name]: '1' })).message).toContain(`did you mean ${nearest}?`);
  });

  it('offer the nearest name for an unknown key of the file, and never follow __proto__', () => {
    const text = '{"argon2":{"passs":2},"isuer":"x","__proto__":{"port":1}}';
    const error = refused(development({ SYMBOLON_CONFIG: file('c.json', text) }));
    expect(paths(error).sort()).toEqual(['__proto__', 'argon2.passs', 'isuer']);
    expect(error.message).toContain('did you mean argon2.passes?');
    expect(error.message).toContain('did you mean issuer?');
  });

  it('never repeat a secret', () => {
    const error = refused(
      development({ SYMBOLON_MASTER_KEYS: 'k:canary-key', SYMBOLON_SMTP_URL: 'canary://mail' }),
    );
    expect(paths(error).sort()).toEqual(['masterKeys', 'smtpUrl']);
    expect(error.message).not.toContain('canary');
  });

  it.each([
    ['a path', 'https://id.example.com/tenant'],
    ['a query', 'https://id.example.com?x=1'],
    ['an empty query', 'https://id.example.com/?'],
    ['a fragment', 'https://id.example.com/#x'],
    ['credentials', 'https://u:p@id.example.com'],
    ['no URL', 'id.example.com'],
  ])('refuse an issuer with %s', (_, issuer) => {
    expect(paths(refused(development({ SYMBOLON_ISSUER: issuer })))).toEqual(['issuer']);
  });

  it('ask for the other half of a social client', () => {
    expect(paths(refused(development({ SYMBOLON_GOOGLE_CLIENT_ID: 'x' })))).toEqual(['google.clientSecret']);
    expect(paths(refused(development({ SYMBOLON_FACEBOOK_APP_SECRET: 'x' })))).toEqual(['facebook.appId']);
  });

  it('refuse keys with the same id, and one key for two uses', () => {
    const doubled = refused(development({ SYMBOLON_MASTER_KEYS: `a:${key(1)},a:${key(2)}` }));
    expect(paths(doubled)).toEqual(['masterKeys']);
    const shared = { SYMBOLON_MASTER_KEYS: `a:${key(1)}`, SYMBOLON_IDENTIFIER_KEYS: `b:${key(1)}` };
    expect(paths(refused(development(shared)))).toEqual(['identifierKeys']);
  });
});

describe('production', () => {
  it('starts with everything that it asks for', () => {
    const config = loadConfig(production);
    expect(config.masterKeys.map((named) => named.id)).toEqual(['m2', 'm1']);
    expect(config.issuer).toBe('https://id.example.com');
  });

  it('names everything that is missing in one message', () => {
    const error = refused({ NODE_ENV: 'production' });
    expect(paths(error).sort()).toEqual(['identifierKeys', 'issuer', 'masterKeys', 'mongodbUri', 'smtpUrl']);
  });

  it('names what is missing beside what is wrong', () => {
    const error = refused({ NODE_ENV: 'production', PORT: 'x', SYMBOLON_MASTER_KEYS: 'short:abc' });
    const expected = ['identifierKeys', 'issuer', 'masterKeys', 'mongodbUri', 'port', 'smtpUrl'];
    expect(paths(error).sort()).toEqual(expected);
  });

  it('refuses an http issuer, also on this machine', () => {
    expect(paths(refused({ ...production, SYMBOLON_ISSUER: 'http://localhost:3000' }))).toEqual(['issuer']);
  });

  it('refuses keys that were made for development', () => {
    const { masterKeys } = developmentSecrets(folder);
    expect(paths(refused({ ...production, SYMBOLON_MASTER_KEYS: masterKeys }))).toEqual(['masterKeys']);
  });

  it('refuses keys shorter than 32 bytes', () => {
    const short = `v1:${Buffer.alloc(31, 7).toString('base64url')}`;
    expect(paths(refused({ ...production, SYMBOLON_IDENTIFIER_KEYS: short }))).toEqual(['identifierKeys']);
  });
});

describe('the description of the configuration', () => {
  it('shows every value with its origin and no secret', () => {
    const path = file('smtp', 'smtps://user:mail-canary@mail.example.com');
    const { SYMBOLON_SMTP_URL: _, ...rest } = production;
    const described = describeConfig(
      loadConfig({
        ...rest,
        MONGODB_URI: 'mongodb://u:db-canary@h/x?a=uri-canary',
        SYMBOLON_SMTP_URL_FILE: path,
      }),
    );
    const of = (name: string) => described.find((setting) => setting.path === name);
    expect(described).toHaveLength(configFields.length);
    expect(of('smtpUrl')).toMatchObject({
      value: 'smtps://***@mail.example.com',
      origin: 'secret file SYMBOLON_SMTP_URL_FILE',
    });
    expect(of('mongodbUri')).toMatchObject({ value: 'mongodb://***@h/x', origin: 'environment MONGODB_URI' });
    expect(of('masterKeys')?.value).toBe('m2:***, m1:***');
    expect(of('port')).toMatchObject({ value: '3000', origin: 'default' });
    expect(JSON.stringify(described)).not.toMatch(new RegExp(`canary|${key(1)}|${key(2)}|${key(3)}`));
  });
});

describe('docs/configuration.md', () => {
  it('has one row of its own for every setting', () => {
    const page = renderConfigurationDoc();
    for (const field of configFields) expect(page).toContain(`| \`${field.path}\` | \`${field.env}\``);
    expect(new Set(configFields.map((field) => field.meta.doc)).size).toBe(configFields.length);
    expect(new Set(configFields.map((field) => field.env)).size).toBe(configFields.length);
  });
});
