import { describe, expect, it } from '@jest/globals';
import { createI18n } from '../../../src/base/i18n/i18n.ts';

const i18n = createI18n();

describe('a text', () => {
  it('throws when it is missing, unless somebody listens', () => {
    expect(() => i18n.t('en', 'no.such.text')).toThrow('no text for no.such.text in en');
    const missing: string[] = [];
    const lenient = createI18n({ onMissing: (locale, key) => missing.push(`${locale} ${key}`) });
    expect(lenient.t('ja', 'no.such.text')).toBe('no.such.text');
    expect(missing).toEqual(['ja no.such.text']);
  });

  it('throws when a value is missing', () => {
    expect(() => i18n.t('en', 'register.lead')).toThrow('program');
  });

  it('takes values literally, whatever they look like', () => {
    expect(i18n.t('en', 'upstream.continue', { upstream: '$t(page.back) {{x}} <b>' })).toBe(
      'Continue with $t(page.back) {{x}} <b>',
    );
  });

  it('escapes values, not its own bold, when it becomes markup', () => {
    expect(i18n.html('en', 'sign-in.lead', { client: '<i>"A&B"</i>' })).toBe(
      'to continue to <b>&#60;i&#62;&#34;A&#38;B&#34;&#60;/i&#62;</b>',
    );
  });

  it.each([
    ['it', 0, 'Accesso effettuato su 0 dispositivi'],
    ['it', 1, 'Accesso effettuato su 1 dispositivo'],
    ['it', 1_000_000, 'Accesso effettuato su 1000000 dispositivi'],
    ['pt', 0, 'Sessão aberta em 0 dispositivo'],
    ['pt', 2, 'Sessão aberta em 2 dispositivos'],
    ['nl', 1, 'Ingelogd op 1 apparaat'],
    ['nl', 2, 'Ingelogd op 2 apparaten'],
  ])('counts in %s %i as people there do', (locale, count, words) => {
    expect(i18n.t(locale, 'account.home.sessions', { count })).toBe(words);
  });

  it('counts as the language does', () => {
    expect(i18n.t('en', 'account.home.sessions', { count: 1 })).toBe('Signed in on 1 device');
    expect(i18n.t('en', 'account.home.sessions', { count: 3 })).toBe('Signed in on 3 devices');
    expect(i18n.t('ja', 'account.home.sessions', { count: 1 })).toBe('1台の端末でサインイン中');
  });

  it('says when to come back', () => {
    expect(i18n.error('en', 'limit.reached', { seconds: 295 })).toContain('in 5 minutes');
    expect(i18n.error('ja', 'limit.reached', { seconds: 45 })).toContain('45秒後');
  });
});

describe('dates, lists and times', () => {
  it('are written as the language writes them', () => {
    expect(i18n.date('en', '2026-03-14T10:00:00Z')).toBe('March 14, 2026');
    expect(i18n.date('ja', '2026-03-14T10:00:00Z')).toBe('2026年3月14日');
    expect(i18n.dateTime('ja', '2026-03-14T20:00:00Z', 'Asia/Tokyo')).toContain('3月15日');
    expect(i18n.list('ja', ['A', 'B'])).toBe('A、B');
    expect(i18n.list('en', ['A', 'B'])).toBe('A and B');
    expect(i18n.duration('ja', 900)).toBe('15分');
    expect(i18n.duration('en', 900)).toBe('15 minutes');
  });

  it.each([
    [30, 'now'],
    [90, '1 minute ago'],
    [7_300, '2 hours ago'],
    [100_000, '1 day ago'],
    [40 * 86_400, '1 month ago'],
  ])('%s seconds ago reads "%s"', (seconds, words) => {
    const now = Date.parse('2026-06-02T10:00:00Z');
    expect(i18n.ago('en', new Date(now - seconds * 1000).toISOString(), now)).toBe(words);
  });
});

