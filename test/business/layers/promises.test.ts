import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/business/layers/json.ts';
import { faultsOfItems, shippedItems } from '../../support/configuration.ts';

const label = { en: 'Allergies' };
const allergies = { type: 'text', class: 'sensitive', label, purpose: 'personalisation', read: ['member'] };
const tier = { type: 'text', class: 'trait', label, read: ['member'], write: ['client:ledger'] };

/** What is wrong with the shipped configuration once some layers say more of attributes. */
function saying(more: Record<string, JsonObject>): string[] {
  const items = shippedItems();
  for (const [path, said] of Object.entries(more)) {
    const item = items.get(path);
    items.set(path, { ...item, attributes: { ...(item?.attributes as JsonObject), ...said } });
  }
  return faultsOfItems(items);
}

describe('what was promised of an attribute', () => {
  const program = { allergy: allergies, tier };
  const asked = 'brands/volt/markets/de';

  it.each<[string, JsonObject, string]>([
    ['class', { allergy: { class: 'trait' } }, 'allergy.class: expected "sensitive" or more careful'],
    ['class', { allergy: { class: 'identifier' } }, 'allergy.class: expected "sensitive" or more careful'],
    ['purpose', { allergy: { purpose: null } }, 'allergy.purpose: expected "personalisation"'],
    ['purpose', { allergy: { purpose: 'partner-sharing' } }, 'allergy.purpose: expected "personalisation"'],
    [
      'reader',
      { allergy: { read: ['member', 'client:volt'] } },
      'allergy.read: expected no more than ["member"]',
    ],
    ['writer', { tier: { write: ['client:ledger', 'client:volt'] } }, 'tier.write: expected no more than'],
    ['writer', { tier: { write: null } }, 'tier.write: expected no more than ["client:ledger"]'],
  ])('is not taken back by a layer below: its %s', (_what, said, fault) => {
    expect(saying({ program, [asked]: said })).toEqual([
      expect.stringContaining(`${asked}: attributes.${fault}`),
    ]);
  });

  it('is not taken back by removing the attribute and saying it anew further below', () => {
    const anew = { ...allergies, class: 'trait', purpose: 'personalisation' };
    expect(saying({ program, 'markets/de': { allergy: null }, [asked]: { allergy: anew } })).toEqual([
      expect.stringContaining(`${asked}: attributes.allergy.class`),
    ]);
  });

  it('is tightened, and everything else is said anew', () => {
    const said = {
      allergy: { read: [], retentionDays: 30, label: { de: 'Allergien' } },
      tier: { class: 'sensitive', read: ['member'], write: ['client:ledger'] },
    };
    expect(saying({ program, [asked]: said })).toEqual([]);
    const open = { tier: { ...tier, write: ['member'] } };
    const more = { tier: { read: ['member', 'client:volt'], write: ['member', 'client:volt'] } };
    expect(saying({ program: open, [asked]: more })).toEqual([]);
  });
});

describe('a sensitive attribute that a brand defines', () => {
  const foreign = (item: string) =>
    `${item}: attributes.meal: expected an attribute of its own: this one is aurora-air’s, and what brands share is the program’s, got "meal"`;
  const meal = { type: 'text', class: 'trait', label, read: ['client:volt'] };

  it.each(['brands/volt/brand', 'brands/volt/markets/de'])('is not said by another one in %s', (item) => {
    expect(saying({ [item]: { meal } })).toEqual([foreign(item)]);
  });

  it('is free for others while it is an ordinary trait, and of nobody else once it is sensitive', () => {
    const nap = { ...meal, class: 'sensitive' };
    expect(saying({ 'brands/volt/brand': { nap: meal }, 'brands/spring/brand': { nap: meal } })).toEqual([]);
    expect(saying({ 'brands/volt/brand': { nap }, 'brands/spring/brand': { nap: meal } })).toEqual([
      expect.stringMatching(/^brands\/spring\/brand: attributes.nap: .* volt’s/),
    ]);
  });

  it('is of nobody else either once members may not write it', () => {
    const level = { ...tier, write: ['client:ledger'] };
    const open = { ...tier, write: ['member'] };
    for (const said of [open, { ...open, write: null }])
      expect(saying({ 'brands/volt/brand': { level }, 'brands/spring/markets/jp': { level: said } })).toEqual(
        [expect.stringMatching(/^brands\/spring\/markets\/jp: attributes.level: .* volt’s/)],
      );
    expect(saying({ 'brands/volt/brand': { level }, 'brands/volt/markets/jp': { level } })).toEqual([]);
  });

  it('is said no less carefully where the market that guards it does not reach', () => {
    const level = { ...tier, write: ['client:ledger'] };
    const nap = { ...meal, class: 'sensitive' };
    const open = { ...tier, write: ['member'] };
    const fault = (item: string, name: string) =>
      `${item}: attributes.${name}: expected an attribute of its own, or one as careful as that of markets/de, got "${name}"`;
    for (const elsewhere of ['markets/jp', 'regions/americas', 'brands/volt/brand', 'brands/volt/markets/us'])
      expect(saying({ 'markets/de': { level, nap }, [elsewhere]: { level: open, nap: meal } })).toEqual([
        fault(elsewhere, 'level'),
        fault(elsewhere, 'nap'),
      ]);
    expect(saying({ 'markets/de': { level, nap }, 'markets/jp': { level, nap } })).toEqual([]);
  });

  it('may differ in what each of its markets says', () => {
    const own = { nap: { ...meal, class: 'sensitive' } };
    expect(saying({ 'brands/volt/markets/de': own, 'brands/volt/markets/jp': own })).toEqual([]);
  });

  it('is shared where a layer of all brands says it', () => {
    const more = { nap: { label: { de: 'Schlaf' } } };
    const layers = { 'brands/volt/markets/de': more, 'brands/spring/markets/de': more };
    for (const above of ['program', 'regions/europe', 'markets/de'])
      expect(saying({ [above]: { nap: { ...meal, class: 'sensitive' } }, ...layers })).toEqual([]);
  });
});
