import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/business/layers/json.ts';
import { faultsOfItems, shippedItems } from '../../support/configuration.ts';

/** The shipped configuration with some items replaced by what is said here on top of them. */
function changed(changes: Record<string, JsonObject>): string[] {
  const items = shippedItems();
  for (const [path, change] of Object.entries(changes)) items.set(path, { ...items.get(path), ...change });
  return faultsOfItems(items);
}

describe('a key that headquarters has locked', () => {
  const program = { password: { minLength: 12 }, lock: ['password.minLength'] };

  it('cannot be loosened by any layer below', () => {
    expect(changed({ program, 'brands/volt/brand': { password: { minLength: 8 } } })).toEqual([
      'brands/volt/brand: password.minLength: expected at least 12, locked by program, got 8',
    ]);
    expect(changed({ program, 'brands/volt/markets/de': { password: { minLength: 11 } } })).toEqual([
      'brands/volt/markets/de: password.minLength: expected at least 12, locked by program, got 11',
    ]);
  });

  it('cannot be taken away, nor the object that holds it', () => {
    expect(changed({ program, 'markets/de': { password: null } })).toEqual([
      'markets/de: password.minLength: expected at least 12, locked by program, got nothing',
    ]);
  });

  it('can be tightened, and what is not locked can be said anew', () => {
    expect(
      changed({ program, 'brands/volt/brand': { password: { minLength: 14, minStrength: 1 } } }),
    ).toEqual([]);
  });

  it('stays as it is where there is no tighter', () => {
    const look = { name: 'Xenia', supportEmail: 'help@xenia.example' };
    const faults = changed({
      program: { look, lock: ['look.supportEmail'] },
      'regions/europe': { look: { supportEmail: 'eu@xenia.example' } },
    });
    expect(faults).toContain(
      'regions/europe: look.supportEmail: expected "help@xenia.example", locked by program, got "eu@xenia.example"',
    );
  });

  it('may hold a list, of which layers below may only take away', () => {
    const locked = {
      signIn: { methods: ['password', 'mail-code', 'google', 'facebook'] },
      lock: ['signIn.methods'],
    };
    expect(changed({ program: locked, 'markets/de': { signIn: { methods: ['google'] } } })).toEqual([]);
    expect(changed({ program: locked, 'markets/de': { signIn: { methods: ['google', 'line'] } } })).toEqual([
      'markets/de: signIn.methods: expected no more than ["password","mail-code","google","facebook"], locked by program, got ["google","line"]',
    ]);
  });

  it('must be said by the layer that locks it or one above', () => {
    expect(changed({ program: { lock: ['session.freshSeconds'] } })).toEqual([
      'program: lock: expected a key that this layer or one above it says, got "session.freshSeconds"',
    ]);
  });
});

describe('what the law asks', () => {
  it('belongs to the market: no layer above says it', () => {
    expect(changed({ program: { legal: { minimumAge: 13 } } })).toEqual([
      'program: legal: expected what the law asks to be said by the market, and tightened below it, got {"minimumAge":13}',
    ]);
  });

  it('is only tightened below, whether or not anybody locked it', () => {
    expect(changed({ 'brands/volt/markets/de': { legal: { minimumAge: 18 } } })).toEqual([]);
    expect(changed({ 'brands/volt/markets/de': { legal: { minimumAge: 13 } } })).toEqual([
      'brands/volt/markets/de: legal.minimumAge: expected at least 16, locked by markets/de, got 13',
    ]);
    const stricter = { 'brands/aurora-air/markets/us': { legal: { minimumAge: 18 } } };
    expect(changed({ ...stricter, 'sites/kiosk': { legal: { minimumAge: 17 } } })).toEqual([
      'sites/kiosk: legal.minimumAge: expected at least 18, locked by markets/us, got 17',
    ]);
    expect(changed({ 'brands/volt/markets/de': { legal: { jurisdiction: 'US' } } })).toEqual([
      'brands/volt/markets/de: legal.jurisdiction: expected "EU", locked by markets/de, got "US"',
    ]);
  });
});
