/** People for tests: what a person does on the hosted pages, in one call each. */
import type { Agent, Page } from './agent.ts';
import type { TestIssuer } from './issuer.ts';

/** A password that passes every rule. */
export const goodPassword = 'plum tractor violin seventy';

/** The newest code mailed to an address. */
export async function mailedCode(issuer: TestIssuer, email: string, after = 0): Promise<string> {
  const message = await issuer.mailbox.waitFor(
    (caught) => caught.number > after && caught.to.includes(email) && /\b\d{4} ?\d{4}\b/.test(caught.text),
  );
  const newest = issuer.mailbox
    .messages()
    .filter((caught) => caught.to.includes(email) && /\b\d{4} ?\d{4}\b/.test(caught.text))
    .at(-1);
  return /\b\d{4} ?\d{4}\b/.exec((newest ?? message).text)?.[0] ?? '';
}

/** Ticks what is required and answers a registration page. */
export function registrationForm(page: Page, values: Record<string, string> = {}): Record<string, string> {
  const terms = [...page.text.matchAll(/name="(terms\.[a-z-]+)"/g)].map(([, name = '']) => [
    name,
    'accepted',
  ]);
  const age = page.text.includes('name="age"') ? { age: 'stated' } : {};
  return { ...Object.fromEntries(terms), ...age, ...values };
}

/** Registers on the first page of an interaction, up to the redirect back to the client. */
export async function register(
  issuer: TestIssuer,
  agent: Agent,
  page: Page,
  person: { email: string; password?: string; fields?: Record<string, string> },
): Promise<Page> {
  const link = /href="([^"]*view=register[^"]*)"/.exec(page.text)?.[1];
  if (!link) throw new Error(`no way to register on ${page.title} (${page.status})`);
  const form = await agent.open(new URL(link.replaceAll('&amp;', '&'), page.url).href);
  const sent = await agent.submit(
    form,
    registrationForm(form, {
      email: person.email,
      password: person.password ?? goodPassword,
      ...person.fields,
    }),
    '/register',
  );
  if (sent.status !== 200)
    throw new Error(`registration refused: ${sent.title} ${sent.status}\n${sent.text}`);
  const code = await mailedCode(issuer, person.email);
  return agent.submit(sent, { code }, '/verify');
}

/** Signs in on the first page of an interaction, up to the redirect back to the client. */
export async function signIn(
  agent: Agent,
  page: Page,
  person: { email: string; password?: string },
): Promise<Page> {
  const asked = await agent.submit(page, { identifier: person.email }, '/identifier');
  return agent.submit(
    asked,
    { username: person.email, password: person.password ?? goodPassword },
    '/password',
  );
}
