import { beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { createI18n } from '../../../src/base/i18n/i18n.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import type { Who } from '../../../src/business/releases/draft-writes.ts';
import { demoMember, seedMember } from '../../../src/demo.ts';
import { describeInBrowser, visitor } from '../../support/browser.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { publishLayers } from '../../support/publishing.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { signIn } from './steps.ts';

const { t } = createI18n();
const person = (id: string): Who => ({ by: { kind: 'member', id }, visit: systemVisit(id) });
/** What a page shows of its brand's colour. */
const colour = (page: Page) =>
  page.evaluate<string>("getComputedStyle(document.documentElement).getPropertyValue('--brand')");

describeInBrowser('two brands in two markets on one issuer', () => {
  let issuer: TestIssuer;
  let grocery: RelyingParty;
  let fuel: RelyingParty;

  beforeAll(async () => {
    issuer = await startIssuer({
      env: { SYMBOLON_GOOGLE_CLIENT_ID: 'google', SYMBOLON_GOOGLE_CLIENT_SECRET: 'secret-of-google' },
    });
    grocery = await RelyingParty.register(issuer, { id: 'grocery-de', brand: 'greenleaf', market: 'de' });
    fuel = await RelyingParty.register(issuer, { id: 'fuel-us', brand: 'volt', market: 'us' });
    await publishLayers(issuer, {
      'brands/greenleaf/markets/de': { signIn: { methods: ['mail-code'] } },
      'brands/volt/markets/us': {
        signIn: { methods: ['password', 'google'] },
        languages: { offered: ['en'], default: 'en' },
      },
    });
  });

  /** A German browser; what lies beyond the issuer answers with an empty page. */
  async function arriving(): Promise<Page> {
    const { page, context } = await visitor({ locale: 'de-DE' });
    await context.route('https://*.example/**', (route) => route.fulfill({ status: 200, body: '' }));
    return page;
  }

  it('have their own methods, fields, languages and looks, and one session', async () => {
    const page = await arriving();
    await page.goto((await grocery.begin()).url);
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
    await page.getByRole('heading', { level: 1, name: t('de', 'sign-in.title') }).waitFor();
    expect(await page.getByRole('button', { name: /Google/ }).count()).toBe(0);
    const green = await colour(page);
    await page.goto((await grocery.begin({ screen_hint: 'register' })).url);
    expect(await page.locator('input[type=password]').count()).toBe(0);
    const fields = await page.locator('[name^="field."]').count();

    await page.goto((await fuel.begin({ screen_hint: 'register' })).url);
    expect(await page.locator('input[type=password]').count()).toBe(1);
    expect(await page.locator('[name^="field."]').count()).not.toBe(fields);
    await page.goto((await fuel.begin()).url);
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    await page.getByRole('button', { name: /Google/ }).waitFor();
    expect(await colour(page)).not.toBe(green);

    const member = { ...demoMember, email: 'two-brands@example.com' };
    await seedMember(issuer.issuer, member);
    await signIn(page, member);
    await page.waitForURL('https://fuel-us.example/callback**');
    // Signed on without a page: nobody answers at the address that the browser is led to.
    const ledBack = page.waitForRequest('https://grocery-de.example/callback**');
    await page.goto((await grocery.begin()).url).catch(() => undefined);
    expect(new URL((await ledBack).url()).searchParams.get('code')).toMatch(/./);
  });

  it('change one region at a time: drafted, dry-run, approved by another person, published, rolled back', async () => {
    const { workflow } = issuer.issuer.core;
    const ada = person('mbr_ada');
    const opened = await workflow.drafts.open(
      { message: 'A name of its own in Europe', target: { regions: ['europe'], markets: [] } },
      ada,
    );
    const edits = [{ item: 'brands/greenleaf/markets/de', patch: { look: { name: 'Grünblatt' } } }];
    const draft = await workflow.drafts.submit(await workflow.drafts.edit(opened, edits, ada), ada);
    const outcome = await issuer.issuer.dryRuns.run(await workflow.drafts.items(draft.id), draft.target);
    expect(outcome.summary.brands).toEqual(['greenleaf']);
    expect(outcome.summary.markets).toEqual(['de']);
    const approved =
      draft.state === 'approved' ? draft : await workflow.drafts.approve(draft, person('mbr_ben'));
    await workflow.publishing.publish(approved, {}, ada);

    const page = await arriving();
    const title = async (site: RelyingParty) => {
      await page.goto((await site.begin()).url);
      return page.title();
    };
    const elsewhere = await RelyingParty.register(issuer, {
      id: 'grocery-us',
      brand: 'greenleaf',
      market: 'us',
    });
    expect(await title(grocery)).toContain('Grünblatt');
    expect(await title(elsewhere)).toContain('Greenleaf Markets');

    const last = await workflow.history.publication();
    await workflow.publishing.undo({ publication: last?.id ?? '', reason: 'complaints' }, ada);
    expect(await title(grocery)).toContain('Greenleaf Markets');
  });
});
