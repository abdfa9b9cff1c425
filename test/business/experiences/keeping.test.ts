import { describe, expect, it } from '@jest/globals';
import { keepingIn } from '../../../src/business/experiences/keeping.ts';
import { openConfiguration } from '../../../src/business/layers/configuration.ts';
import { shippedItems } from '../../support/configuration.ts';

describe('how values are kept in a market', () => {
  it('is the strictest that a brand there, or any site, says', () => {
    const items = shippedItems();
    const add = (path: string, attributes: object) =>
      items.set(path, { ...items.get(path), attributes: attributes as never });
    const motto = { type: 'text', class: 'trait', label: { en: 'Motto' } };
    add('brands/volt/brand', { motto: { ...motto, retentionDays: 90 } });
    add('brands/spring/brand', { motto: { ...motto, retentionDays: 40, class: 'sensitive' } });
    add('brands/greenleaf/brand', { motto });
    items.set('brands/volt/markets/de', { attributes: { motto: { retentionDays: 30 } } });
    items.set('sites/kiosk', { attributes: { badge: { ...motto, retentionDays: 7 } as never } });
    const configuration = openConfiguration(items);
    expect(keepingIn(configuration, 'de').get('motto')).toEqual({ retentionDays: 30, sealed: true });
    expect(keepingIn(configuration, 'us').get('motto')).toEqual({ retentionDays: 40, sealed: true });
    expect(keepingIn(configuration, 'us').get('badge')).toEqual({ retentionDays: 7, sealed: false });
    expect(keepingIn(configuration, 'us').get('seat')).toEqual({ retentionDays: undefined, sealed: false });
  });
});
