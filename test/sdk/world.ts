/** What tests of the SDK have in common: a program with a form and questions, and where what must outlive a page is kept. */
import { atEnd } from '../support/database.ts';
import { startIssuer, type TestIssuer } from '../support/issuer.ts';
import { copyOfProgram } from '../support/program-folder.ts';

/** Every scope the SDK can use for a member. */
export const sdkScope =
  'openid account:profile.read account:profile.write account:consents account:questions account:forms';

const label = { en: 'Label' };
const access = { read: ['member', 'client:shop'], write: ['member', 'client:shop'] };
const pets = [
  { value: 'dog', label: { en: 'A dog' } },
  { value: 'none', label: { en: 'None' } },
];

/** An issuer whose app `shop` has a form `pets` and two questions. */
export async function startProgram(): Promise<TestIssuer> {
  const folder = copyOfProgram();
  atEnd(async () => folder.remove());
  folder.edit('program.json', (program) => {
    program.attributes = {
      ...(program.attributes as object | undefined),
      pet: {
        type: 'choice',
        class: 'trait',
        label: { en: 'Your pet' },
        constraints: { options: pets },
        ...access,
      },
      pet_name: {
        type: 'text',
        class: 'trait',
        label: { en: 'Its name' },
        constraints: { maxLength: 5 },
        ...access,
      },
      motto: { type: 'text', class: 'trait', label, ...access },
      hobby: { type: 'text', class: 'trait', label: { en: 'Your hobby' }, ...access },
      sport: { type: 'text', class: 'trait', label: { en: 'Your sport' }, ...access },
    };
    program.forms = {
      ...(program.forms as object | undefined),
      pets: {
        title: { en: 'Your pets' },
        steps: [
          { fields: [{ attribute: 'pet', required: true }] },
          {
            fields: [
              { attribute: 'pet_name', required: true, when: { attribute: 'pet', equals: 'dog' } },
              { consent: 'personalisation' },
            ],
          },
        ],
      },
    };
    // Waits for the form: an app that asked before would find nothing left to ask.
    program.profiling = {
      leisure: {
        ask: ['hobby', 'sport'],
        when: { clients: ['shop'], attributes: [{ attribute: 'pet', equals: 'dog' }] },
      },
    };
  });
  return startIssuer({ env: { SYMBOLON_PROGRAM_DIR: folder.path } });
}

/** A store that lives as long as the test. */
export function memory() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}
