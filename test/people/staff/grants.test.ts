import { describe, expect, it } from '@jest/globals';
import {
  allows,
  layerSelector,
  type Place,
  type StaffGrant,
  withGrants,
  withoutGrants,
} from '../../../src/people/staff/grants.ts';

const edit = (...layers: string[]): StaffGrant[] => [{ permission: 'edit', layers }];
const everywhere = [
  'program',
  'legal/terms',
  'brands/volt/brand',
  'brands/other/brand',
  'brands/volt/markets/de',
  'brands/other/markets/de',
  'brands/volt/markets/jp',
  'regions/europe',
  'regions/dach',
  'regions/asia',
  'markets/de',
  'markets/jp',
  'sites/shop',
  'sites/kiosk',
];
/** Where things lie: Germany in DACH in Europe, Japan in Asia; the shop is Volt's in Germany. */
const places: Readonly<Record<string, Place>> = {
  'regions/dach': { regions: ['europe'] },
  'markets/de': { regions: ['dach', 'europe'] },
  'markets/jp': { regions: ['asia'] },
  'brands/volt/markets/de': { regions: ['dach', 'europe'] },
  'brands/other/markets/de': { regions: ['dach', 'europe'] },
  'brands/volt/markets/jp': { regions: ['asia'] },
  'sites/shop': { brand: 'volt', market: 'de', regions: ['dach', 'europe'] },
  'sites/kiosk': { brand: 'other', market: 'jp', regions: ['asia'] },
};
const editable = (...layers: string[]) =>
  everywhere.filter((path) => allows(edit(...layers), 'edit', path, places[path]));

describe('a grant', () => {
  it.each<[string, string[]]>([
    ['*', everywhere],
    ['program', ['program', 'legal/terms']],
    ['brand:volt', ['brands/volt/brand', 'brands/volt/markets/de', 'brands/volt/markets/jp', 'sites/shop']],
    [
      'region:europe',
      [
        'brands/volt/markets/de',
        'brands/other/markets/de',
        'regions/europe',
        'regions/dach',
        'markets/de',
        'sites/shop',
      ],
    ],
    [
      'region:dach',
      ['brands/volt/markets/de', 'brands/other/markets/de', 'regions/dach', 'markets/de', 'sites/shop'],
    ],
    ['market:jp', ['brands/volt/markets/jp', 'markets/jp', 'sites/kiosk']],
    ['site:shop', ['sites/shop']],
    ['brand:unknown', []],
  ])('on %s covers what belongs to it, and nothing else', (selector, expected) => {
    expect(editable(selector)).toEqual(expected);
  });

  it('covers a site by its brand or market only where the caller says so', () => {
    expect(allows(edit('brand:volt'), 'edit', 'sites/shop')).toBe(false);
    expect(allows(edit('market:de'), 'edit', 'sites/shop', { market: 'de' })).toBe(true);
  });

  it('covers no brand by a place that it does not have', () => {
    const place = { brand: 'volt', market: 'de', regions: ['europe'] };
    expect(allows(edit('brand:volt'), 'edit', 'brands/other/brand', place)).toBe(false);
    expect(allows(edit('market:de'), 'edit', 'markets/jp', place)).toBe(false);
    expect(allows(edit('region:europe'), 'edit', 'brands/other/brand', place)).toBe(false);
    expect(allows(edit('region:europe'), 'edit', 'program', place)).toBe(false);
  });

  it('of anything lets read, and of nothing else but itself', () => {
    const grants = edit('brand:volt');
    expect(allows(grants, 'read', 'brands/volt/brand')).toBe(true);
    expect(allows(grants, 'approve', 'brands/volt/brand')).toBe(false);
    expect(allows(grants, 'publish', 'brands/volt/brand')).toBe(false);
    expect(allows([{ permission: 'read', layers: ['*'] }], 'edit', 'program')).toBe(false);
    expect(allows([], 'read', 'program')).toBe(false);
  });

  it.each([['nothing'], ['brands/volt'], ['../program'], ['brands/__proto__/brand'], ['']])(
    'covers nothing that is no item: %s',
    (path) => {
      expect(allows(edit('*'), 'edit', path)).toBe(false);
    },
  );
});

describe('a selector', () => {
  it.each([['*'], ['program'], ['brand:volt'], ['region:eu-west'], ['market:de'], ['site:Shop_1']])(
    'is %s',
    (text) => {
      expect(layerSelector.safeParse(text).success).toBe(true);
    },
  );

  it.each([
    ['brand'],
    ['brand:'],
    ['brand:*'],
    ['BRAND:volt'],
    ['site:a.b'],
    ['legal:x'],
    ['program:x'],
    [' *'],
  ])('is not %j', (text) => {
    expect(layerSelector.safeParse(text).success).toBe(false);
  });
});

describe('grants together', () => {
  const both: StaffGrant[] = [
    { permission: 'read', layers: ['*'] },
    { permission: 'edit', layers: ['brand:volt', 'market:de'] },
  ];

  it('are one entry per permission, each part once, in order', () => {
    expect(withGrants(edit('market:de', 'brand:volt'), [...edit('brand:volt'), ...both])).toEqual(both);
  });

  it('lose what is named, on what is named, or everything', () => {
    expect(withoutGrants(both, { permissions: ['edit'], layers: ['market:de'] })).toEqual([
      { permission: 'read', layers: ['*'] },
      { permission: 'edit', layers: ['brand:volt'] },
    ]);
    expect(withoutGrants(both, { permissions: ['read'] })).toEqual([both[1]]);
    expect(withoutGrants(both, { layers: ['*'] })).toEqual([both[1]]);
    expect(withoutGrants(both, {})).toEqual([]);
  });
});
