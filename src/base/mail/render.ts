/**
 * Renders mails: subject, plain text and markup, in the look of a brand. Loads nothing but the brand's logo, where
 * that is an image, and tracks nobody: its address is the same for everyone. SVG is nothing that mails can show.
 */
import type { I18n } from '../i18n/i18n.ts';
import type { OwnTexts } from '../i18n/own-texts.ts';
import type { TextValues } from '../i18n/translator.ts';
import type { MailData, MailName } from './mails.ts';
import { compileTemplates } from './templates.ts';

/** Colours a mail uses, each `#rrggbb`. */
export interface MailTokens {
  brand: string;
  onBrand: string;
  surface: string;
  page: string;
  text: string;
  mutedText: string;
}

/** An image as logo; a mail refers to it by address. */
export interface RasterLogo {
  /** A PNG, in base64. */
  png: string;
  /** In pixels. */
  width: number;
  height: number;
}

/** What a mail needs of a brand's look; every look of the pages has it. */
export interface MailLook {
  id: string;
  name: string;
  programName: string;
  siblings: readonly string[];
  theme: { light: MailTokens; dark: MailTokens };
  links: { home: string };
  supportEmail: string;
  logo: string | RasterLogo;
}

/** A mail ready to be sent. */
export interface RenderedMail {
  subject: string;
  text: string;
  html: string;
}

/** In which language and look. */
export interface MailFrame {
  locale: string;
  look: MailLook;
  /** Texts of the brand's own in the place of the catalogues'. */
  texts?: OwnTexts | undefined;
}

/** Renders one mail. */
export type RenderMail = <Name extends MailName>(
  template: Name,
  frame: MailFrame,
  data: MailData[Name],
) => RenderedMail;

const localNames = [
  'data',
  'look',
  'tag',
  'dir',
  'fonts',
  't',
  'ui',
  'partial',
  'p',
  'key',
  'params',
  'light',
  'dark',
  'body',
  'subject',
  'logo',
];

/** Fonts for what the usual ones lack, such as Chinese in the shapes its readers know. */
const scriptFonts: Readonly<Record<string, string>> = {
  ja: 'Hiragino Sans,Noto Sans JP,Meiryo,',
  zh: 'PingFang SC,Noto Sans SC,Microsoft YaHei,',
  ko: 'Apple SD Gothic Neo,Noto Sans KR,Malgun Gothic,',
  ar: 'Geeza Pro,Noto Sans Arabic,Tahoma,',
};

/** Where a mail finds the logo of a look; undefined where there is no image. */
export type LogoAddress = (look: MailLook) => string | undefined;

/**
 * Compiles the mail templates.
 * @param i18n texts and formats
 * @param logoAddress absolute address of a look's logo, the same for everybody; without it mails show names only
 * @throws Error at start when a template does not compile
 */
export function createMailRenderer(i18n: I18n, logoAddress: LogoAddress = () => undefined): RenderMail {
  const folders = ['mail'];
  const text = compileTemplates({ localNames, folders, escape: 'text' });
  const html = compileTemplates({ localNames, folders });
  return (template, frame, data) => {
    const logo = logoImage(frame.look, logoAddress);
    const locals = { ...mailLocals(i18n.overlay(frame.texts), template, frame, data), logo };
    const part = (kind: string, more: Record<string, unknown> = {}) => {
      const render = kind === 'html' ? html : text;
      const partial = (name: string, p: Record<string, unknown> = {}): string =>
        render(`mail/parts/${name}`, { ...locals, ...more, partial, p });
      return render(`mail/${template}/${kind}`, { ...locals, ...more, partial, p: {} });
    };
    const subject = part('subject').trim();
    return {
      subject,
      text: text('mail/parts/layout-text', { ...locals, body: part('text').replace(/\n{3,}/g, '\n\n') }),
      html: html('mail/parts/layout-html', { ...locals, subject, body: part('html') }),
    };
  };
}

/** Heights and widths are said in pixels: mail programs know no others. */
const logoHeight = 32;
const mostLogoWidth = 200;

function logoImage(look: MailLook, logoAddress: LogoAddress) {
  const url = logoAddress(look);
  if (url === undefined || typeof look.logo === 'string') return undefined;
  const { width, height } = look.logo;
  const scale = Math.min(logoHeight / height, mostLogoWidth / width);
  return {
    url,
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
}

function mailLocals(i18n: I18n, template: MailName, frame: MailFrame, data: object) {
  const { code: locale, tag, dir } = i18n.locale(frame.locale);
  const { look } = frame;
  const named = {
    ...('upstreamName' in data && { upstream: String(data.upstreamName) }),
    ...('appName' in data && { app: String(data.appName) }),
  };
  return {
    data,
    look,
    tag,
    dir,
    fonts: scriptFonts[locale] ?? '',
    light: look.theme.light,
    dark: look.theme.dark,
    key: `mail.${template}`,
    params: {
      brand: look.name,
      program: look.programName,
      brands: i18n.list(locale, look.siblings),
      ...named,
    },
    t: (key: string, params?: TextValues) => i18n.t(locale, key, params),
    ui: {
      list: (items: readonly string[]) => i18n.list(locale, items),
      duration: (seconds: number) => i18n.duration(locale, seconds),
      dateTime: (iso: string) => i18n.dateTime(locale, iso),
    },
    body: '',
    subject: '',
    partial: undefined,
    p: {},
  };
}
