import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/business/layers/json.ts';
import { clientsNamed, unknownClients } from '../../../src/business/layers/mention-faults.ts';
import { faultsOfItems, shippedItems } from '../../support/configuration.ts';

/** The shipped items with some keys said anew. */
function withKeys(patches: Record<string, JsonObject>): Map<string, JsonObject> {
  const items = shippedItems();
  for (const [path, patch] of Object.entries(patches)) items.set(path, { ...items.get(path), ...patch });
  return items;
}

const label = { en: 'Motto' };
const motto = (more: JsonObject): JsonObject => ({ motto: { type: 'text', class: 'trait', label, ...more } });
const rule = (when: JsonObject): JsonObject => ({ trips: { ask: ['city'], when } });

describe('a name that nobody knows is refused, with where it stands and what was probably meant:', () => {
  it.each<[string, JsonObject, string]>([
    [
      'a scope that may read',
      { attributes: motto({ read: ['member', 'scope:profil'] }) },
      'attributes.motto.read.1: expected a known key (did you mean scope:profile?), got "scope:profil"',
    ],
    [
      'a scope that may write',
      { attributes: motto({ write: ['scope:account:profile.rite'] }) },
      'attributes.motto.write.0: expected a known key (did you mean scope:account:profile.write?), got "scope:account:profile.rite"',
    ],
    [
      'a role of staff',
      { attributes: motto({ read: ['role:suport'] }) },
      'attributes.motto.read.0: expected a known key (did you mean role:support?), got "role:suport"',
    ],
    [
      'a purpose of an attribute',
      { attributes: motto({ purpose: 'personalization' }) },
      'attributes.motto.purpose: expected a known key (did you mean personalisation?), got "personalization"',
    ],
    [
      'terms in the place of a purpose',
      { attributes: motto({ purpose: 'program-terms' }) },
      'attributes.motto.purpose: expected a purpose, which is always optional, got "program-terms"',
    ],
    [
      'a purpose that the registration asks',
      { purposes: { askAtRegistration: ['marketing-email', 'marketing-mail'] } },
      'purposes.askAtRegistration.1: expected a known key (did you mean marketing-email?), got "marketing-mail"',
    ],
    [
      'a scope that a question waits for',
      { profiling: rule({ scopes: ['email', 'points:reed'] }) },
      'profiling.trips.when.scopes.1: expected a known key (did you mean points:read?), got "points:reed"',
    ],
  ])('%s', (_what, said, fault) => {
    const { attributes, ...others } = said;
    const shipped = shippedItems().get('program') ?? {};
    const all = { ...(shipped.attributes as JsonObject), ...(attributes as JsonObject) };
    expect(faultsOfItems(withKeys({ program: { ...others, attributes: all } }))).toEqual([
      `program: ${fault}`,
    ]);
  });

  it('the program’s own language', () => {
    expect(faultsOfItems(withKeys({ program: { defaultLocale: 'jp' } }))).toContain(
      'program: defaultLocale: expected a known key (did you mean ja?), got "jp"',
    );
  });

  it('the language of a legal text', () => {
    const terms = structuredClone(shippedItems().get('legal/program-terms')) as {
      texts: Record<string, Record<string, string>>;
    };
    terms.texts['1.0'] = { ...terms.texts['1.0'], jp: terms.texts['1.0']?.ja ?? '' };
    expect(faultsOfItems(withKeys({ 'legal/program-terms': terms as JsonObject }))).toEqual([
      'legal/program-terms: texts.1.0.jp: expected a known key (did you mean ja?), got a text',
    ]);
  });

  it('what of the law is locked', () => {
    const locking = (key: string) => faultsOfItems(withKeys({ 'markets/de': { lock: [key] } }));
    expect(locking('legal.consentMaxAgeDays')).toEqual([]);
    expect(locking('legal.minimalAge')).toEqual([
      'markets/de: lock: expected a key that this layer or one above it says, got "legal.minimalAge"',
    ]);
  });
});

it('a scope that only one brand’s apps can ask for may be named by all', () => {
  const attributes = { ...(shippedItems().get('program')?.attributes as JsonObject) };
  const items = withKeys({
    program: { attributes: { ...attributes, ...motto({ read: ['member', 'scope:travel'] }) } },
    'brands/volt/markets/de': {
      claims: { travel: ['motto'] },
      profiling: { stops: { ask: ['city'], when: { scopes: ['travel'] } } },
    },
  });
  expect(faultsOfItems(items)).toEqual([]);
});

describe('a client that nobody has registered', () => {
  const items = new Map<string, JsonObject>([
    ['program', { attributes: motto({ read: ['client:ledger'], write: ['client:legder'] }) }],
    ['brands/volt/brand', { profiling: rule({ clients: ['ledger', 'kiosk-1'] }) }],
    ['sites/kiosk-2', {}],
  ]);

  it('is no fault, and told wherever it is named, with the one that was probably meant', () => {
    expect(clientsNamed(items).sort()).toEqual(['kiosk-1', 'kiosk-2', 'ledger', 'legder']);
    const warnings = unknownClients(items, new Set(['ledger']), ['kiosk-1x', 'somebody-else']);
    expect(warnings).toEqual([
      {
        item: 'program',
        key: 'attributes.motto.write.0',
        code: 'unknown_item',
        expected: 'a registered client (did you mean client:ledger?)',
        got: '"client:legder"',
      },
      {
        item: 'brands/volt/brand',
        key: 'profiling.trips.when.clients.1',
        code: 'unknown_item',
        expected: 'a registered client (did you mean kiosk-1x?)',
        got: '"kiosk-1"',
      },
      expect.objectContaining({ item: 'sites/kiosk-2', key: '', got: '"kiosk-2"' }),
    ]);
  });

  it('is not told of once all are registered', () => {
    expect(unknownClients(items, new Set(clientsNamed(items)), [])).toEqual([]);
  });
});
