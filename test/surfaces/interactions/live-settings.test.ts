/** What the layers say of a brand, a market or a site counts from the moment a release goes live. */
import { describe, expect, it } from '@jest/globals';
import { startIssuer } from '../../support/issuer.ts';
import { goodPassword, register, registrationForm } from '../../support/people.ts';
import { publishLayers } from '../../support/publishing.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { linkOn } from './world.ts';

const issuer = await startIssuer();
const airline = await RelyingParty.register(issuer, { id: 'airline' });
const grocery = await RelyingParty.register(issuer, { id: 'grocery', brand: 'greenleaf' });
const firstPage = async (party: RelyingParty, parameters: Record<string, string> = {}, accept = 'en') => {
  const agent = issuer.agent({ 'accept-language': accept });
  const { page } = await party.open(agent, parameters);
  return { agent, page };
};
const languagesOn = (text: string) =>
  [...text.matchAll(/name="locale" value="([^"]+)"/g)].map(([, code]) => code);
const languageOf = (text: string) => /<html lang="([^"]+)"/.exec(text)?.[1];
let people = 0;
const newAddress = () => {
  people += 1;
  return `someone${people}@example.com`;
};

describe('texts of a brand', () => {
  it('stand on its pages and in its mails at once, escaped, and on nobody else’s', async () => {
    await publishLayers(issuer, {
      'brands/greenleaf/brand': {
        texts: {
          en: {
            'sign-in.title': 'Fresh & welcome',
            'error.email.required': 'Which address?',
            'mail.welcome.subject': 'Your basket awaits',
          },
        },
      },
    });
    const { agent, page } = await firstPage(grocery);
    expect(page.text).toContain('Fresh &amp; welcome');
    expect((await firstPage(airline)).page.text).not.toContain('Fresh');
    expect((await firstPage(grocery, { ui_locales: 'fr' })).page.text).not.toContain('Fresh');
    const form = await agent.open(linkOn(page, 'view=register'));
    const refused = await agent.submit(form, registrationForm(form, { email: '' }), '/register');
    expect(refused.text).toContain('Which address?');
    const email = newAddress();
    const again = await firstPage(grocery);
    await register(issuer, again.agent, again.page, { email });
    const welcome = await issuer.mailbox.waitFor(
      ({ to, subject }) => to.includes(email) && subject.includes('basket'),
    );
    expect(welcome.subject).toBe('Your basket awaits');
  });
});

describe('the languages a market offers', () => {
  it('are the ones its pages are in and can be switched to', async () => {
    await publishLayers(issuer, { 'markets/us': { languages: { default: 'en' } } });
    expect(languagesOn((await firstPage(airline)).page.text)).toHaveLength(11);
    await publishLayers(issuer, {
      'markets/us': { languages: { offered: ['en', 'fr'], default: 'en' } },
    });
    const { page } = await firstPage(airline, { ui_locales: 'ja fr' }, 'ja');
    expect(languageOf(page.text)).toBe('fr');
    expect(languagesOn(page.text)).toEqual(['en', 'fr']);
    expect(languageOf((await firstPage(airline, {}, 'ja')).page.text)).toBe('en');
    const { ui_locales_supported: supported } = airline.config.serverMetadata();
    expect(supported).toHaveLength(11);
  });

  it('are those of error pages too, and a market with one language asks for no choice', async () => {
    await publishLayers(issuer, { 'markets/us': { languages: { offered: ['en'], default: 'en' } } });
    const agent = issuer.agent({ 'accept-language': 'ja' });
    expect(languageOf((await agent.open('/nowhere')).text)).toBe('en');
    expect(languagesOn((await firstPage(airline)).page.text)).toEqual([]);
  });
});

describe('the sender of a brand’s mails', () => {
  it('has the name and takes the answers that the brand says; the address stays the program’s', async () => {
    await publishLayers(issuer, {
      'brands/greenleaf/brand': {
        mails: { senderName: 'Greenleaf, “Club”', replyTo: 'club@greenleaf.example' },
      },
    });
    const email = newAddress();
    const { agent, page } = await firstPage(grocery);
    await register(issuer, agent, page, { email });
    const [mail] = issuer.mailbox.messages().filter(({ to }) => to.includes(email));
    expect(mail?.from).toMatch(/^"?Greenleaf, “Club”"? <[^<>]+>$/);
    expect(mail?.headers['reply-to']).toBe('club@greenleaf.example');
  });
});

