import { afterEach, describe, expect, it } from '@jest/globals';
import { ProgramConfigError } from '../../../src/business/experiences/config-files.ts';
import { createExperiences } from '../../../src/business/experiences/experiences.ts';
import { copyOfProgram, type ProgramFolder, shippedProgramDir } from '../../support/program-folder.ts';

let folder: ProgramFolder | undefined;
afterEach(() => folder?.remove());

function faultsOf(path: string): readonly string[] {
  try {
    createExperiences(path);
  } catch (error) {
    if (error instanceof ProgramConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('the shipped program', () => {
  const experiences = createExperiences(shippedProgramDir);

  it('has four brands and three markets', () => {
    expect(experiences.brands().map(({ id }) => id)).toEqual(['aurora-air', 'greenleaf', 'spring', 'volt']);
    expect(experiences.markets().map(({ id }) => id)).toEqual(['de', 'jp', 'us']);
  });

  it('asks nothing that must be answered, and each brand asks only its own', () => {
    const asked = (brand: string) => experiences.experienceFor({ brand }).fields.map(({ name }) => name);
    expect(asked('aurora-air')).toEqual(['seat']);
    expect(asked('volt')).toEqual(['fuel_grade']);
    expect(asked('greenleaf')).toEqual([]);
    expect(experiences.brands().flatMap(({ fields }) => fields.filter(({ required }) => required))).toEqual(
      [],
    );
  });

  it('names every brand of the program on every brand', () => {
    const names = experiences.brands().map(({ name }) => name);
    for (const { look } of experiences.brands()) {
      expect(look.siblings).toEqual(names);
      expect(look.programName).toBe(experiences.program.name);
    }
  });
});

describe('the experience of a visit', () => {
  const experiences = createExperiences(shippedProgramDir);

  it('joins brand and market', () => {
    const experience = experiences.experienceFor({ clientId: 'any', brand: 'volt', market: 'de' });
    expect(experience).toMatchObject({
      brand: { id: 'volt' },
      market: { id: 'de', country: 'DE' },
      jurisdiction: 'EU',
      identifierKind: 'email',
      methods: ['password', 'mail-code', 'google', 'facebook'],
    });
    expect(experience.look.name).toBe('Volt Fuel');
    expect(experience.links).toBe(experience.look.links);
  });

  it('speaks the brand’s language at home and the market’s usual one elsewhere', () => {
    expect(experiences.experienceFor({ brand: 'volt', market: 'us' }).locales.default).toBe('en');
    expect(experiences.experienceFor({ brand: 'volt', market: 'jp' }).locales.default).toBe('ja');
  });

  it('falls back to the program’s brand and the brand’s market when they are unknown or missing', () => {
    const usual = experiences.experienceFor({});
    expect(usual.brand.id).toBe('aurora-air');
    expect(usual.market.id).toBe('us');
    expect(experiences.experienceFor({ brand: '__proto__', market: 'constructor' })).toBe(usual);
  });

  it('is the same frozen object each time', () => {
    const first = experiences.experienceFor({ brand: 'volt', market: 'jp' });
    expect(experiences.experienceFor({ brand: 'volt', market: 'jp' })).toBe(first);
    expect(Object.isFrozen(first)).toBe(true);
  });

  it('needs no file after the start', () => {
    folder = copyOfProgram();
    const own = createExperiences(folder.path);
    folder.remove();
    expect(own.experienceFor({ brand: 'greenleaf', market: 'jp' }).look.name).toBe('Greenleaf Markets');
  });

  it('knows a brand by the host name of its site', () => {
    expect(experiences.brandOfHost('fuel.localhost')?.id).toBe('volt');
    expect(experiences.brandOfHost('evil.example')).toBeUndefined();
  });
});

describe('a faulty program', () => {
  it('is refused when a brand would let sessions live longer than the process does', () => {
    folder = copyOfProgram();
    folder.edit('brands/volt/brand.json', (brand) => {
      brand.session = { freshSeconds: 86_401 };
    });
    const { path } = folder;
    expect(() => createExperiences(path, { sessionAbsolute: 86_400 })).toThrow(
      'brands/volt/brand.json: session: freshSeconds: at most 86400',
    );
    const experiences = createExperiences(path, { sessionAbsolute: 86_401 });
    expect(experiences.experienceFor({ brand: 'volt' }).brand.session.freshSeconds).toBe(86_401);
    expect(experiences.experienceFor({ brand: 'spring' }).brand.session.freshSeconds).toBeUndefined();
  });

  it('is refused with the faults of all files at once, each with its file and field', () => {
    folder = copyOfProgram();
    folder.edit('program.json', (program) => {
      program.defaultBrand = 'nobody';
    });
    folder.edit('markets/jp.json', (market) => {
      market.country = 'Japan';
    });
    folder.edit('markets/us.json', (market) => {
      market.timeZone = 'Moon/Base';
    });
    folder.edit('brands/volt/brand.json', (brand) => {
      brand.colour = 'red';
    });
    folder.write('brands/greenleaf/brand.json', '{ not json');
    folder.remove('brands/spring/look.json');
    folder.edit('brands/aurora-air/look.json', (look) => {
      look.logo = '<svg><script>alert(1)</script></svg>';
      look.supportEmail = 'nobody';
    });
    const faults = faultsOf(folder.path);
    for (const fault of [
      /^program\.json: defaultBrand: there is no brand nobody/,
      /^markets\/jp\.json: country: /,
      /^markets\/us\.json: timeZone: not an IANA time zone/,
      /^brands\/volt\/brand\.json: .*colour/,
      /^brands\/greenleaf\/brand\.json: not valid JSON/,
      /^brands\/spring\/look\.json: the file is missing/,
      /^brands\/aurora-air\/look\.json: logo: SVG without scripts/,
      /^brands\/aurora-air\/look\.json: supportEmail: /,
    ]) {
      expect(faults).toContainEqual(expect.stringMatching(fault));
    }
  });

  it('is refused when two brands claim one host, or a market or region is named that does not exist', () => {
    folder = copyOfProgram();
    folder.edit('brands/volt/brand.json', (brand) => {
      brand.hosts = ['airline.localhost'];
      brand.defaultMarket = 'fr';
    });
    folder.edit('markets/us.json', (market) => {
      market.region = 'moon';
    });
    expect(faultsOf(folder.path)).toEqual([
      'markets/us.json: region: there is no region moon',
      'brands/volt/brand.json: defaultMarket: there is no market fr',
      'brands/volt/brand.json: hosts: airline.localhost belongs to aurora-air already',
    ]);
  });

  it('is refused when a look belongs to another brand or program', () => {
    folder = copyOfProgram();
    folder.edit('brands/volt/look.json', (look) => {
      look.id = 'spring';
      look.programName = 'Other';
    });
    expect(faultsOf(folder.path)).toEqual([
      'brands/volt/look.json: id: must be volt',
      'brands/volt/look.json: programName: must be Xenia, or left out',
    ]);
  });

  it.each([
    ['an http link to a foreign host', 'http://shop.example/'],
    ['a script as link', 'javascript:alert(1)'],
    ['a relative link', '/home'],
    ['user information', 'https://user:pass@shop.example/'],
  ])('is refused for %s', (_what, home) => {
    folder = copyOfProgram();
    folder.edit('brands/volt/look.json', (look) => {
      look.links = { ...(look.links as object), home };
    });
    expect(faultsOf(folder.path)).toEqual([expect.stringContaining('brands/volt/look.json: links: home: ')]);
  });

  it('is refused when the folder holds nothing', () => {
    folder = copyOfProgram();
    folder.remove('program.json');
    expect(faultsOf(folder.path)).toContain('program.json: the file is missing');
  });
});
