/**
 * Typed view rendering: a view is a name, its data type and a sample; a page is a view in a frame. Owns the frame,
 * the compiled templates and the helpers they see. Never decides what a page says next, and never lets a value into
 * the markup unescaped.
 */
import type { I18n } from '../i18n/i18n.ts';
import type { OwnTexts } from '../i18n/own-texts.ts';
import type { TextValues } from '../i18n/translator.ts';
import type { Clock } from '../kernel/clock.ts';
import type { FieldFault } from '../kernel/errors.ts';
import { compileTemplates } from '../mail/templates.ts';
import type { Assets } from './assets.ts';
import type { BrandLook } from './brand-look.ts';

/** A text of the catalogues: its key and what is filled in. */
export interface Text {
  key: string;
  params?: TextValues;
}

/** A typed page: the template `views/<name>.ejs` is given exactly a `T`. */
export interface View<T> {
  /** Path of the template under `views/`, without the extension. */
  readonly name: string;
  /** The page's single h1, which is also its title. */
  heading(data: T): Text;
  /** Data that shows every part of the page; used by tests and the component catalogue. */
  sample(): T;
}

/** What is the same around every page: language, brand, the form guard and what went wrong. */
export interface PageFrame {
  /** BCP 47 code of a catalogue, as negotiated (`en`, `ja`). */
  locale: string;
  look: BrandLook;
  /** Texts of the brand's own in the place of the catalogues'. */
  texts?: OwnTexts | undefined;
  /** Languages to choose from; every one there is when undefined. */
  offered?: readonly string[] | undefined;
  /** Name of the app the person is on the way to; absent on the program's own pages. */
  clientName?: string | undefined;
  /** The value every form carries in its hidden field `_csrf`. Empty on pages without forms. */
  csrf: string;
  /**
   * Where the language form posts `_csrf`, `locale` and `return_to`; `returnTo` is the path that shows this page
   * by GET. Absent: no language choice is shown (error pages without a session).
   */
  language?: { action: string; returnTo: string } | undefined;
  /**
   * Faults of the refused form, in the order of its fields. `field` is an input's name, or `form` when the fault
   * belongs to no single field. Any fault puts the summary first in main and `Error:` in front of the title.
   */
  faults?: readonly FieldFault[] | undefined;
  /** What the inputs hold, by name, such as what the person had entered; secrets and codes are dropped by the renderer in any case. */
  values?: Readonly<Record<string, string>> | undefined;
  /** One sentence about what has just been done, such as "Your password was changed." */
  notice?: { kind: 'success' | 'info' | 'warning'; text: Text } | undefined;
  /** Reference id that finds the log line; shown on error pages only. */
  trace: string;
}

/**
 * Declares a view.
 * @param definition `name`: template under `views/`; `heading`: the h1 (default: the text `<name>.title`, where
 *   `interactions/sign-in` gives `sign-in.title` and `account/profile` gives `account.profile.title`); `sample`
 */
export function defineView<T>(definition: {
  name: string;
  heading?: (data: T) => Text;
  sample: () => T;
}): View<T> {
  const key = `${definition.name.replace(/^interactions\//, '').replaceAll('/', '.')}.title`;
  return {
    name: definition.name,
    heading: definition.heading ?? (() => ({ key })),
    sample: definition.sample,
  };
}

/** Renders pages. */
export interface Renderer {
  /**
   * A whole document.
   * @param view what is shown
   * @param frame what is around it
   * @param data the view's data
   */
  page<T>(view: View<T>, frame: PageFrame, data: T): string;
}

/** What the renderer is made of. */
export interface RendererDeps {
  i18n: I18n;
  assets: Pick<Assets, 'url' | 'themeUrl' | 'logoUrl'>;
  clock: Clock;
  /** Reads templates again at each page, for work on them. */
  dev?: boolean;
}

/** The names a template may use; `p` are the parameters of a partial, `body` the page inside a layout. */
const localNames = ['data', 'frame', 'view', 'heading', 't', 'rich', 'ui', 'partial', 'p', 'body'];
const folders = ['layouts', 'partials', 'interactions', 'account', 'console', 'dev'];

/** Inputs whose values never come back into a page. */
const neverKept = new Set(['password', 'current_password', 'code', 'token', '_csrf']);

/**
 * Compiles every page template and builds the renderer.
 * @param deps texts, asset addresses, clock
 * @throws Error at start when a template does not compile
 */
