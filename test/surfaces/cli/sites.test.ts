/** A new site by one command, beside a running issuer. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { markDemo } from '../../../src/demo-mark.ts';
import { scratchFolder } from '../../platform/files.ts';
import { type CommandLine, commandLine } from '../../support/command.ts';
import { freshDatabaseAddress } from '../../support/database.ts';
import { startIssuer } from '../../support/issuer.ts';

const upstreams = {
  SYMBOLON_GOOGLE_CLIENT_ID: 'demo-google',
  SYMBOLON_GOOGLE_CLIENT_SECRET: 'secret',
  SYMBOLON_FACEBOOK_APP_ID: 'demo-facebook',
  SYMBOLON_FACEBOOK_APP_SECRET: 'secret',
};

describe('the command for a new site', () => {
  let operator: CommandLine;
  let folder: string;

  beforeAll(async () => {
    folder = await scratchFolder();
    const database = freshDatabaseAddress();
    const issuer = await startIssuer({ database });
    operator = commandLine({ port: issuer.port, database });
  });

  const add = (id: string, ...more: string[]) => [
    ...['sites', 'add', '--id', id, '--name', 'Pump', '--brand', 'volt', '--market', 'de', '--first-party'],
    ...['--origin', `https://${id}.example`, ...more],
  ];

  it('registers, puts the layer live, and tries the site', async () => {
    const layer = join(folder, 'layer.yaml');
    writeFileSync(layer, 'look:\n  name: Pump Nine\n');
    const { code, out, err } = await operator.run(...add('pump', '--layer', layer));
    expect(err).toBe('');
    expect(out).toMatch(/^OIDC_CLIENT_ID=pump$/m);
    expect(out).toMatch(/^OIDC_CLIENT_SECRET=[\w-]{43}$/m);
    expect(out).toContain('Its layer is live.');
    expect(out).toMatch(/^ok +brand +The title is “.*Pump Nine”\.$/m);
    expect(out).toContain('The site works.');
    expect(code).toBe(0);
    const again = await operator.json('sites', 'check', 'pump');
    expect(again).toMatchObject({ code: 0, data: { ok: true } });
  });

  it('tells every fault in the words of the options, and makes nothing', async () => {
    const { code, err } = await operator.run(
      ...add('wrong', '--market', 'nowhere', '--redirect-uri', 'http://x.example/cb'),
    );
    expect(code).toBe(2);
    expect(err).toContain('--market: not configured');
    expect(err).toContain('--redirect-uri:');
    const layer = join(folder, 'bad.json');
    writeFileSync(layer, '{"looks":{}}');
    expect((await operator.run(...add('wrong', '--layer', layer))).code).toBe(3);
    expect((await operator.run(...add('wrong', '--layer', join(folder, 'none.json')))).code).toBe(2);
    expect((await operator.json('clients', 'show', 'wrong')).code).toBe(1);
  });

  it('knows the upstreams of a demo that runs on the same data folder, and of none that is over', async () => {
    const database = freshDatabaseAddress();
    const demo = await startIssuer({ database, env: upstreams });
    const beside = commandLine({ port: demo.port, database });
    const end = markDemo(String(beside.env.SYMBOLON_DATA_DIR));
    expect((await beside.run(...add('pump'))).out).toMatch(/^ok +methods +Members sign in by .*google/m);
    await end();
    expect((await beside.run('sites', 'check', 'pump')).out).toMatch(/^FAILED +methods +.*google/m);
  });

  it('says so where no issuer runs', async () => {
    const alone = commandLine({ database: operator.database });
    const { code, out } = await alone.run(...add('alone'));
    expect(code).toBe(1);
    expect(out).toMatch(/^FAILED +issuer +the issuer does not answer at 127\.0\.0\.1:1 \(ECONNREFUSED\)\.$/m);
    expect((await alone.run(...add('quiet', '--no-smoke'))).code).toBe(0);
  });
});
