/** The SDK in a real browser: a page of another origin, without a server behind it. */
import { beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { demoMember, seedMember } from '../../src/demo.ts';
import { arriveAt, press, signIn } from '../journeys/browser/steps.ts';
import { describeInBrowser, visitor } from '../support/browser.ts';
import type { TestIssuer } from '../support/issuer.ts';
import { startShop } from './shop.ts';
import { sdkScope, startProgram } from './world.ts';

describeInBrowser('a page with the SDK', () => {
  let issuer: TestIssuer;
  let origin: string;

  beforeAll(async () => {
    issuer = await startProgram();
    origin = await startShop({ issuer: issuer.url, scope: sdkScope });
    await issuer.client({
      id: 'shop',
      name: 'Shop',
      brand: 'aurora-air',
      firstParty: true,
      metadata: {
        redirect_uris: [`${origin}/`],
        post_logout_redirect_uris: [`${origin}/`],
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        dpop_bound_access_tokens: true,
        scope: sdkScope,
      },
    });
  });

  /** A member of their own in a browser of their own, signed in at the shop. */
  async function signedIn(name: string, lateMs = 0) {
    const person = { email: `${name.toLowerCase()}@example.com`, name, password: demoMember.password };
    await seedMember(issuer.issuer, person);
    const { members } = issuer.issuer.people;
    const member = async () => {
      const found = await members.findByIdentifier({ type: 'email', value: person.email });
      if (!found) throw new Error('no member');
      return { id: found._id, attributes: await members.attributes(found), sources: found.sources };
    };
    const { page, problems, context } = await visitor();
    await page.addInitScript((late) => {
      const { now } = Date;
      Date.now = () => now() - late;
    }, lateMs);
    const calls: Record<string, string>[] = [];
    context.on('request', (request) => {
      if (request.url().includes('/api/account/')) calls.push(request.headers());
    });
    await page.goto(origin);
    await press(page, 'Sign in');
    await arriveAt(page, 'Sign in');
    await signIn(page, person);
    await arriveAt(page, `Hello ${name}`);
    return { page, problems, calls, member };
  }

  /** What IndexedDB keeps: whether there is a key, and whether a script could read it. */
  const keptKey = (page: Page) =>
    page.evaluate(
      () =>
        new Promise((resolve) => {
          const opening = Reflect.get(globalThis, 'indexedDB').open('symbolon');
          opening.onsuccess = () => {
            const asked = opening.result.transaction('keys').objectStore('keys').get('pair');
            asked.onsuccess = () => {
              opening.result.close();
              resolve(asked.result?.privateKey.extractable);
            };
          };
        }),
    );

  it('signs in with PKCE and DPoP, changes the profile, draws a form, asks, and signs out', async () => {
    const { page, problems, calls, member } = await signedIn('Ada');
    expect(calls.find(({ authorization }) => authorization)).toMatchObject({
      authorization: expect.stringMatching(/^DPoP /),
      dpop: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    });
    expect(await keptKey(page)).toBe(false);

    await page.getByLabel('Motto').fill('Onward');
    await press(page, 'Save');
    await page.locator('.motto', { hasText: 'Onward' }).waitFor();

    await press(page, 'Your pets');
    await arriveAt(page, 'Your pets');
    expect(await page.getByLabel('Its name').count()).toBe(0);
    await page.getByLabel('Your pet').selectOption('A dog');
    await page.getByLabel('Its name').waitFor();
    await press(page, 'Send');
    await page.getByText('/attributes/pet_name field.required').waitFor();
    await page.getByLabel('Its name').fill('Rex');
    await page.getByLabel('Its name').press('Tab');
    await page.getByLabel('Yes').check();
    await press(page, 'Send');
    await arriveAt(page, 'Hello Ada');

    await press(page, 'Questions');
    await arriveAt(page, '2 questions');
    await page.getByLabel('Your hobby').fill('chess');
    await page.getByLabel('Your hobby').press('Tab');
    await press(page, 'Answer');
    await arriveAt(page, 'Hello Ada');
    await press(page, 'Questions');
    await arriveAt(page, '0 questions');

    const { id, attributes, sources } = await member();
    expect(attributes).toEqual({ motto: 'Onward', pet: 'dog', pet_name: 'Rex', hobby: 'chess' });
    expect(sources?.pet_name).toMatchObject({ by: 'member', client: 'shop' });
    const [consent] = await issuer.issuer.people.consents.history(id);
    expect(consent).toMatchObject({ subjectId: 'personalisation', kind: 'given', channel: 'api' });

    await page.reload();
    await arriveAt(page, 'Hello Ada');
    await press(page, 'Sign out');
    await press(page, 'Sign out everywhere');
    await arriveAt(page, 'Nobody is here');
    expect(await keptKey(page)).toBeUndefined();
    await press(page, 'Sign in silently');
    await arriveAt(page, 'Nobody is here: login_required');
    expect(problems).toEqual([]);
  });

  it('signs in on a device whose clock is an hour late', async () => {
    const { problems, calls } = await signedIn('Bo', 3_600_000);
    const [, payload = ''] = calls.at(-1)?.dpop?.split('.') ?? [];
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toHaveProperty('nonce');
    expect(problems).toEqual([]);
  });

  it('has one key for all tabs of a site, whichever asks first', async () => {
    const { context, page } = await visitor();
    const tabs = [page, await context.newPage(), await context.newPage()];
    await Promise.all(tabs.map((tab) => tab.goto(origin)));
    const names = await Promise.all(
      tabs.map((tab) =>
        tab.evaluate(async (module) => (await import(module)).createDpop().thumbprint(), '/sdk/dpop.ts'),
      ),
    );
    expect(names[0]).toMatch(/^[\w-]{43}$/);
    expect(new Set(names).size).toBe(1);
  });
});
