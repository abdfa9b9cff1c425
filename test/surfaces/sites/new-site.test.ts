/** A new site at once: client, layer and smoke journey, against a running issuer. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import type { SiteReport, SiteRequest, Sites } from '../../../src/surfaces/sites/new-site.ts';
import { eventually } from '../../support/browser.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { publishLayers } from '../../support/publishing.ts';

let issuer: TestIssuer;
let sites: Sites;

beforeAll(async () => {
  issuer = await startIssuer();
  sites = issuer.issuer.sites;
});

const who = {
  by: { kind: 'operator' as const, id: 'test' },
  visit: systemVisit('test', { kind: 'operator', id: 'test' }),
};

const request = (id: string, more: Partial<SiteRequest> = {}): SiteRequest => ({
  client: { id, name: `Site ${id}`, brand: 'volt', market: 'de', firstParty: true },
  origin: `https://${id}.example`,
  ...more,
});

const add = (id: string, more: Partial<SiteRequest> = {}) => sites.add(request(id, more), who);
const count = (collection: string) => issuer.db.main.collection(collection).countDocuments();
const found = ({ smoke }: SiteReport, name: string) => smoke?.checks.find((check) => check.name === name);

describe('a new site', () => {
  it('is there at once, and works', async () => {
    const before = await count('members');
    const report = await add('pump');
    expect(report.smoke?.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(report.smoke).toMatchObject({ ok: true });
    expect(report.smoke?.checks.map(({ name, skipped }) => (skipped ? `(${name})` : name))).toEqual([
      ...['discovery', 'error-redirect', 'wrong-secret', '(cross-origin)'],
      ...['sign-in', 'way-back', 'brand', 'language', 'methods', 'theme', 'contrast'],
      ...['registration', 'legal-texts'],
    ]);
    expect(found(report, 'registration')?.detail).toContain('fuel_grade');
    expect(found(report, 'language')?.detail).toBe('The page speaks de.');
    expect(report.env).toEqual({
      OIDC_ISSUER: issuer.url,
      OIDC_CLIENT_ID: 'pump',
      OIDC_CLIENT_SECRET: report.secret,
      OIDC_REDIRECT_URI: 'https://pump.example/callback',
      OIDC_POST_LOGOUT_REDIRECT_URI: 'https://pump.example/',
    });
    const page = await issuer.agent({ 'accept-language': 'de' }).open(report.smoke?.links.register ?? '');
    expect([page.status, page.title]).toEqual([200, expect.stringContaining('Volt Fuel')]);
    expect(await count('members')).toBe(before);
    expect(JSON.stringify(report.client)).not.toContain('hash');
  });

  it('leaves nothing but what expires', async () => {
    const report = await add('tidy');
    const left = await issuer.db.main.collection('artefacts').find({}).toArray();
    expect(report.smoke?.ok).toBe(true);
    const limit = issuer.clock.now() + 2 * 3_600_000;
    expect([...new Set(left.map(({ kind }) => kind))]).toEqual(['Interaction']);
    expect(left.every(({ expiresAt }) => Number(expiresAt) < limit)).toBe(true);
    for (const collection of ['registrations', 'challenges', 'consents', 'credentials'])
      expect(await count(collection)).toBe(0);
  });

  it('says what its layer says', async () => {
    const right = await add('styled', {
      layer: {
        look: { name: 'Styled Fuel' },
        signIn: { methods: ['mail-code'] },
        languages: { default: 'en' },
      },
    });
    expect(right.layer).toMatchObject({ state: 'live', draft: expect.stringMatching(/^drf_/) });
    expect(right.smoke?.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(found(right, 'brand')?.detail).toContain('Styled Fuel');
    expect(found(right, 'methods')?.detail).toBe('Members sign in by mail-code.');
    expect(found(right, 'registration')?.detail).not.toContain('password');
    const { items } = issuer.issuer.core.releases.live.current().of('de').configuration;
    expect(items.get('sites/styled')).toMatchObject({ look: { name: 'Styled Fuel' } });
  });

  it.each<[string, Partial<SiteRequest>, RegExp]>([
    ['an unknown brand', { client: { id: 'wrong', name: 'x', brand: 'nobody' } }, /brand/],
    ['no name', { client: { id: 'wrong', name: '', brand: 'volt' } }, /name/],
    ['an address without TLS', { origin: 'http://wrong.example' }, /redirect_uris/],
    ['a layer with an unknown key', { layer: { looks: {} } }, /sites\/wrong: looks/],
    [
      'a layer that cannot be read',
      { layer: { look: { theme: { light: { text: '#ffffff' } } } } },
      /contrast/,
    ],
    ['a layer that is none', { layer: 'no' }, /an object/],
    ['a layer that breaks the law of its market', { layer: { legal: { minimumAge: 3 } } }, /minimumAge/],
  ])('is not made of %s, and nothing else is', async (_name, more, words) => {
    const before = await Promise.all(
      ['clients', 'configurationDrafts', 'configurationPublications'].map(count),
    );
    await expect(add('wrong', more)).rejects.toThrow(words);
    expect(
      await Promise.all(['clients', 'configurationDrafts', 'configurationPublications'].map(count)),
    ).toEqual(before);
  });

  it('tells every fault of the client at once', async () => {
    const bad = {
      client: { id: 'wrong', name: '', brand: 'nobody', market: 'nowhere' },
      origin: 'http://x.example',
    };
    const error = await add('wrong', bad).catch((thrown) => thrown);
    const paths = error.issues.map(({ path }: { path: string[] }) => path.join('.'));
    expect(paths).toEqual(expect.arrayContaining(['name', 'brand', 'market']));
  });

  it('is refused where there is such a client already', async () => {
    await add('twice', { smoke: false });
    await expect(add('twice')).rejects.toMatchObject({ code: 'client.exists' });
  });

  it('may register in several pages, with consents as fields', async () => {
    const first = [{ attribute: 'fuel_grade', required: true }, { consent: 'marketing-email' }];
    const layer = (steps: unknown[]) => ({ forms: { registration: { steps } } });
    const one = await add('one-page', { layer: layer([{ fields: first }]) as never });
    expect(one.smoke?.checks.filter(({ ok }) => !ok)).toEqual([]);
    const two = [{ fields: first }, { fields: [{ core: 'name' }] }];
    const report = await add('two-pages', { layer: layer(two) as never });
    expect(report.smoke?.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(found(report, 'legal-texts')).toMatchObject({ skipped: true });
  });

  it('may be a page that calls the issuer itself, or an app, or a machine', async () => {
    const page = await add('spa', {
      client: { ...request('spa').client, metadata: { token_endpoint_auth_method: 'none' } },
    });
    expect(found(page, 'cross-origin')).toMatchObject({
      ok: true,
      detail: expect.stringContaining('https://spa.example'),
    });
    expect(found(page, 'wrong-secret')?.skipped).toBe(true);
    const app = await sites.add(
      {
        client: {
          id: 'app',
          name: 'App',
          brand: 'volt',
          metadata: {
            application_type: 'native',
            redirect_uris: ['com.example.app:/cb'],
            token_endpoint_auth_method: 'none',
          },
        },
      },
      who,
    );
    expect(app.smoke?.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(found(app, 'way-back')?.detail).toContain('com.example.app:');
    const machine = await sites.add(
      {
        client: {
          id: 'machine',
          name: 'Machine',
          brand: 'volt',
          metadata: { grant_types: ['client_credentials'] },
        },
      },
      who,
    );
    expect(found(machine, 'sign-in')).toMatchObject({ ok: true, skipped: true });
    expect(machine.smoke?.links).toEqual({});
  });

  it('stays when it does not work, and says so', async () => {
    const report = await add('broken', { smoke: false });
    expect(report.smoke).toBeUndefined();
    await issuer.issuer.core.clients.disable('broken', who.visit);
    await eventually('disabled', async () => !(await sites.smoke('broken')).ok);
    const smoke = await sites.smoke('broken');
    expect(smoke.ok).toBe(false);
    expect(smoke.checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['error-redirect', 'sign-in']),
    );
    expect(await issuer.issuer.core.clients.get('broken')).toBeDefined();
    await expect(sites.smoke('nobody')).rejects.toMatchObject({ code: 'client.unknown' });
  });

  it('waits for approval where the program asks for it', async () => {
    await publishLayers(issuer, { program: { approvals: 1 } });
    const report = await add('careful', { layer: { look: { name: 'Careful' } } });
    expect(report.layer).toMatchObject({ state: 'waiting' });
    expect(report.smoke?.ok).toBe(true);
    expect(found(report, 'brand')?.detail).toContain('Volt Fuel');
    const draft = await issuer.issuer.core.workflow.drafts.get(report.layer?.draft ?? '');
    expect(draft).toMatchObject({ state: 'submitted', message: 'Site Site careful' });
    await publishLayers(issuer, {});
  });

  it('leaves what other markets have of their own', async () => {
    await publishLayers(
      issuer,
      { 'brands/volt/brand': { session: { freshSeconds: 900 } } },
      { regions: ['americas'], markets: [] },
    );
    const report = await add('staged', { layer: { look: { name: 'Staged' } } });
    expect(report.layer?.state).toBe('live');
    expect(report.smoke?.ok).toBe(true);
    const live = issuer.issuer.core.releases.live.current();
    expect(live.own.map(({ id }) => id).sort()).toEqual(['americas', 'de']);
  });
});