describe('the password that a brand or a market asks for', () => {
  it('is shown and judged on its pages; what the process asks for stays the least', async () => {
    await publishLayers(issuer, {
      'brands/greenleaf/brand': { password: { minLength: 30 } },
      'brands/volt/brand': { password: { minLength: 8, minStrength: 0 } },
    });
    const { agent, page } = await firstPage(grocery);
    const form = await agent.open(linkOn(page, 'view=register'));
    expect(form.text).toContain('30');
    const sent = { email: newAddress(), password: goodPassword.slice(0, 27) };
    const refused = await agent.submit(form, registrationForm(form, sent), '/register');
    expect(refused.status).toBe(422);
    expect(refused.text).toMatch(/at least 30/i);
    const volt = await RelyingParty.register(issuer, { id: 'volt', brand: 'volt' });
    const lax = await firstPage(volt);
    const laxForm = await lax.agent.open(linkOn(lax.page, 'view=register'));
    const weak = { email: newAddress(), password: 'aaaaaaaaaaaaaaa' };
    expect((await lax.agent.submit(laxForm, registrationForm(laxForm, weak), '/register')).status).toBe(422);
  });

  it('follows members of a stricter home market to every brand', async () => {
    await publishLayers(issuer, {
      'markets/de': { password: { minLength: 40 } },
    });
    const shop = await issuer.client({
      id: 'shop-de',
      name: 'Shop',
      brand: 'greenleaf',
      market: 'de',
      firstParty: true,
      metadata: { redirect_uris: ['https://shop.example/cb'], token_endpoint_auth_method: 'none' },
    });
    expect(shop.id).toBe('shop-de');
    const party = await RelyingParty.known(issuer, { id: 'shop-de', redirectUri: 'https://shop.example/cb' });
    const email = newAddress();
    const { agent, page } = await firstPage(party);
    const long = 'plum tractor violin seventy meadow lantern';
    await register(issuer, agent, page, { email, password: long });
    // At the airline, in the United States: the member is still at home in Germany.
    await airline.open(agent);
    const security = await agent.open('/account/security');
    expect(security.text).toContain('40');
    const changed = await agent.submit(
      security,
      { current_password: long, password: goodPassword },
      '/account/security/password',
    );
    expect(changed.status).toBe(422);
    expect(changed.text).toMatch(/at least 40/i);
  });
});

describe('the purposes that a registration asks', () => {
  const asked = (text: string) => [
    ...new Set([...text.matchAll(/name="purpose\.([a-z-]+)"/g)].map(([, id]) => id)),
  ];

  it('are those that the layers name, in their order; the others stay undecided', async () => {
    await publishLayers(issuer, {
      'brands/aurora-air/brand': { purposes: { askAtRegistration: ['personalisation', 'marketing-email'] } },
    });
    const { agent, page } = await firstPage(airline);
    const form = await agent.open(linkOn(page, 'view=register'));
    expect(asked(form.text)).toEqual(['personalisation', 'marketing-email']);
    const email = newAddress();
    await register(issuer, agent, page, { email, fields: { 'purpose.partner-sharing': 'yes' } });
    const { people: of } = issuer.issuer;
    const member = await of.members.findByIdentifier({ type: 'email', value: email });
    const { purposes } = await of.consents.current(member?._id ?? '');
    expect(purposes.map(({ purposeId, kind }) => `${purposeId} ${kind}`)).not.toContainEqual(
      expect.stringContaining('partner-sharing'),
    );
    await publishLayers(issuer, { 'brands/aurora-air/brand': { purposes: { askAtRegistration: [] } } });
    const next = await firstPage(airline);
    expect(asked((await next.agent.open(linkOn(next.page, 'view=register'))).text)).toEqual([]);
  });
});

describe('the age that the law of a market asks for', () => {
  it('is asked of whoever says when they were born, and nothing is kept of the younger', async () => {
    await publishLayers(issuer, {
      'brands/greenleaf/brand': {
        attributes: { birthdate: { type: 'date', class: 'identifier', label: { en: 'Date of birth' } } },
        forms: { registration: { steps: [{ fields: [{ attribute: 'birthdate', required: true }] }] } },
        profiling: {},
      },
    });
    const today = new Date(issuer.clock.now());
    const bornAgo = (years: number) => `${today.getUTCFullYear() - years}-01-01`;
    const { agent, page } = await firstPage(grocery);
    const form = await agent.open(linkOn(page, 'view=register'));
    const email = newAddress();
    const answers = { email, password: goodPassword, 'field.birthdate': bornAgo(12) };
    const refused = await agent.submit(form, registrationForm(form, answers), '/register');
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('you must be at least 13 years old');
    expect(await issuer.db.main.collection('registrations').countDocuments()).toBe(0);
    const older = { ...answers, 'field.birthdate': bornAgo(14) };
    expect((await agent.submit(refused, registrationForm(refused, older), '/register')).status).toBe(200);
  });
});
