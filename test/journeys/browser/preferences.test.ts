import { beforeAll, expect, it } from '@jest/globals';
import { bothWays, describeInBrowser, visitor } from '../../support/browser.ts';
import { startDemo, type TestDemo } from '../../support/demo.ts';
import { choose, enterOn, tabTo, typeInto } from './keys.ts';
import { arriveAt, goToSignIn, greetings, openAccount, press, signIn } from './steps.ts';

describeInBrowser('the preference centre', () => {
  let demo: TestDemo;

  beforeAll(async () => {
    demo = await startDemo();
  });

  it.each(bothWays)(
    'changes what two brands know, by keyboard alone, and loses nothing that was typed, $way',
    async ({ script }) => {
      const member = await demo.member(`prefers-${script}@example.com`, 'Fay Quill');
      const { page, problems } = await visitor({ script });
      await openAccount(page, demo, { as: member });
      await arriveAt(page, 'Your account');
      await enterOn(page, page.getByRole('link', { name: 'Preferences' }));
      await arriveAt(page, 'Preferences');
      const airline = page.getByRole('region', { name: 'Aurora Air' });
      const grocery = page.getByRole('region', { name: 'Greenleaf Markets' });

      await tabTo(page, airline.getByRole('radio', { name: 'Window' }));
      await page.keyboard.press('Space');
      await choose(page, airline.getByLabel('What would you like to eat on board?'), 'vegetarian');
      await typeInto(page, grocery.getByLabel('Your store'), 'behind the church');
      await tabTo(page, grocery.getByRole('checkbox', { name: 'Nuts and peanuts' }));
      await page.keyboard.press('Space');
      await enterOn(page, grocery.getByRole('button', { name: 'Save all changes' }));
      await page.getByRole('heading', { name: 'There is a problem' }).waitFor();
      await page.getByRole('status').getByText('Saved: Aurora Air.').waitFor();
      expect(await grocery.getByRole('checkbox', { name: 'Nuts and peanuts' }).isChecked()).toBe(true);
      expect(await airline.getByRole('radio', { name: 'Window' }).isChecked()).toBe(true);
      await enterOn(page, page.locator('.summary a'));
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.type('4711');
      await page.keyboard.press('Enter');
      await page.getByRole('status').getByText('Your preferences are saved: Greenleaf Markets').waitFor();

      await page.reload();
      expect(await airline.getByRole('radio', { name: 'Window' }).isChecked()).toBe(true);
      expect(await airline.getByLabel('What would you like to eat on board?').inputValue()).toBe(
        'vegetarian',
      );
      expect(await grocery.getByLabel('Your store').inputValue()).toBe('4711');
      expect(await grocery.getByRole('checkbox', { name: 'Nuts and peanuts' }).isChecked()).toBe(true);
      await enterOn(page, airline.getByText('Where these answers come from'));
      await airline.getByText('You, at Aurora Air').first().waitFor();

      await tabTo(page, airline.getByRole('radio', { name: 'Window' }));
      await page.keyboard.press('ArrowUp');
      expect(await airline.getByRole('radio', { name: 'No answer' }).isChecked()).toBe(true);
      await enterOn(page, airline.getByRole('button', { name: 'Save all changes' }));
      await page.getByRole('status').getByText('Your preferences are saved: Aurora Air').waitFor();
      expect(await airline.getByRole('radio', { checked: true }).count()).toBe(0);
      expect(problems).toEqual([]);
    },
    60_000,
  );

  it.each([
    { site: 'airline', brand: 'Aurora Air', answer: 'Vegan' },
    { site: 'fuel', brand: 'Volt Fuel', answer: 'A motorcycle' },
  ] as const)(
    'holds what $brand asks at the second sign-in, and not at the first',
    async ({ site, brand, answer }) => {
      const member = await demo.member(`asked-at-${site}@example.com`, 'Gil Asked');
      const first = await visitor();
      await goToSignIn(first.page, demo, site);
      await signIn(first.page, member);
      await arriveAt(first.page, greetings[site]);
      const { page, problems } = await visitor();
      await goToSignIn(page, demo, site);
      await signIn(page, member);
      await arriveAt(page, 'Tell us a little more');
      const option = page.getByRole('radio', { name: answer });
      if (await option.isVisible()) await option.check();
      else await page.locator('main select').selectOption({ label: answer });
      await press(page, 'Continue');
      await arriveAt(page, greetings[site]);
      await openAccount(page, demo, { path: '/preferences' });
      await arriveAt(page, 'Preferences');
      expect(await page.getByRole('heading', { level: 2 }).nth(1).textContent()).toBe(brand);
      const section = page.getByRole('region', { name: brand });
      const chosen = section.getByRole('radio', { name: answer, checked: true });
      const listed = section.locator('select option:checked').filter({ hasText: answer });
      expect(await chosen.or(listed).count()).toBe(1);
      expect(problems).toEqual([]);
    },
  );
});
