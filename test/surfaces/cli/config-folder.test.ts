/** Configuration as code through the real script: pull, change files, plan, apply, approve, look back, go back. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { connectDatabase } from '../../../src/base/db/connection.ts';
import { scratchFolder } from '../../platform/files.ts';
import { type CommandLine, commandLine } from '../../support/command.ts';

type Document = Record<string, unknown>;

/** A folder with what is live, and the commands on it. */
async function pulled(operator: CommandLine) {
  const folder = join(await scratchFolder(), 'program');
  expect((await operator.run('config', 'pull', folder)).code).toBe(0);
  const read = (file: string): Document => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  return {
    folder,
    read,
    change(file: string, edit: (document: Document) => void) {
      const document = read(file);
      edit(document);
      writeFileSync(join(folder, file), JSON.stringify(document, null, 2));
    },
    apply: (message: string, ...more: string[]) =>
      operator.json('config', 'apply', folder, '--message', message, '--as', 'ada', '--yes', ...more),
  };
}

async function opened(): Promise<CommandLine> {
  const operator = commandLine();
  expect((await operator.run('migrate', 'up')).code).toBe(0);
  return operator;
}

const berth = () => ({
  type: 'text',
  class: 'trait',
  label: { en: 'Where you like to lie' },
  read: ['member'],
  write: ['member'],
});

/** A member who has values. */
async function withMember(operator: CommandLine, traits: Document): Promise<void> {
  const db = await connectDatabase(operator.database);
  await db.main.collection<{ _id: string }>('members').insertOne({ _id: 'mbr_test', ...{ traits } });
  await db.close();
}

// Each command is a process of its own, and a test runs up to twenty of them.
jest.setTimeout(300_000);

describe('configuration as code', () => {
  let operator: CommandLine;
  beforeAll(async () => {
    operator = await opened();
  });

  it('shows key by key what the files change, and publishes it with a message', async () => {
    const { folder, read, change, apply } = await pulled(operator);
    expect(read('brands/volt/brand.json').$schema).toBe('../../.schema/brand.json');
    change('markets/de.json', (market) => {
      market.password = { minLength: 10 };
      market.profiling = { kiosk: { ask: ['city'], when: { clients: ['kiosk-of-tomorrow'] } } };
    });
    const planned = await operator.run('config', 'plan', folder, '--region', 'europe');
    expect(planned).toMatchObject({ code: 0 });
    expect(planned.out).toContain('To be changed region europe:');
    expect(planned.out).toContain('+ password.minLength: 10');
    const unknown =
      'markets/de: profiling.kiosk.when.clients.0: expected a registered client, got "kiosk-of-tomorrow"';
    expect(planned.out).toContain(unknown);
    expect((await operator.run('config', 'dry-run', folder)).out).toContain(unknown);
    const shown = await operator.run('config', 'apply', folder, '--message', 'Longer');
    expect(shown.code).toBe(1);
    expect(shown.out).toContain('Add --yes');
    const { code, data } = await apply('Longer passwords in Germany');
    expect({ code, data }).toMatchObject({ code: 0, data: { published: true, target: 'all' } });
    expect((await operator.run('config', 'plan', folder)).out).toContain('Nothing to do');
    const history = await operator.run('config', 'history');
    expect(history.out).toMatch(/everywhere\s+operator ada\s+Longer passwords in Germany/);
  });

  it('says what members would meet differently before anything goes live, for files and for a draft', async () => {
    const { folder, change } = await pulled(operator);
    change('brands/volt/brand.json', (brand) => {
      brand.password = { minLength: 14 };
    });
    const run = (...more: string[]) => operator.run('config', 'dry-run', ...more);
    const files = await run(folder, '--market', 'jp');
    expect(files.code).toBe(0);
    expect(files.out).toContain('If it goes live market jp:');
    expect(files.out).toMatch(/\d+ of \d+ made-up journeys change/);
    expect(files.out).toMatch(/register by password at volt in jp/);
    expect(files.out).toMatch(/~ password\.minLength: \d+ → 14/);
    expect(files.out).not.toMatch(/in us|at aurora-air/);
    const { data } = await operator.json('config', 'dry-run', folder, '--market', 'jp', '--all');
    const { changed, summary } = data as { changed: unknown[]; summary: { markets: string[] } };
    expect(summary.markets).toEqual(['jp']);
    expect(changed.length).toBeGreaterThan(1);
    expect((await run(folder, '--market', 'jp', '--all')).out.match(/at volt in jp/g)).toHaveLength(
      changed.length,
    );
    expect((await run('drf_unknown')).code).toBe(1);
    change('brands/volt/brand.json', (brand) => {
      brand.password = { minLength: 'long' };
    });
    expect((await run(folder)).code).toBe(3);
    const untouched = join(await scratchFolder(), 'program');
    await operator.run('config', 'pull', untouched);
    expect((await run(untouched)).out).toContain('Nothing changes for members.');
  });

  it('refuses a configuration with faults as a whole, each with item, key and what was meant', async () => {
    const { change, apply } = await pulled(operator);
    change('brands/volt/brand.json', (brand) => {
      brand.pasword = {};
    });
    change('markets/jp.json', (market) => {
      market.password = { minLength: 11 };
    });
    const { code, data } = await apply('Broken');
    expect(code).toBe(3);
    expect(data).toMatchObject({
      error: {
        faults: [
          'brands/volt/brand: pasword: expected a known key (did you mean password?), got an unknown key',
        ],
      },
    });
    expect((await pulled(operator)).read('markets/jp.json').password).toBeUndefined();
  });

  it('shows what others changed since, keeps it, and refuses to undo it unseen', async () => {
    const mine = await pulled(operator);
    const other = await pulled(operator);
    other.change('markets/us.json', (market) => {
      market.password = { minLength: 14 };
    });
    expect((await other.apply('Longer in America')).code).toBe(0);
    const diff = await operator.run('config', 'diff', mine.folder);
    expect(diff.out).toContain('Live has drifted since you pulled:');
    mine.change('brands/spring/brand.json', (brand) => {
      brand.password = { minLength: 9 };
    });
    expect((await mine.apply('Longer at Spring')).code).toBe(0);
    expect((await pulled(operator)).read('markets/us.json').password).toEqual({ minLength: 14 });
    other.change('brands/spring/brand.json', (brand) => {
      brand.password = { minLength: 8 };
    });
    const { code, data } = await other.apply('Shorter');
    expect(code).toBe(1);
    expect(data).toMatchObject({
      error: { message: expect.stringMatching(/is live as .*9.*, yours is .*8/) },
    });
  });
});