describe.each([
  {
    locale: 'de',
    day: '1. März 2026',
    moment: '1. März 2026 um 21:05 MEZ',
    list: 'Aurora Air, Volt Fuel und Spring',
    durations: ['45 Sekunden', '15 Minuten', '2 Stunden'],
    ago: ['jetzt', 'vor 1 Minute', 'vor 3 Tagen', 'vor 1 Monat'],
  },
  {
    locale: 'es',
    day: '1 de marzo de 2026',
    moment: '1 de marzo de 2026 a las 21:05 CET',
    list: 'Aurora Air, Volt Fuel y Spring',
    durations: ['45 segundos', '15 minutos', '2 horas'],
    ago: ['ahora', 'hace 1 minuto', 'hace 3 días', 'hace 1 mes'],
  },
  {
    locale: 'fr',
    day: '1er mars 2026',
    moment: '1er mars 2026 à 21:05 UTC+1',
    list: 'Aurora Air, Volt Fuel et Spring',
    durations: ['45 secondes', '15 minutes', '2 heures'],
    ago: ['maintenant', 'il y a 1 minute', 'il y a 3 jours', 'il y a 1 mois'],
  },
  {
    locale: 'it',
    day: '1 marzo 2026',
    moment: '1 marzo 2026 alle ore 21:05 CET',
    list: 'Aurora Air, Volt Fuel e Spring',
    durations: ['45 secondi', '15 minuti', '2 ore'],
    ago: ['ora', '1 minuto fa', '3 giorni fa', '1 mese fa'],
  },
  {
    locale: 'ja',
    day: '2026年3月1日',
    moment: '2026年3月1日 21:05 GMT+1',
    list: 'Aurora Air、Volt Fuel、Spring',
    durations: ['45秒', '15分', '2時間'],
    ago: ['今', '1分前', '3日前', '1か月前'],
  },
  {
    locale: 'nl',
    day: '1 maart 2026',
    moment: '1 maart 2026 om 21:05 CET',
    list: 'Aurora Air, Volt Fuel en Spring',
    durations: ['45 seconden', '15 minuten', '2 uur'],
    ago: ['nu', '1 minuut geleden', '3 dagen geleden', '1 maand geleden'],
  },
  {
    locale: 'pt',
    day: '1 de março de 2026',
    moment: '1 de março de 2026 às 21:05 GMT+1',
    list: 'Aurora Air, Volt Fuel e Spring',
    durations: ['45 segundos', '15 minutos', '2 horas'],
    ago: ['agora', 'há 1 minuto', 'há 3 dias', 'há 1 mês'],
  },
])('in $locale', ({ locale, day, moment, list, durations, ago }) => {
  /** Some languages keep a number and its unit on one line. */
  const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, ' ');
  const at = '2026-03-01T20:05:00Z';

  it('dates, lists and stretches of time read as people there write them', () => {
    expect(plain(i18n.date(locale, at))).toBe(day);
    expect(plain(i18n.dateTime(locale, at, 'Europe/Rome'))).toBe(moment);
    expect(i18n.list(locale, ['Aurora Air', 'Volt Fuel', 'Spring'])).toBe(list);
    expect([45, 900, 7_200].map((each) => plain(i18n.duration(locale, each)))).toEqual(durations);
  });

  it('what is past reads as people there say it', () => {
    const seconds = [10, 90, 3 * 86_400, 40 * 86_400];
    const now = Date.parse(at);
    expect(
      seconds.map((each) => plain(i18n.ago(locale, new Date(now - each * 1000).toISOString(), now))),
    ).toEqual(ago);
  });
});

describe('the language of an answer', () => {
  const brandDefault = 'ja';

  it('is what the app asks for, then what the person chose, then the browser, then the brand', () => {
    const all = { uiLocales: 'qaa en-GB', chosen: 'ja', acceptLanguage: 'ja', brandDefault };
    expect(i18n.negotiate(all)).toBe('en');
    expect(i18n.negotiate({ chosen: 'ja', acceptLanguage: 'en', brandDefault: 'en' })).toBe('ja');
    expect(i18n.negotiate({ acceptLanguage: 'qaa;q=0.9, en-US;q=0.8, ja;q=0.1', brandDefault })).toBe('en');
    expect(i18n.negotiate({ acceptLanguage: 'qaa', brandDefault })).toBe('ja');
  });

  it('respects weights and refusals', () => {
    expect(i18n.negotiate({ acceptLanguage: 'en;q=0.2, ja;q=0.8', brandDefault: 'en' })).toBe('ja');
    expect(i18n.negotiate({ acceptLanguage: 'en;q=0, *', brandDefault })).toBe('ja');
  });

  it.each([
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
    ['zh-SG', 'zh'],
    ['zh-Hans-HK, en', 'zh'],
    ['zh, en', 'zh'],
    ['cmn-Hans', 'zh'],
    ['zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7', 'en'],
    ['zh-Hant, en;q=0.1', 'en'],
    ['zh-HK, zh-CN;q=0.5, en;q=0.3', 'zh'],
    ['zh-TW', 'zh'],
    ['zh-TW, zh', 'zh'],
    ['ko-KR', 'ko'],
  ])('keeps the two ways to write Chinese apart: %s gets %s', (acceptLanguage, got) => {
    expect(i18n.negotiate({ acceptLanguage, brandDefault })).toBe(got);
    const uiLocales = acceptLanguage.replaceAll(/;q=[\d.]+/g, '').replaceAll(/,\s*/g, ' ');
    expect(i18n.negotiate({ uiLocales, brandDefault })).toBe(got);
  });

  it('is never lost to nonsense', () => {
    for (const nonsense of ['', ';;;,,,', '\u0000', 'en;q=x'.repeat(500), '$t(x)', 'ja_JP', 'x-y', 'a-b']) {
      expect(['en', 'ja']).toContain(
        i18n.negotiate({ uiLocales: nonsense, acceptLanguage: nonsense, brandDefault }),
      );
    }
    expect(i18n.negotiate({ brandDefault: 'xx' })).toBe('en');
  });
});
