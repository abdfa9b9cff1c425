import { afterEach, describe, expect, it } from '@jest/globals';
import { readConfigurationFolder, writeConfigurationFolder } from '../../../src/business/layers/folder.ts';
import { shippedItems } from '../../support/configuration.ts';
import { copyOfProgram, type ProgramFolder } from '../../support/program-folder.ts';

let folder: ProgramFolder | undefined;
afterEach(() => folder?.remove());

describe('a configuration folder', () => {
  it('holds after writing what was written, and is then left alone', () => {
    folder = copyOfProgram();
    const items = shippedItems();
    items.set('brands/volt/markets/de', { signIn: { methods: ['mail-code'] } });
    items.set('sites/volt-web', { password: { minLength: 10 } });
    items.delete('brands/spring/brand');
    expect(writeConfigurationFolder(folder.path, items)).toEqual([
      'brands/spring/brand.json',
      'brands/volt/markets/de.json',
      'sites/volt-web.json',
    ]);
    expect(new Map(readConfigurationFolder(folder.path).items)).toEqual(items);
    expect(writeConfigurationFolder(folder.path, items)).toEqual([]);
  });

  it('tells editors where the schema of each file is, which is no part of the configuration', () => {
    folder = copyOfProgram();
    const items = shippedItems();
    items.set('regions/europe', { password: { minLength: 10 } });
    writeConfigurationFolder(folder.path, items);
    const { $schema, ...rest } = JSON.parse(folder.read('regions/europe.json'));
    expect(rest).toEqual({ password: { minLength: 10 } });
    expect(JSON.parse(folder.read(`regions/${$schema}`)).title).toBe('A region: a group of markets');
    expect(readConfigurationFolder(folder.path).items.get('regions/europe')).toEqual(rest);
  });

  it('keeps a YAML file as its author wrote it, until its item says something else', () => {
    folder = copyOfProgram();
    folder.write('regions/europe.yaml', '# Europe asks for more\npassword: { minLength: 10 }\n');
    const items = new Map(readConfigurationFolder(folder.path).items);
    expect(items.get('regions/europe')).toEqual({ password: { minLength: 10 } });
    expect(writeConfigurationFolder(folder.path, items)).toEqual([]);
    expect(folder.read('regions/europe.yaml')).toContain('# Europe asks for more');
    items.set('regions/europe', { password: { minLength: 12 } });
    expect(writeConfigurationFolder(folder.path, items)).toEqual(['regions/europe.json']);
    expect(readConfigurationFolder(folder.path).faults).toEqual([]);
  });

  it('holds of a legal document the texts that are there, each in a file of its own', () => {
    folder = copyOfProgram();
    const items = shippedItems();
    const terms = structuredClone(items.get('legal/program-terms')) as unknown as {
      texts: Record<string, Record<string, string>>;
    };
    const { ja: _, ...rest } = terms.texts['1.0'] ?? {};
    terms.texts['1.0'] = { ...rest, en: 'Other words' };
    items.set('legal/program-terms', terms as never);
    expect(writeConfigurationFolder(folder.path, items)).toEqual([
      'legal/program-terms/1.0/en.md',
      'legal/program-terms/1.0/ja.md',
    ]);
    expect(new Map(readConfigurationFolder(folder.path).items)).toEqual(items);
  });

  it('refuses YAML that grows when it is read', () => {
    folder = copyOfProgram();
    folder.write('regions/europe.yaml', 'a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n');
    expect(readConfigurationFolder(folder.path).faults).toEqual([
      expect.objectContaining({ item: 'regions/europe.yaml', code: 'syntax' }),
    ]);
  });
});