describe('configuration as code where a market has a release of its own', () => {
  it('names the places whose own release would end, and ends it only when told that it may', async () => {
    const operator = await opened();
    const { folder, change, apply } = await pulled(operator);
    expect((await operator.run('config', 'plan', folder, '--region', 'nowhere')).code).toBe(1);
    change('markets/jp.json', (market) => {
      market.password = { minLength: 11 };
    });
    expect((await apply('Longer in Japan', '--market', 'jp')).code).toBe(0);
    expect((await operator.run('config', 'diff', folder)).out).toContain(
      'In market jp a release of its own is live:',
    );
    expect((await operator.run('config', 'plan', folder)).out).toContain('goes live: market jp.');
    const refused = await apply('Longer everywhere');
    expect(refused).toMatchObject({
      code: 1,
      data: { error: { message: expect.stringContaining('--may-end') } },
    });
    expect((await operator.json('config', 'drafts', '--state', 'approved')).data.drafts).toEqual([]);
    expect((await apply('Longer everywhere', '--may-end')).code).toBe(0);
    expect((await operator.run('config', 'diff', folder)).out).not.toContain('market jp');
    const dashed = await operator.run('config', 'rollback', `-${'C'.repeat(42)}`, '--reason', 'complaints');
    expect(dashed).toMatchObject({ code: 1, err: expect.not.stringContaining('unknown option') });
  });
});

