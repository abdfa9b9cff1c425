/** What a change of the configuration changes for members: exactly that is listed, and nothing else. */
import { describe, expect, it } from '@jest/globals';
import type { DryRunReport } from '../../../src/business/dry-runs/dry-run.ts';
import { createDryRuns } from '../../../src/business/dry-runs/dry-runs.ts';
import { syntheticJourneys } from '../../../src/business/dry-runs/synthetic.ts';
import type { Json, JsonObject } from '../../../src/business/layers/json.ts';
import { asIfPublished } from '../../../src/business/releases/as-if-live.ts';
import { faultsOfItems, shippedItems } from '../../support/configuration.ts';
import { asIfAlone, changedItems, compared, rules, sideOf, testMoment } from './configurations.ts';

type Patches = Readonly<Record<string, Json>>;

const dryRunOf = (patches: Patches) => compared(shippedItems(), changedItems(patches));

/** Kinds of journeys that change. */
const kindsOf = ({ changed }: DryRunReport) =>
  [...new Set(changed.map(({ journey }) => journey.kind))].sort();

const pathsOf = ({ summary }: DryRunReport) => summary.paths.map(({ path }) => path).sort();

const terms = shippedItems().get('legal/program-terms') as { document: JsonObject; texts: JsonObject };
const newTerms = {
  'legal/program-terms': {
    document: {
      versions: [...(terms.document.versions as Json[]), { version: '2.0', validFrom: '2026-10-01' }],
    },
    texts: { '2.0': terms.texts['1.0'] as Json },
  },
};

const question = {
  attributes: {
    seat: {
      type: 'text',
      class: 'trait',
      label: { en: 'Seat', de: 'Sitz' },
      read: ['member'],
      write: ['member'],
    },
  },
  forms: {
    registration: {
      steps: [{ fields: [{ attribute: 'fuel_grade', required: true }, { attribute: 'seat' }] }],
    },
  },
};

