import { describe, expect, it } from '@jest/globals';
import { createI18n } from '../../../src/base/i18n/i18n.ts';

const i18n = createI18n();

describe('a brand’s own text', () => {
  const own = i18n.overlay({
    en: {
      'sign-in.title': 'Welcome aboard',
      'sign-in.lead': 'on to <b>{{client}}</b> & <b>more</b>',
      'account.home.sessions_one': 'One seat taken',
      'error.email.required': 'Where shall we write to?',
      'error.limit.reached': 'Come back in {{seconds, duration}}.',
    },
  });

  it('takes the place of the catalogue’s in its language and no other', () => {
    expect(own.t('en', 'sign-in.title')).toBe('Welcome aboard');
    expect(own.t('ja', 'sign-in.title')).toBe(i18n.t('ja', 'sign-in.title'));
    expect(own.t('en', 'register.title')).toBe(i18n.t('en', 'register.title'));
    expect(i18n.t('en', 'sign-in.title')).not.toBe('Welcome aboard');
  });

  it('may be one plural form only; the others stay the catalogue’s', () => {
    expect(own.t('en', 'account.home.sessions', { count: 1 })).toBe('One seat taken');
    expect(own.t('en', 'account.home.sessions', { count: 3 })).toBe('Signed in on 3 devices');
  });

  it('is filled in as the catalogue’s are', () => {
    expect(own.t('en', 'sign-in.lead', { client: 'Kiosk' })).toBe('on to <b>Kiosk</b> & <b>more</b>');
    expect(own.error('en', 'limit.reached', { seconds: 295 })).toBe('Come back in 5 minutes.');
    expect(own.error('en', 'email.required')).toBe('Where shall we write to?');
  });

  it('is escaped when it becomes markup, but for its bold', () => {
    expect(own.html('en', 'sign-in.lead', { client: '<i>' })).toBe(
      'on to <b>&#60;i&#62;</b> &#38; <b>more</b>',
    );
    const odd = i18n.overlay({ en: { 'sign-in.lead': '<b>open <img src=x> &copy;' } });
    expect(odd.html('en', 'sign-in.lead', { client: 'x' })).toBe(
      '&#60;b&#62;open &#60;img src=x&#62; &#38;copy;',
    );
  });

  it('keeps names of the other direction apart', () => {
    const arabic = i18n.overlay({ ar: { 'sign-in.lead': 'إلى {{client}}' } });
    expect(arabic.t('ar', 'sign-in.lead', { client: 'Kiosk' })).toBe('إلى \u2068Kiosk\u2069');
  });

  it('is read once for the same object, and costs nothing where there is none', () => {
    const texts = { en: { 'sign-in.title': 'Hi' } };
    expect(i18n.overlay(texts)).toBe(i18n.overlay(texts));
    expect(own.overlay(texts)).toBe(i18n.overlay(texts));
    expect(i18n.overlay({})).toBe(i18n);
    expect(i18n.overlay(undefined)).toBe(i18n);
  });
});

describe('the language of a page', () => {
  it('is one of those that are offered', () => {
    const choose = (offered: string[] | undefined, acceptLanguage: string) =>
      i18n.negotiate({ offered, acceptLanguage, brandDefault: 'de' });
    expect(choose(['de', 'en'], 'ja, en;q=0.5')).toBe('en');
    expect(choose(['de', 'en'], 'ja')).toBe('de');
    expect(choose(undefined, 'ja')).toBe('ja');
    expect(choose(['xx'], 'ja')).toBe('ja');
  });
});