export function createRenderer(deps: RendererDeps): Renderer {
  const render = compileTemplates({ localNames, folders, dev: deps.dev ?? false });
  return {
    page(view, frame, data) {
      const locals = pageLocals(deps, view as View<unknown>, frame, data);
      const partialIn =
        (ui: Ui) =>
        (name: string, p: Record<string, unknown> = {}): string => {
          const own = typeof p.scope === 'string' ? scoped(ui, p.scope) : ui;
          return render(`partials/${name}`, { ...locals, ui: own, partial: partialIn(own), p });
        };
      const partial = partialIn(locals.ui);
      const body = render(view.name, { ...locals, partial, p: {} });
      return render(`layouts/${layoutOf(view.name)}`, { ...locals, partial, p: {}, body });
    },
  };
}

type Ui = ReturnType<typeof pageLocals>['ui'];

/**
 * Of several parts of one page, each can have an input of the same name: names of inputs, ids, faults and values of a
 * part whose parameters name a `scope` are those of `<scope>.<name>`.
 */
function scoped(ui: Ui, scope: string): Ui {
  const within = (name: string) => `${scope}.${name}`;
  return {
    ...ui,
    id: (name) => ui.id(within(name)),
    input: (name) => ui.input(within(name)),
    fault: (name) => ui.fault(within(name)),
    value: (name) => (neverKept.has(name) ? '' : ui.value(within(name))),
  };
}

/** The folder of a view names its layout. */
function layoutOf(name: string): string {
  return name.slice(0, name.indexOf('/'));
}

function pageLocals(deps: RendererDeps, view: View<unknown>, frame: PageFrame, data: unknown) {
  const { assets, clock } = deps;
  const i18n = deps.i18n.overlay(frame.texts);
  const info = i18n.locale(frame.locale);
  const locale = info.code;
  const faults = (frame.faults ?? []).map((fault) => ({
    field: fault.field,
    text: i18n.error(locale, fault.code, fault.params),
  }));
  const t = (key: string, params?: TextValues) => i18n.t(locale, key, params);
  const heading = view.heading(data);
  const title = t(heading.key, heading.params);
  return {
    data,
    view: view.name,
    heading: title,
    t,
    rich: (key: string, params?: TextValues) => i18n.html(locale, key, params),
    frame: {
      ...frame,
      locale,
      tag: info.tag,
      dir: info.dir,
      faults,
      title: t(faults.length > 0 ? 'page.title_error' : 'page.title', { title, brand: frame.look.name }),
      languages: i18n.locales
        .filter(({ code }) => code === locale || (frame.offered?.includes(code) ?? true))
        .map(({ code, tag, name }) => ({ code, tag, name, current: code === locale })),
      noticeText: frame.notice ? t(frame.notice.text.key, frame.notice.text.params) : undefined,
    },
    ui: {
      asset: (name: string) => assets.url(name),
      theme: assets.themeUrl(frame.look),
      logo: assets.logoUrl(frame.look),
      has: (key: string) => i18n.has(key),
      markup: (language: string) => i18n.markup(language),
      error: (code: string, params?: TextValues) => i18n.error(locale, code, params),
      date: (iso: string) => i18n.date(locale, iso),
      dateTime: (iso: string) => i18n.dateTime(locale, iso),
      ago: (iso: string) => i18n.ago(locale, iso, clock.now()),
      list: (items: readonly string[]) => i18n.list(locale, items),
      duration: (seconds: number) => i18n.duration(locale, seconds),
      /** The id of the input of a name; ids hold no dots, so style sheets and scripts can name them. */
      id: (name: string) => name.replaceAll('.', '-'),
      /** The name of an input as it is sent. */
      input: (name: string) => name,
      fault: (name: string) => faults.find((fault) => fault.field === name)?.text,
      value: (name: string) => (neverKept.has(name) ? '' : (frame.values?.[name] ?? '')),
      paragraphs: (text: string) => blocks(text),
    },
  };
}

/** A block of a plain legal text. */
interface Block {
  kind: 'heading' | 'list' | 'text';
  lines: string[];
}

/** Blank lines part blocks; `# ` begins a heading, `- ` a list item. */
function blocks(text: string): Block[] {
  return text
    .split(/\n\s*\n/)
    .map((block) => block.trim().split('\n'))
    .map((lines) => {
      const first = lines[0] ?? '';
      if (first.startsWith('# ')) return { kind: 'heading', lines: [first.slice(2)] };
      if (lines.every((line) => line.startsWith('- '))) {
        return { kind: 'list', lines: lines.map((line) => line.slice(2)) };
      }
      return { kind: 'text', lines };
    });
}