describe('a dry run', () => {
  it('says nothing of a configuration that is the same', () => {
    const report = dryRunOf({});
    expect(report.changed).toEqual([]);
    expect(report.summary).toMatchObject({ brands: [], markets: [], paths: [] });
    expect(report.summary.synthetic.journeys).toBeGreaterThan(100);
  });

  it.each<[string, Patches, { brands: string[]; markets: string[]; kinds: string[]; paths: string[] }]>([
    [
      'a way to sign in that is taken away',
      { 'brands/volt/brand': { signIn: { methods: ['password', 'mail-code', 'google'] } } },
      {
        brands: ['volt'],
        markets: ['de', 'jp', 'us'],
        kinds: ['account', 'recover', 'register', 'sign-in'],
        paths: ['pages', 'signIn.methods', 'signIn.possible'],
      },
    ],
    [
      'a longer password in one market',
      { 'markets/jp': { password: { minLength: 14 } } },
      {
        brands: ['aurora-air', 'greenleaf', 'spring', 'volt'],
        markets: ['jp'],
        kinds: ['account', 'recover', 'register'],
        paths: ['password.minLength'],
      },
    ],
    [
      'another colour of a brand',
      { 'brands/volt/brand': { look: { theme: { light: { accent: '#112233' } } } } },
      {
        brands: ['volt'],
        markets: ['de', 'jp', 'us'],
        kinds: ['account', 'consent', 'recover', 'register', 'sign-in'],
        paths: ['look.theme'],
      },
    ],
    [
      'a question that is added, and one that must be answered now',
      { 'brands/volt/markets/de': question },
      {
        brands: ['volt'],
        markets: ['de'],
        kinds: ['register'],
        paths: ['fields.fuel_grade.required', 'fields.seat'],
      },
    ],
    [
      'a question on the account pages that is added, one that is gone, and a consent that is asked no more',
      {
        'brands/volt/markets/de': {
          attributes: question.attributes,
          forms: {
            preferences: { steps: [{ fields: [{ attribute: 'vehicle' }, { attribute: 'seat' }] }] },
            communication: { steps: [{ fields: [{ attribute: 'contact_channels' }] }] },
          },
        },
      },
      {
        brands: ['volt'],
        markets: ['de'],
        kinds: ['account'],
        paths: [
          'forms.communication.contact_frequency',
          'forms.communication.marketing-email',
          'forms.preferences.connector',
          'forms.preferences.fuel_grade',
          'forms.preferences.seat',
        ],
      },
    ],
    [
      'a new version of the terms',
      newTerms,
      {
        brands: ['aurora-air', 'greenleaf', 'spring', 'volt'],
        markets: ['de', 'jp', 'us'],
        kinds: ['consent', 'recover', 'register', 'sign-in', 'token'],
        paths: ['legal.program-terms.version', 'missingTerms.program-terms', 'pages'],
      },
    ],
    [
      'fewer purposes at registration',
      { 'markets/de': { purposes: { askAtRegistration: ['marketing-email'] } } },
      {
        brands: ['aurora-air', 'greenleaf', 'spring', 'volt'],
        markets: ['de'],
        kinds: ['register'],
        paths: ['purposes.partner-sharing', 'purposes.personalisation'],
      },
    ],
    [
      'a higher age',
      { 'markets/us': { legal: { minimumAge: 18 } } },
      {
        brands: ['aurora-air', 'greenleaf', 'spring', 'volt'],
        markets: ['us'],
        kinds: ['register'],
        paths: ['age.minimum'],
      },
    ],
    [
      'a level for a scope, and a fresher sign-in',
      {
        'brands/greenleaf/markets/us': {
          acr: { email: { acr: 'urn:symbolon:acr:one-factor', maxAgeSeconds: 300 } },
          session: { freshSeconds: 900 },
        },
      },
      {
        brands: ['greenleaf'],
        markets: ['us'],
        kinds: ['sign-in', 'token'],
        paths: ['session.freshSeconds', 'session.levels.email'],
      },
    ],
    [
      'an attribute that a scope releases',
      { 'brands/volt/brand': { claims: { profile: ['fuel_grade'] } } },
      {
        brands: ['volt'],
        markets: ['de', 'jp', 'us'],
        kinds: ['consent', 'token'],
        paths: ['claims.profile'],
      },
    ],
    [
      'another sender, and a text of the brand’s own',
      {
        'brands/spring/brand': {
          mails: { senderName: 'Spring Club' },
          texts: { de: { 'sign-in.title': 'Hallo' } },
        },
      },
      {
        brands: ['spring'],
        markets: ['de', 'jp', 'us'],
        kinds: ['account', 'consent', 'recover', 'register', 'sign-in'],
        paths: ['mails.sender', 'texts'],
      },
    ],
    [
      'a language that is offered no more',
      { 'markets/de': { languages: { offered: ['de'] } } },
      {
        brands: ['aurora-air', 'greenleaf', 'spring', 'volt'],
        markets: ['de'],
        kinds: ['account', 'consent', 'recover', 'register', 'sign-in'],
        paths: ['language', 'legal.privacy-notice.hash', 'fields.seat.label', 'forms.preferences.seat.label'],
      },
    ],
  ])('lists exactly what changes by %s', (_name, patches, expected) => {
    const report = dryRunOf(patches);
    expect(report.summary).toMatchObject({ brands: expected.brands, markets: expected.markets });
    expect(kindsOf(report)).toEqual(expected.kinds);
    for (const path of expected.paths) expect(pathsOf(report)).toContain(path);
    const known = expected.paths.map((path) => path.split('.')[0]);
    const also = ['legal', 'purposes', 'missingTerms'];
    expect(pathsOf(report).filter((path) => ![...known, ...also].includes(path.split('.')[0]))).toEqual([]);
  });

  it('tells each difference before and after', () => {
    const { changed } = dryRunOf({ 'markets/us': { legal: { minimumAge: 18 } } });
    expect(changed[0]).toMatchObject({
      source: 'synthetic',
      name: 'register by password at aurora-air in us, en',
      differences: [{ path: 'age.minimum', change: 'changed', before: 13, after: 18 }],
    });
  });

  it('tells of a market that comes and goes', () => {
    const added = changedItems({ 'markets/fr': { ...shippedItems().get('markets/de'), country: 'FR' } });
    const report = compared(shippedItems(), added);
    expect(report.summary.markets).toEqual(['fr']);
    expect(report.changed.every(({ differences }) => differences[0]?.change === 'added')).toBe(true);
    const back = compared(added, shippedItems());
    expect(back.changed.every(({ differences }) => differences[0]?.change === 'removed')).toBe(true);
  });

  it('looks at each site with a layer of its own', () => {
    const sites = [
      { id: 'pump', brand: 'volt', market: 'de', firstParty: true },
      { id: 'till', brand: 'volt', market: undefined, firstParty: false },
    ];
    const before = changedItems({ 'sites/pump': {}, 'sites/till': {} });
    const after = changedItems({ 'sites/pump': { look: { name: 'Pump' } }, 'sites/till': {} });
    const report = compared(before, after, sites);
    expect([...new Set(report.changed.map(({ journey }) => journey.clientId))]).toEqual(['pump']);
    expect(pathsOf(report)).toEqual(['look.name', 'mails.sender']);
  });

  it('sees a release that goes live in one market only there', () => {
    const before = asIfAlone(shippedItems());
    const items = changedItems({ 'brands/volt/brand': { session: { freshSeconds: 900 } } });
    const after = asIfPublished(before, items, { regions: ['europe'], markets: [] });
    expect(after.of('de').configuration.items).toBe(items);
    expect(after.of('us')).toBe(before.all);
    expect(asIfPublished(after, items, 'all').of('us').configuration.items).toBe(items);
  });

  it('takes the same sample of too many, and says so', () => {
    const items = manyPlaces(12, 30);
    const side = sideOf(asIfAlone(items));
    const first = syntheticJourneys(side, side, []);
    const again = syntheticJourneys(sideOf(asIfAlone(items)), side, []);
    expect(first.journeys).toHaveLength(2_000);
    expect(first.of).toBeGreaterThan(2_000);
    expect(again).toEqual(first);
  });

  it('gives way to other work again and again', async () => {
    const items = manyPlaces(5, 20);
    const live = asIfAlone(items);
    const dryRuns = createDryRuns({
      clock: { now: () => testMoment },
      live: { current: () => live },
      clients: { list: async () => [] },
      recorded: { list: async () => [] },
      rules,
    });
    let turns = 0;
    let running = true;
    const others = () => {
      turns += 1;
      if (running) setImmediate(others);
    };
    setImmediate(others);
    const { summary } = await dryRuns.run(items, 'all', ['synthetic']);
    running = false;
    expect(summary.synthetic.journeys).toBeGreaterThanOrEqual(600);
    expect(turns).toBeGreaterThan(summary.synthetic.journeys / 50);
  });

  it('compares a hundred places', () => {
    const before = manyPlaces(5, 20);
    const after = new Map(before);
    after.set('program', { ...(before.get('program') as JsonObject), password: { minLength: 12 } });
    const sides = [sideOf(asIfAlone(before)), sideOf(asIfAlone(after))] as const;
    const { journeys } = syntheticJourneys(...sides, []);
    expect(journeys.length).toBeGreaterThanOrEqual(600);
    expect(compared(before, after).summary.paths[0]?.path).toBe('password.minLength');
  });
});

/** The shipped configuration with more brands and markets, each like one of the shipped. */
function manyPlaces(brands: number, markets: number): Map<string, JsonObject> {
  const items = shippedItems();
  const brand = items.get('brands/volt/brand') as JsonObject;
  const languages = { offered: ['de', 'en'], default: 'de' };
  const market = { ...items.get('markets/de'), languages } as JsonObject;
  for (let at = 4; at < brands; at += 1) items.set(`brands/b${at}/brand`, { ...brand, hosts: [] });
  for (let at = 3; at < markets; at += 1) items.set(`markets/m${at}`, market);
  const faults = faultsOfItems(items);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return items;
}
