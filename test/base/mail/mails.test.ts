import { describe, expect, it } from '@jest/globals';
import { mailNames, mailSamples } from '../../../src/base/mail/mails.ts';
import { createMailRenderer } from '../../../src/base/mail/render.ts';
import { i18n, looks, shown } from '../../pages/render-all.ts';

const render = createMailRenderer(i18n);
const every = shown.flatMap(({ look, locale, tag, dir }) =>
  mailNames.map((name) => ({
    name: `${name} for ${look.id} in ${locale}`,
    tag,
    dir,
    look,
    mail: render(name, { locale, look }, mailSamples[name]),
  })),
);

describe('every mail, in every language and look', () => {
  it.each(every)('$name is whole', ({ mail, tag, dir, look }) => {
    expect(mail.subject).toMatch(/^[^\r\n]{5,120}$/);
    for (const text of [mail.subject, mail.text, mail.html]) {
      expect(text).not.toMatch(/undefined|\[object|NaN|Invalid Date/);
    }
    expect(mail.html).toContain(`<html lang="${tag}" dir="${dir}">`);
    // Clients that drop the document's own tags keep its tables, and one at least knows no dir.
    expect(mail.html).toContain(`<table role="presentation" lang="${tag}" dir="${dir}"`);
    expect(mail.html).toContain(`<td dir="${dir}" align="${dir === 'rtl' ? 'right' : 'left'}"`);
    expect(mail.html.match(/<h1\b/g)).toHaveLength(1);
    expect(mail.html).toContain(look.theme.light.brand);
    expect(mail.text).toContain(look.name);
    expect(mail.text).not.toMatch(/<\/?[a-z]|&#\d+;|\n{4,}/);
  });

  it.each(every)('$name loads nothing and tracks nobody', ({ mail }) => {
    expect(mail.html).not.toMatch(/<(?:img|script|link|iframe|form)\b|url\(|\ssrc=|@import/i);
  });
});

describe('mails', () => {
  const look = looks[0];
  if (!look) throw new Error('no look');
  const frame = { locale: 'en', look };

  it.each(['verify-address', 'sign-in-code', 'link-code', 'recover'] as const)(
    '%s has its code in the subject and the first line',
    (name) => {
      const data = mailSamples[name];
      const mail = render(name, frame, mailSamples[name]);
      expect(mail.subject).toContain(data.code);
      expect(mail.text.split('\n')[0]).toContain(data.code);
      expect(mail.text).toContain('works for');
      if (data.url)
        expect([mail.text.includes(data.url), mail.html.includes(data.url)]).toEqual([true, true]);
    },
  );

  it.each([
    'password-changed',
    'new-device',
    'upstream-linked',
    'upstream-unlinked',
    'signed-out-everywhere',
  ] as const)('%s lets the owner say "that was not me"', (name) => {
    const mail = render(name, frame, mailSamples[name]);
    for (const text of [mail.text, mail.html]) {
      expect(text).toContain(mailSamples[name].notMeUrl);
      expect(text).toContain('Firefox on Windows');
      expect(text).toContain('June 2, 2026');
    }
  });

  it('speak of no password to a member where there is none', () => {
    const data = { signInUrl: mailSamples['already-registered'].signInUrl };
    const mail = render('already-registered', frame, data);
    for (const text of [mail.text, mail.html]) {
      expect(text).toContain(data.signInUrl);
      expect(text).not.toMatch(/password|recover|undefined/);
    }
  });

  it('take values literally', () => {
    const evil = '"><script>alert(1)</script>{{code}}$t(mail.hello)';
    const mail = render('upstream-linked', frame, {
      ...mailSamples['upstream-linked'],
      upstreamName: evil,
      device: evil,
    });
    expect(mail.html).not.toContain('<script>');
    expect(mail.text).toContain(evil);
  });
});
