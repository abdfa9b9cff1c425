import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { signIn } from '../../support/people.ts';
import { copyOfProgram, type ProgramFolder } from '../../support/program-folder.ts';
import { startWorld, type World } from '../interactions/world.ts';

let world: World;
let program: ProgramFolder;
beforeAll(async () => {
  program = copyOfProgram();
  program.edit('brands/aurora-air/brand.json', (brand) => {
    const label = { en: 'Label' };
    const motto = { type: 'text', class: 'trait', label };
    const allergy = { type: 'text', class: 'sensitive', label };
    Object.assign(brand, {
      attributes: { motto, allergy },
      forms: {
        profile: {
          title: { en: 'About you' },
          steps: [
            { fields: [{ core: 'name' }, { attribute: 'motto' }] },
            {
              fields: [
                { attribute: 'allergy', required: true, when: { attribute: 'motto', present: true } },
                { consent: 'personalisation' },
              ],
            },
          ],
        },
      },
      profiling: {},
    });
  });
  world = await startWorld({ env: { SYMBOLON_PROGRAM_DIR: program.path } });
});
afterAll(() => program.remove());

const address = (query: Record<string, string>) =>
  `/forms/profile?${new URLSearchParams({ client_id: 'airline', return_to: 'https://airline.example/me?tab=1', ...query })}`;

describe('a form that an app sends its members to', () => {
  it('can be read in another language than the app asked for, and leads back to the same place', async () => {
    const { agent } = await world.member();
    const page = await agent.open(address({ locale: 'es', state: 'kept' }));
    expect(page.text).toMatch(/<html lang="es/);
    const again = await agent.submit(page, { locale: 'en' }, '/language');
    expect(again.text).toMatch(/<html lang="en/);
    const back = await agent.submit(again, { go: 'cancel' }, '/forms/');
    expect(back.url).toBe('https://airline.example/me?tab=1&form=profile&form_state=cancelled&state=kept');
  });

  it('is filled with what is known, judged, kept, and leads back with the state of the app', async () => {
    const { agent, id } = await world.member();
    const page = await agent.open(address({ state: 'kept' }));
    expect(page.title).toContain('About you');
    const refused = await agent.submit(page, { name: 'Ada', 'field.motto': 'ahoi' }, '/forms/');
    expect(refused.status).toBe(422);
    const back = await agent.submit(
      refused,
      { 'field.allergy': 'nuts', 'purpose.personalisation': 'yes' },
      '/forms/',
    );
    expect(back.url).toBe('https://airline.example/me?tab=1&form=profile&form_state=saved&state=kept');
    const { members, consents } = world.issuer.issuer.people;
    const member = await members.get(id);
    if (!member) throw new Error('no member');
    expect(await members.attributes(member)).toEqual({ motto: 'ahoi', allergy: 'nuts' });
    expect(
      (await consents.current(id)).purposes.find(({ purposeId }) => purposeId === 'personalisation')?.kind,
    ).toBe('given');
    const again = await agent.open(address({}));
    expect(again.forms.find(({ action }) => action.includes('/forms/'))?.fields).toMatchObject({
      name: 'Ada',
      'field.motto': 'ahoi',
      'field.allergy': 'nuts',
      'purpose.personalisation': 'yes',
    });
    const withdrawn = await agent.submit(
      again,
      { 'purpose.personalisation': 'no', 'field.motto': '' },
      '/forms/',
    );
    expect(withdrawn.url).toContain('form_state=saved');
    const purposes = (await consents.current(id)).purposes;
    expect(purposes.find(({ purposeId }) => purposeId === 'personalisation')?.kind).toBe('withdrawn');
  });

  it('can be left, and asks whoever is not signed in to do so first', async () => {
    const { agent, email } = await world.member();
    const page = await agent.open(address({}));
    expect((await agent.submit(page, { go: 'cancel' }, '/forms/')).url).toContain('form_state=cancelled');
    const other = world.issuer.agent();
    const shown = await signIn(other, await other.open(address({ state: 's' })), { email });
    expect(shown.title).toContain('About you');
  });

  it.each([
    'https://evil.example/',
    'https://airline.example.evil.example/',
    'javascript:alert(1)',
    '//airline.example',
    'https://a@airline.example/',
  ])('never leads to %s', async (target) => {
    const { agent } = await world.member();
    const page = await agent.open(address({ return_to: target }));
    expect(page.status).toBe(400);
    expect(page.text).not.toContain('action="/forms/');
  });
});
