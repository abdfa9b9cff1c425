import { beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { createI18n } from '../../../src/base/i18n/i18n.ts';
import { putJudgeInto } from '../../support/accessibility/judge.ts';
import { describeInBrowser, type Visitor, visitor } from '../../support/browser.ts';
import { type SiteName, startDemo, type TestDemo } from '../../support/demo.ts';
import { goodPassword, mailedCode } from '../../support/people.ts';
import { publishLayers } from '../../support/publishing.ts';
import { choose, enterOn, focusOf, tabTo, typeInto } from './keys.ts';
import { arriveAt, greetings } from './steps.ts';

const i18n = createI18n();

/** One language is read from the right, the other has the longest words. */
const languages = [
  { language: 'Arabic', code: 'ar', region: 'ar-EG' },
  { language: 'German', code: 'de', region: 'de-DE' },
];

/** The words of a language. */
const wordsOf = (code: string) => (key: string, params?: Record<string, string>) => i18n.t(code, key, params);
type Words = ReturnType<typeof wordsOf>;

/** A person without a mouse, with a window of 320 by 480 pixels. */
const onSmallPhone = (locale: string): Promise<Visitor> =>
  visitor({ locale, viewport: { width: 320, height: 480 } });

/** Arrives at a page of the issuer in the language, which must fit the window. */
async function arriveWell(page: Page, code: string, heading: string): Promise<void> {
  await arriveAt(page, heading);
  const { tag, dir } = i18n.locale(code);
  await putJudgeInto(page);
  const faults = await page.evaluate(
    `[symbolonJudge.fit(), symbolonJudge.size()].flatMap(({ faults }) => faults)`,
  );
  const root = await page.evaluate('[document.documentElement.lang, document.documentElement.dir]');
  expect({ heading, faults, root }).toEqual({ heading, faults: [], root: [tag, dir] });
}

async function goToSignIn(page: Page, demo: TestDemo, site: SiteName): Promise<void> {
  await page.goto(demo.site(site));
  await enterOn(page, page.getByRole('link', { name: 'Sign in' }));
}

async function signIn(page: Page, code: string, t: Words, person: { email: string; password: string }) {
  await arriveWell(page, code, t('sign-in.title'));
  await typeInto(page, page.getByLabel(t('field.email')), person.email);
  await page.keyboard.press('Enter');
  await arriveWell(page, code, t('password.title'));
  await typeInto(page, page.getByLabel(t('field.password'), { exact: true }), person.password);
  await page.keyboard.press('Enter');
}

async function chooseLanguage(page: Page, name: string): Promise<void> {
  await enterOn(page, page.locator('.languages summary'));
  await enterOn(page, page.locator('.languages').getByRole('button', { name, exact: true }));
}

describeInBrowser('by keyboard alone, on the smallest phone', () => {
  let demo: TestDemo;

  beforeAll(async () => {
    demo = await startDemo();
    const offered = languages.map(({ code }) => code);
    await publishLayers(demo.issuer, {
      'markets/us': { languages: { offered: ['en', ...offered], default: 'en' } },
    });
  });

  it.each(languages)('one joins in $language, with errors on the way', async ({ code, region }) => {
    const t = wordsOf(code);
    const email = `small-${code}@example.com`;
    const { page, problems } = await onSmallPhone(region);
    await goToSignIn(page, demo, 'airline');
    await arriveWell(page, code, t('sign-in.title'));
    await enterOn(page, page.getByRole('link', { name: t('sign-in.register') }));
    await arriveWell(page, code, t('register.title'));
    await typeInto(page, page.getByLabel(t('field.email')), 'nobody@');
    await typeInto(page, page.getByLabel(t('field.choose_password')), 'short');
    await enterOn(page, page.getByRole('button', { name: t('register.button') }));

    await page.getByRole('heading', { name: t('page.problem') }).waitFor();
    await arriveWell(page, code, t('register.title'));
    await page.waitForFunction("document.activeElement.className === 'summary'");
    const emailField = page.getByLabel(t('field.email'));
    await enterOn(page, page.locator('.summary a').first());
    expect(await focusOf(page)).toMatchObject({ name: 'INPUT#email', inView: true });
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type(email);
    expect(await emailField.inputValue()).toBe(email);
    await typeInto(page, page.getByLabel(t('field.choose_password')), goodPassword);
    await tabTo(page, page.locator('input[name="age"]'));
    await page.keyboard.press('Space');
    await tabTo(page, page.locator('input[name^="terms."]'));
    await page.keyboard.press('Space');
    await enterOn(page, page.getByRole('button', { name: t('register.button') }));

    await arriveWell(page, code, t('verify-code.title'));
    await typeInto(page, page.getByLabel(t('field.code')), await mailedCode(demo.issuer, email));
    await page.keyboard.press('Enter');
    await arriveAt(page, greetings.airline);
    expect(problems).toEqual([]);
  });

  it.each(languages)('one signs in and lets an app in, in $language', async ({ code, region }) => {
    const t = wordsOf(code);
    const member = await demo.member(`consent-small-${code}@example.com`, 'Noor Klein');
    const { page, problems } = await onSmallPhone(region);
    await goToSignIn(page, demo, 'partner');
    await signIn(page, code, t, member);
    await arriveWell(page, code, t('consent.title', { client: 'Harbour Hotels' }));
    await tabTo(page, page.locator('input[type=checkbox]'));
    await page.keyboard.press('Space');
    await enterOn(page, page.getByRole('button', { name: t('consent.allow') }));
    await arriveAt(page, greetings.partner);
    expect(problems).toEqual([]);
  });

  it.each(languages)(
    'one looks through the account and changes it, in $language',
    async ({ code, region }) => {
      const t = wordsOf(code);
      const member = await demo.member(`account-small-${code}@example.com`, 'Noor Klein');
      const { page, problems } = await onSmallPhone(region);
      await page.goto(`${demo.issuer.url}/account`);
      await signIn(page, code, t, member);
      // The account speaks the member's own language until another is chosen.
      await arriveWell(page, 'en', 'Your account');
      await chooseLanguage(page, i18n.locale(code).name);
      await arriveWell(page, code, t('account.home.title'));
      const side = page.getByRole('navigation', { name: t('account.nav.label') });
      for (const name of ['sign-in-methods', 'sessions', 'applications', 'consents', 'profile']) {
        await enterOn(page, side.getByRole('link', { name: t(`account.nav.${name}`), exact: true }));
        await arriveWell(page, code, t(`account.${name}.title`));
      }
      await typeInto(page, page.getByLabel(t('field.name')), 'Noor Gross');
      await choose(page, page.getByLabel(t('field.language')), code);
      await enterOn(page, page.getByRole('button', { name: t('page.save') }));
      await page.getByText(t('account.profile.saved')).waitFor();

      await enterOn(page, side.getByRole('link', { name: t('account.nav.consents'), exact: true }));
      await arriveWell(page, code, t('account.consents.title'));
      await enterOn(page, page.getByRole('article').first().locator('[value=give]'));
      await page.getByText(t('account.consents.saved')).waitFor();
      await arriveWell(page, code, t('account.consents.title'));

      await chooseLanguage(page, 'English');
      await arriveWell(page, 'en', 'What you agreed to');
      expect(problems).toEqual([]);
    },
  );
});
