/** Which mails members of a place can get, and what each of them says there; what it tells of a person is its sample. */
import type { I18n } from '../../base/i18n/i18n.ts';
import { type MailName, mailSamples } from '../../base/mail/mails.ts';
import { createMailRenderer, type RenderedMail } from '../../base/mail/render.ts';
import type { Experience } from '../../business/experiences/experience.ts';
import { isStepOffered, offersAny, workingMethods } from '../interactions/methods.ts';
import { inert } from './inert.ts';

/** Where mails are looked at. */
export interface MailPlace {
  experience: Experience;
  /** BCP 47 code of a catalogue. */
  locale: string;
}

/** Mails as members would get them. */
export interface PreviewMails {
  /** The mails that ways to sign in of a place can lead to. */
  names(place: MailPlace): readonly MailName[];
  /** A mail; its markup leads nowhere and is shown in one colour scheme. */
  render(place: MailPlace, name: MailName, scheme: 'light' | 'dark'): RenderedMail;
}

const ofPasswords: readonly MailName[] = ['recover', 'recover-unknown', 'password-changed'];
const ofUpstreams: readonly MailName[] = ['link-code', 'upstream-linked', 'upstream-unlinked'];

/**
 * Builds the mails of the previews.
 * @param deps texts, and the ids of the upstreams that work
 */
export function createPreviewMails(deps: { i18n: I18n; upstreams(): readonly string[] }): PreviewMails {
  // The logo of a draft has no address of its own: it comes with the mail.
  const render = createMailRenderer(deps.i18n, ({ logo }) =>
    typeof logo === 'string' ? undefined : `data:image/png;base64,${logo.png}`,
  );
  return {
    names({ experience }) {
      const methods = workingMethods(experience.methods, deps.upstreams());
      const left = [
        ...(isStepOffered('password', methods) ? [] : ofPasswords),
        ...(offersAny(methods, deps.upstreams()) ? [] : ofUpstreams),
        ...(methods.includes('mail-code') ? [] : (['sign-in-code'] as const)),
      ];
      return (Object.keys(mailSamples) as MailName[]).filter((name) => !left.includes(name));
    },
    render({ experience: { mailBrand }, locale }, name, scheme) {
      const frame = { locale, look: mailBrand, texts: mailBrand.texts };
      const mail = render(name, frame, mailSamples[name]);
      return { ...mail, html: inScheme(inert(mail.html), scheme) };
    },
  };
}

/** A mail follows the system of whoever reads it; here it follows what was chosen. */
function inScheme(html: string, scheme: 'light' | 'dark'): string {
  return html
    .replace('color-scheme:light dark', `color-scheme:${scheme}`)
    .replace('@media (prefers-color-scheme:dark)', scheme === 'dark' ? '@media all' : '@media not all');
}
