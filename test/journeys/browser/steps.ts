/** What a person does on the live pages, in one call each; by the words on the pages, never by addresses. */
import type { Page } from 'playwright-core';
import { eventually } from '../../support/browser.ts';
import type { SiteName, TestDemo } from '../../support/demo.ts';
import { goodPassword, mailedCode } from '../../support/people.ts';

/** Presses a button by its words. */
export function press(page: Page, name: string | RegExp): Promise<void> {
  return page
    .getByRole('button', { name, exact: typeof name === 'string' })
    .first()
    .click();
}

/** Follows a link by its words. */
export function follow(page: Page, name: string | RegExp): Promise<void> {
  return page
    .getByRole('link', { name, exact: typeof name === 'string' })
    .first()
    .click();
}

/** The page's one heading. */
export async function heading(page: Page): Promise<string> {
  return (await page.locator('h1').first().textContent())?.trim() ?? '';
}

/** Waits for a heading; a page that is another says which. */
export async function arriveAt(page: Page, words: string | RegExp): Promise<void> {
  try {
    await page.getByRole('heading', { level: 1, name: words }).waitFor();
  } catch (error) {
    const there = `${await page.title()} (${new URL(page.url()).host}): ${await page.locator('main').textContent()}`;
    throw new Error(`expected the page “${words}”, found ${there}`, { cause: error });
  }
}

/** The signed-in page of a site greets with these words. */
export const greetings: Record<SiteName, RegExp> = {
  airline: /^Welcome aboard/,
  grocery: /^Good to see you/,
  fuel: /^Ready to roll/,
  drinks: /^Cheers/,
  partner: /^Your key is ready/,
};

/** Opens a site and begins to sign in there. */
export async function goToSignIn(page: Page, demo: TestDemo, site: SiteName): Promise<void> {
  await page.goto(demo.site(site));
  await follow(page, 'Sign in');
  await arriveAt(page, 'Sign in');
}

/** Joins from the sign-in page, by mail and password, up to the signed-in page of the site. */
export async function join(
  page: Page,
  demo: TestDemo,
  person: { email: string; site: SiteName },
): Promise<void> {
  await follow(page, 'Join in a minute');
  await arriveAt(page, 'Join');
  await page.getByLabel('E-mail address').fill(person.email);
  await page.getByLabel('Choose a password').fill(goodPassword);
  await agree(page);
  await press(page, 'Create account');
  await arriveAt(page, 'Check your e-mail');
  await enterCode(page, demo, person.email);
  await press(page, 'Confirm address');
  await arriveAt(page, greetings[person.site]);
}

/** Ticks whatever must be ticked: the terms, and the age where the market has one. */
export async function agree(page: Page): Promise<void> {
  for (const tick of await page.locator('input[type="checkbox"][required]').all()) await tick.check();
}

/** Types the newest code mailed to an address. */
export async function enterCode(page: Page, demo: TestDemo, email: string): Promise<void> {
  await page.getByLabel('Code from the e-mail').fill(await mailedCode(demo.issuer, email));
}

/** Signs in from the sign-in page, by mail and password. */
export async function signIn(page: Page, person: { email: string; password: string }): Promise<void> {
  await page.getByLabel('E-mail address').fill(person.email);
  await press(page, 'Continue');
  await arriveAt(page, 'Enter your password');
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await press(page, 'Sign in');
}

/** Opens a page of the account; who is not signed in signs in first. */
export async function openAccount(
  page: Page,
  demo: TestDemo,
  at: { path?: string; as?: { email: string; password: string } } = {},
): Promise<void> {
  await page.goto(`${demo.issuer.url}/account${at.path ?? ''}`);
  if (at.as) await signIn(page, at.as);
}

/** What a site shows of a claim or token, by the marks on its page. */
export async function shown(page: Page, mark: string): Promise<string> {
  return (await page.locator(mark).first().textContent()) ?? '';
}

/** Reloads a site until it has heard that the member is gone: the issuer tells it in its own time. */
export async function untilSignedOut(page: Page, demo: TestDemo, site: SiteName): Promise<void> {
  await eventually(`signed out at ${site}`, async () => {
    await page.goto(demo.site(site));
    return page.getByRole('link', { name: 'Join' }).isVisible();
  });
}
