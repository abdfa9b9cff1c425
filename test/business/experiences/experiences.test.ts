import { afterEach, describe, expect, it } from '@jest/globals';
import { createExperiences } from '../../../src/business/experiences/experiences.ts';
import { askedAttribute } from '../../../src/business/profiles/form-answers.ts';
import { registrationOf } from '../../../src/business/profiles/registration-form.ts';
import { experiencesOf, faultsOfFolder, liveOf, shippedItems } from '../../support/configuration.ts';
import { copyOfProgram, type ProgramFolder } from '../../support/program-folder.ts';

let folder: ProgramFolder | undefined;
afterEach(() => folder?.remove());

describe('the shipped program', () => {
  const experiences = experiencesOf();

  it('has four brands and three markets', () => {
    expect(experiences.brands().map(({ id }) => id)).toEqual(['aurora-air', 'greenleaf', 'spring', 'volt']);
    expect(experiences.markets().map(({ id }) => id)).toEqual(['de', 'jp', 'us']);
  });

  it('asks nothing that must be answered, and each brand asks only its own', () => {
    const asked = (brand: string) => {
      const { forms, attributes } = experiences.experienceFor({ brand });
      const fields = registrationOf(forms).steps.flatMap((step) => step.fields);
      return fields.flatMap((field) => askedAttribute(field, attributes) ?? []);
    };
    expect(asked('aurora-air').map(({ name }) => name)).toEqual(['seat']);
    expect(asked('volt').map(({ name }) => name)).toEqual(['fuel_grade']);
    const required = experiences.brands().flatMap(({ id }) => asked(id).filter((each) => each.required));
    expect(required).toEqual([]);
  });

  it('shares what layers have in common between markets', () => {
    const [de, us] = ['de', 'us'].map((market) => experiences.experienceFor({ brand: 'volt', market }));
    expect(de?.attributes).toBe(us?.attributes);
    expect(de?.forms).toBe(us?.forms);
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
  const experiences = experiencesOf();

  it('joins program, brand and market', () => {
    const experience = experiences.experienceFor({ clientId: 'any-client', brand: 'volt', market: 'de' });
    expect(experience).toMatchObject({
      brand: { id: 'volt' },
      market: { id: 'de', country: 'DE' },
      jurisdiction: 'EU',
      identifierKind: 'email',
      upstreams: ['google', 'facebook'],
    });
    expect(experience.look.name).toBe('Volt Fuel');
    expect(experience.links).toBe(experience.look.links);
  });

  it('speaks the market’s usual language', () => {
    expect(experiences.experienceFor({ brand: 'volt', market: 'us' }).locales.default).toBe('en');
    expect(experiences.experienceFor({ brand: 'volt', market: 'jp' }).locales.default).toBe('ja');
  });

  it('falls back to the program’s brand and the brand’s market when they are unknown or missing', () => {
    const usual = experiences.experienceFor({});
    expect(usual.brand.id).toBe('aurora-air');
    expect(usual.market.id).toBe('us');
    expect(experiences.experienceFor({ brand: '__proto__', market: 'constructor' })).toBe(usual);
  });

  it('is the same frozen object each time, for every site without a layer of its own', () => {
    const first = experiences.experienceFor({ brand: 'volt', market: 'jp' });
    expect(experiences.experienceFor({ clientId: 'volt-web', brand: 'volt', market: 'jp' })).toBe(first);
    expect(Object.isFrozen(first)).toBe(true);
  });

  it('knows a brand by the host name of its site', () => {
    expect(experiences.brandOfHost('fuel.localhost')?.id).toBe('volt');
    expect(experiences.brandOfHost('evil.example')).toBeUndefined();
  });
});

describe('the layer of a site at a place where it was not judged', () => {
  const items = shippedItems();
  const label = { en: 'A label' };
  const also = (path: string, said: object) => items.set(path, { ...items.get(path), ...said });
  const asked = { type: 'text', label };
  also('program', {
    attributes: { belief: { ...asked, class: 'sensitive', read: ['member', 'client:kiosk'] } },
  });
  also('markets/us', { attributes: { state: { ...asked, class: 'trait' } } });
  also('markets/de', {
    password: { minLength: 14 },
    lock: ['password.minLength'],
    attributes: { belief: { read: ['member'] } },
  });
  items.set('sites/kiosk', {
    look: { supportEmail: 'kiosk@volt.example' },
    password: { minLength: 10, minStrength: 2 },
    legal: { minimumAge: 14 },
    attributes: {
      belief: { read: ['member', 'client:kiosk'] },
      state: { hint: { en: 'Yours' } },
      pump: { ...asked, class: 'trait' },
    },
  });
  const at = (market: string) =>
    createExperiences(liveOf(items)).experienceFor({ clientId: 'kiosk', brand: 'volt', market });

  it('says what it says where it keeps every rule', () => {
    const { settings, attributes, supportEmail } = at('us');
    expect(settings.password).toEqual({ minLength: 10, minStrength: 2 });
    expect(settings.legal.minimumAge).toBe(14);
    expect(attributes.belief?.read).toEqual(['member', 'client:kiosk']);
    expect([attributes.state?.hint, attributes.pump?.type]).toEqual([{ en: 'Yours' }, 'text']);
    expect(supportEmail).toBe('kiosk@volt.example');
  });

  it('loosens no lock, no law and no promise, and says the rest', () => {
    const { settings, attributes, supportEmail } = at('de');
    expect(settings.password).toEqual({ minLength: 14, minStrength: 2 });
    expect(settings.legal.minimumAge).toBe(16);
    expect(attributes.belief?.read).toEqual(['member']);
    expect(supportEmail).toBe('kiosk@volt.example');
  });

  it('adds nothing to what is not there', () => {
    const { attributes } = at('de');
    expect(Object.keys(attributes)).toEqual(expect.arrayContaining(['belief', 'pump']));
    expect(attributes).not.toHaveProperty('state');
  });
});

describe('a layer nearer to the visitor', () => {
  const items = shippedItems();
  items.set('regions/europe', { password: { minLength: 10 } });
  items.set('brands/volt/markets/de', { signIn: { methods: ['mail-code'] }, look: { name: 'Volt Tanken' } });
  items.set('sites/volt-web', { look: { supportEmail: 'site@volt.example' }, signIn: null });
  const experiences = createExperiences(liveOf(items));

  it('says more than the ones above, and leaves the rest to them', () => {
    const { settings, methods, look } = experiences.experienceFor({ brand: 'volt', market: 'de' });
    expect(settings.password).toEqual({ minLength: 10 });
    expect(methods).toEqual(['mail-code']);
    expect(look).toMatchObject({ name: 'Volt Tanken', supportEmail: 'help@fuel.example' });
  });

  it('counts nowhere else', () => {
    expect(experiences.experienceFor({ brand: 'volt', market: 'us' }).settings.password).toEqual({});
    expect(experiences.experienceFor({ brand: 'spring', market: 'de' }).methods).toContain('google');
  });

  it('may be a single site’s, which can take away what was said above', () => {
    const site = experiences.experienceFor({ clientId: 'volt-web', brand: 'volt', market: 'de' });
    expect(site.supportEmail).toBe('site@volt.example');
    expect(site.methods).toEqual(['password', 'mail-code']);
    expect(site.settings.password).toEqual({ minLength: 10 });
  });

  it('gives a look of its own only where it says something of the look', () => {
    const of = (brand: string, market: string, clientId?: string) =>
      experiences.experienceFor({ clientId, brand, market }).look;
    expect(of('volt', 'us')).toBe(of('volt', 'jp'));
    expect(of('volt', 'us').id).toBe('volt');
    expect(of('volt', 'de').id).toBe('volt.de');
    const site = of('volt', 'de', 'volt-web');
    expect(site.id).toBe('volt.de.volt-web');
    expect(experiences.lookOf(site.id)).toBe(site);
    expect(experiences.lookOf('volt.de')).toBe(of('volt', 'de'));
    expect(experiences.lookOf('nobody')).toBeUndefined();
  });
});

describe('another configuration that goes live', () => {
  it('counts from the next call on; what was handed out before stays as it was', () => {
    const live = liveOf(shippedItems());
    const experiences = createExperiences(live);
    const before = experiences.experienceFor({ brand: 'volt' });
    const next = shippedItems();
    next.set('brands/volt/markets/us', { signIn: { methods: ['google'] } });
    live.replace(next);
    expect(experiences.experienceFor({ brand: 'volt' }).methods).toEqual(['google']);
    expect(before.methods).toEqual(['password', 'mail-code', 'google', 'facebook']);
  });
});

describe('a faulty configuration folder', () => {
  it('is refused with the faults of all files at once, each with its item and key', () => {
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
    folder.edit('brands/aurora-air/brand.json', (brand) => {
      brand.look = {
        ...(brand.look as object),
        logo: '<svg viewBox="0 0 1 1"><script>alert(1)</script><path d="M0 0h1v1z"/></svg>',
        supportEmail: 'nobody',
      };
    });
    const faults = faultsOfFolder(folder.path);
    for (const fault of [
      /^markets\/jp: country: expected a country code such as DE, got "Japan"/,
      /^markets\/us: timeZone: expected an IANA time zone/,
      /^brands\/volt\/brand: colour: expected .*key/,
      /^brands\/greenleaf\/brand\.json: expected valid JSON/,
      /^brands\/aurora-air\/brand: look\.logo: expected SVG without script, got/,
      /^brands\/aurora-air\/brand: look\.supportEmail: /,
    ]) {
      expect(faults).toContainEqual(expect.stringMatching(fault));
    }
  });

  it('is refused when two brands claim one host, or something is named that does not exist', () => {
    folder = copyOfProgram();
    folder.edit('brands/volt/brand.json', (brand) => {
      brand.hosts = ['airline.localhost'];
      brand.defaultMarket = 'fr';
    });
    folder.edit('markets/us.json', (market) => {
      market.region = 'moon';
    });
    folder.edit('program.json', (program) => {
      program.defaultBrand = 'nobody';
    });
    expect(faultsOfFolder(folder.path)).toEqual([
      expect.stringMatching(/^program: defaultBrand: expected one of .*, got "nobody"$/),
      expect.stringMatching(/^brands\/volt\/brand: defaultMarket: .*, got "fr"$/),
      expect.stringMatching(/^markets\/us: region: .*, got "moon"$/),
      'brands/volt/brand: hosts.0: expected a host that is not aurora-air’s already, got "airline.localhost"',
    ]);
  });

  it.each([
    ['an http link to a foreign host', 'http://shop.example/'],
    ['a script as link', 'javascript:alert(1)'],
    ['a relative link', '/home'],
    ['user information', 'https://user:pass@shop.example/'],
  ])('is refused for %s', (_what, home) => {
    folder = copyOfProgram();
    folder.edit('brands/volt/brand.json', (brand) => {
      const look = brand.look as { links: object };
      brand.look = { ...look, links: { ...look.links, home } };
    });
    expect(faultsOfFolder(folder.path)).toEqual([
      expect.stringContaining('brands/volt/brand: look.links.home: '),
    ]);
  });

  it('is refused when the folder holds nothing', () => {
    folder = copyOfProgram();
    folder.remove('program.json');
    expect(faultsOfFolder(folder.path)).toContain('program: expected the layer of the program, got nothing');
  });

  it('may be of YAML, and may hold no file that means nothing', () => {
    folder = copyOfProgram();
    folder.remove('markets/de.json');
    folder.write(
      'markets/de.yaml',
      'country: DE\ntimeZone: Europe/Berlin\nregion: europe\nlegal:\n  jurisdiction: EU\n  minimumAge: 16\n',
    );
    expect(faultsOfFolder(folder.path)).toEqual([]);
    folder.write('markets/de.json', '{}');
    folder.write('notes/todo.json', '{}');
    expect(faultsOfFolder(folder.path)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^markets\/de\.yaml: expected one file for an item/),
        expect.stringMatching(/^notes\/todo\.json: expected a file that belongs to the configuration/),
      ]),
    );
  });
});
