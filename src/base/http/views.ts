/**
 * Typed view rendering: a view is a name, its data type and a sample; a page is a view in a frame. Owns the frame,
 * the compiled templates and the helpers they see. Never decides what a page says next, and never lets a value into
 * the markup unescaped.
 */
import type { FieldFault } from '../kernel/errors.ts';
import type { BrandLook } from './brand-look.ts';

/** Parameters of a catalogue text. */
export type TextParams = Readonly<Record<string, string | number>>;

/** A text of the catalogues: its key and what is filled in. */
export interface Text {
  key: string;
  params?: TextParams;
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
  /** What the person had entered, by input name; secrets and codes are dropped by the renderer in any case. */
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