describe('configuration as code that takes an attribute away', () => {
  it('names what members have values of, and lets it go only when told that it may', async () => {
    const operator = await opened();
    const { folder, change, apply } = await pulled(operator);
    change('program.json', (program) => {
      Object.assign(program.attributes as Document, { berth: berth() });
    });
    expect((await apply('Berths')).code).toBe(0);
    await withMember(operator, { berth: 'window' });
    change('program.json', (program) => {
      delete (program.attributes as Document).berth;
    });
    expect((await operator.run('config', 'plan', folder)).out).toContain('definition that they fit: berth.');
    const refused = await apply('No berths');
    expect(refused).toMatchObject({
      code: 1,
      data: { error: { message: expect.stringContaining('Say --may-lose berth when you publish') } },
    });
    expect((await operator.json('config', 'drafts')).data.drafts).toHaveLength(1);
    expect((await apply('No berths', '--may-lose', 'berth')).code).toBe(0);
  });

  it('asks whoever publishes a draft the same', async () => {
    const operator = await opened();
    const { change, apply } = await pulled(operator);
    change('program.json', (program) => {
      program.approvals = 1;
      Object.assign(program.attributes as Document, { berth: berth() });
    });
    expect((await apply('Berths, and four eyes')).code).toBe(0);
    await withMember(operator, { berth: 'window' });
    change('program.json', (program) => {
      delete (program.attributes as Document).berth;
    });
    const draft = String((await apply('No berths')).data.draft);
    expect((await operator.run('config', 'approve', draft, '--as', 'ben')).code).toBe(0);
    expect((await operator.run('config', 'draft', draft)).out).toContain('--may-lose berth');
    const refused = await operator.run('config', 'publish', draft);
    expect(refused).toMatchObject({ code: 3, err: expect.stringContaining('--may-lose berth') });
    expect((await operator.run('config', 'publish', draft, '--may-lose', 'berth')).code).toBe(0);
  });
});

describe('configuration as code in a program where two people decide', () => {
  it('goes live only once another person has approved it, in its region, and goes back with a reason', async () => {
    const operator = await opened();
    const { change, apply } = await pulled(operator);
    change('program.json', (program) => {
      program.approvals = 1;
    });
    expect((await apply('Four eyes')).code).toBe(0);
    change('markets/jp.json', (market) => {
      market.password = { minLength: 11 };
    });
    const { data } = await apply('Longer in Japan', '--region', 'asia-pacific');
    expect(data).toMatchObject({ published: false, approvals: 1 });
    const draft = String(data.draft);
    expect((await operator.run('config', 'dry-run', draft)).out).toMatch(/made-up journeys change/);
    expect((await operator.run('config', 'approve', draft, '--as', 'ada')).code).toBe(1);
    expect((await operator.run('config', 'publish', draft, '--as', 'ada')).code).toBe(1);
    expect((await operator.run('config', 'approve', draft, '--as', 'ben')).code).toBe(0);
    const planned = (at: string) => operator.run('config', 'publish', draft, '--as', 'ada', '--at', at);
    expect((await planned('2020-01-01T00:00:00Z')).code).toBe(2);
    expect((await planned('2999-12-01T06:00:00Z')).out).toContain('Goes live region asia-pacific at 2999');
    expect((await operator.run('config', 'draft', draft)).out).toMatch(/at 2999-.*, planned by operator ada/);
    expect((await operator.run('config', 'cancel', draft)).out).toContain('Called off');
    const published = await operator.run('config', 'publish', draft, '--as', 'ada');
    expect(published).toMatchObject({ code: 0, out: expect.stringContaining('Live region asia-pacific') });
    expect((await operator.run('config', 'undo', '--reason', 'complaints')).code).toBe(1);
    expect((await operator.run('config', 'undo', '--reason', 'complaints', '--yes')).code).toBe(0);
    // Whoever comes second is told that undoing the undo makes the release live again.
    const second = await operator.run('config', 'undo', '--reason', 'complaints');
    expect(second).toMatchObject({
      code: 1,
      out: expect.stringContaining('what it took back is live again'),
    });
    const history = await operator.json('config', 'history', '--limit', '2');
    expect(history.data.publications).toMatchObject([{ kind: 'undo', reason: 'complaints' }, {}]);
    const [, before] = history.data.publications as { release: string }[];
    const short = String(before?.release).slice(0, 8);
    const back = await operator.run(
      'config',
      'rollback',
      short,
      '--region',
      'asia-pacific',
      '--reason',
      'sorry',
    );
    expect(back).toMatchObject({ code: 1, out: expect.stringContaining('Add --yes to do it.') });
    const to = (id: string) => operator.run('config', 'rollback', id, '--reason', 'sorry');
    expect(await to('abcdefg')).toMatchObject({ code: 1, err: expect.stringContaining('eight') });
    // The beginning of an id may look like an option.
    expect(await to('-abcdefg')).toMatchObject({ code: 1, err: expect.stringContaining('no release') });
  });
});
