import { describe, expect, it } from '@jest/globals';
import { openConfiguration } from '../../../src/business/layers/configuration.ts';
import { diffEffective, diffItems } from '../../../src/business/layers/diff.ts';
import type { JsonObject } from '../../../src/business/layers/json.ts';
import { keyChanges, mergeThreeWays } from '../../../src/business/layers/json-changes.ts';
import { shippedItems } from '../../support/configuration.ts';

/** The shipped configuration with some items put in the place of others. */
function withItems(changes: Record<string, JsonObject | undefined>) {
  const items = shippedItems();
  for (const [path, item] of Object.entries(changes)) {
    if (item) items.set(path, { ...items.get(path), ...item });
    else items.delete(path);
  }
  return items;
}

const effective = (before: Record<string, JsonObject | undefined>, after: typeof before) =>
  diffEffective({
    from: openConfiguration(withItems(before)),
    to: openConfiguration(withItems(after)),
    siteOf: (id) => (id === 'volt-pumps' ? { brand: 'volt', market: 'de' } : undefined),
    concerns: () => true,
  });

describe('the difference of two configurations', () => {
  it('is told by item and key, down to single values', () => {
    const before = withItems({ 'regions/europe': { password: { minLength: 10, minStrength: 2 } } });
    const after = withItems({
      'regions/europe': { password: { minLength: 12 }, mails: { senderName: 'Xenia' } },
      'regions/americas': { session: { freshSeconds: 600 } },
      'legal/partner-sharing': undefined,
    });
    expect(diffItems(before, after).map(({ item, change }) => [item, change])).toEqual([
      ['legal/partner-sharing', 'removed'],
      ['regions/americas', 'added'],
      ['regions/europe', 'changed'],
    ]);
    expect(diffItems(before, after)[2]?.keys).toEqual([
      { keys: ['mails', 'senderName'], key: 'mails.senderName', change: 'added', to: 'Xenia' },
      { keys: ['password', 'minLength'], key: 'password.minLength', change: 'changed', from: 10, to: 12 },
      { keys: ['password', 'minStrength'], key: 'password.minStrength', change: 'removed', from: 2 },
    ]);
    expect(diffItems(after, after)).toEqual([]);
  });

  it('takes a list for one value, and the order of keys for nothing', () => {
    expect(keyChanges({ a: [1, 2], b: { c: 1, d: 2 } }, { b: { d: 2, c: 1 }, a: [2, 1] })).toEqual([
      { keys: ['a'], key: 'a', change: 'changed', from: [1, 2], to: [2, 1] },
    ]);
    expect(keyChanges({ a: {} }, { a: null })).toEqual([
      { keys: ['a'], key: 'a', change: 'changed', from: {}, to: null },
    ]);
  });

  it('comes to what differs for a brand in a market, whoever said it', () => {
    const { changes } = effective({}, { 'regions/europe': { password: { minLength: 12 } } });
    expect(changes).toEqual([
      {
        keys: ['password', 'minLength'],
        key: 'password.minLength',
        change: 'added',
        to: 12,
        where: ['aurora-air', 'greenleaf', 'spring', 'volt'].map((brand) => ({ brand, market: 'de' })),
      },
    ]);
  });

  it('comes to nothing where a layer below says otherwise', () => {
    const below = { 'brands/volt/markets/de': { password: { minLength: 14 } } };
    const { changes } = effective(below, { ...below, 'regions/europe': { password: { minLength: 12 } } });
    expect(changes[0]?.where.map(({ brand }) => brand)).toEqual(['aurora-air', 'greenleaf', 'spring']);
  });

  it('tells of a site by itself only where it differs from its brand and market', () => {
    const { changes } = effective(
      { 'sites/volt-pumps': { session: { freshSeconds: 600 } } },
      {
        'regions/europe': { password: { minLength: 12 } },
        'sites/volt-pumps': { session: { freshSeconds: 300 } },
      },
    );
    expect(changes.map(({ key, where }) => [key, where.length])).toEqual([
      ['password.minLength', 4],
      ['session.freshSeconds', 1],
    ]);
    expect(changes[1]?.where).toEqual([{ brand: 'volt', market: 'de', site: 'volt-pumps' }]);
  });

  it('tells of brands and markets that come and go', () => {
    const france = { ...shippedItems().get('markets/de'), country: 'FR', timeZone: 'Europe/Paris' };
    const { added, removed, changes } = effective({}, { 'markets/fr': france });
    expect(added.map(({ brand, market }) => `${brand} ${market}`).sort()).toEqual([
      'aurora-air fr',
      'greenleaf fr',
      'spring fr',
      'volt fr',
    ]);
    expect([removed, changes]).toEqual([[], []]);
  });
});

describe('two changes of one value', () => {
  const merge = (base: JsonObject, theirs: JsonObject, yours: JsonObject) => {
    const conflicts: string[] = [];
    const merged = mergeThreeWays({ base, theirs, yours }, ({ key, theirs: there }) => {
      conflicts.push(key);
      return there;
    });
    return { merged, conflicts };
  };

  it('come together key by key', () => {
    const base = { a: 1, b: { c: 1, d: 1, e: 1 }, list: [1] };
    const theirs = { a: 1, b: { c: 2, d: 1 }, list: [1], f: true };
    const yours = { a: 2, b: { c: 1, d: 2, e: 1 }, list: [1, 2] };
    expect(merge(base, theirs, yours)).toEqual({
      merged: { a: 2, b: { c: 2, d: 2 }, list: [1, 2], f: true },
      conflicts: [],
    });
  });

  it('are told where both made something different of a key', () => {
    const base = { a: 1, b: { c: 1 }, d: 1, e: [1] };
    const theirs = { a: 2, b: { c: 2 }, d: 2, e: [1, 2] };
    const yours = { a: 3, d: 2, e: [1, 3] };
    expect(merge(base, theirs, yours).conflicts).toEqual(['a', 'b', 'e']);
  });

  it('come together when both added the same object with different keys', () => {
    expect(merge({}, { a: { b: 1 } }, { a: { c: 2 } })).toEqual({
      merged: { a: { b: 1, c: 2 } },
      conflicts: [],
    });
  });
});
