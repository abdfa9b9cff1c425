/** Configuration as code through the real script: pull, change files, plan, apply, approve, look back, go back. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { scratchFolder } from '../../platform/files.ts';
import { type CommandLine, commandLine } from '../../support/command.ts';

type Document = Record<string, unknown>;

describe('configuration as code', () => {
  let operator: CommandLine;
  let folder: string;

  const read = (file: string): Document => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const change = (file: string, edit: (document: Document) => void) => {
    const document = read(file);
    edit(document);
    writeFileSync(join(folder, file), JSON.stringify(document, null, 2));
  };
  const apply = (message: string, ...more: string[]) =>
    operator.json('config', 'apply', folder, '--message', message, '--as', 'ada', '--yes', ...more);
  const pull = async () => expect((await operator.run('config', 'pull', folder)).code).toBe(0);

  beforeAll(async () => {
    operator = commandLine();
    folder = join(scratchFolder(), 'program');
    expect((await operator.run('migrate', 'up')).code).toBe(0);
    await pull();
  });

  it('begins with what is live, as files that tell editors their schema', async () => {
    expect(read('brands/volt/brand.json').$schema).toBe('../../.schema/brand.json');
    const { data } = await operator.json('config', 'diff', folder);
    expect(data).toMatchObject({ yours: [], drift: [] });
  });

  it('shows key by key what the files change, and changes nothing before --yes', async () => {
    change('markets/de.json', (market) => {
      market.password = { minLength: 10 };
    });
    const planned = await operator.run('config', 'plan', folder, '--region', 'europe');
    expect(planned).toMatchObject({ code: 0 });
    expect(planned.out).toContain('To be changed region europe:');
    expect(planned.out).toContain('+ password.minLength: 10');
    const shown = await operator.run('config', 'apply', folder, '--message', 'Longer');
    expect(shown.code).toBe(1);
    expect(shown.out).toContain('Add --yes');
    expect((await operator.json('config', 'drafts')).data).toEqual({ drafts: [] });
  });

  it('publishes with a message, and then live says what the files say', async () => {
    const { code, data } = await apply('Longer passwords in Germany');
    expect({ code, data }).toMatchObject({ code: 0, data: { published: true, target: 'all' } });
    const again = await operator.run('config', 'plan', folder);
    expect(again.out).toContain('Nothing to do');
    const history = await operator.run('config', 'history');
    expect(history.out).toMatch(/everywhere\s+operator ada\s+Longer passwords in Germany/);
  });

  it('refuses a configuration with faults as a whole, each with item, key and what was meant', async () => {
    change('brands/volt/brand.json', (brand) => {
      brand.pasword = {};
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
    change('brands/volt/brand.json', (brand) => {
      delete brand.pasword;
    });
  });

  it('shows what others changed since, and refuses to undo it unseen', async () => {
    const mine = folder;
    folder = join(scratchFolder(), 'other');
    await pull();
    change('markets/de.json', (market) => {
      market.password = { minLength: 14 };
    });
    expect((await apply('Even longer')).code).toBe(0);
    folder = mine;
    change('markets/de.json', (market) => {
      market.password = { minLength: 9 };
    });
    const diff = await operator.run('config', 'diff', folder);
    expect(diff.out).toContain('Live has drifted since you pulled:');
    const { code, data } = await apply('Shorter');
    expect(code).toBe(1);
    expect(data).toMatchObject({ error: { message: expect.stringContaining('is live as 14, yours is 9') } });
    await pull();
  });

  it('goes live only once another person has approved it, where the program asks for that', async () => {
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
    expect((await operator.run('config', 'approve', draft, '--as', 'ada')).code).toBe(1);
    expect((await operator.run('config', 'publish', draft, '--as', 'ada')).code).toBe(1);
    expect((await operator.run('config', 'approve', draft, '--as', 'ben')).code).toBe(0);
    const published = await operator.run('config', 'publish', draft, '--as', 'ada');
    expect(published).toMatchObject({ code: 0, out: expect.stringContaining('Live region asia-pacific') });
  });

  it('goes back at once, with a reason', async () => {
    expect((await operator.run('config', 'undo', '--reason', 'complaints')).code).toBe(1);
    expect((await operator.run('config', 'undo', '--reason', 'complaints', '--yes')).code).toBe(0);
    const { data } = await operator.json('config', 'history', '--limit', '1');
    expect(data.publications).toMatchObject([{ kind: 'undo', reason: 'complaints' }]);
  });
});
