/**
 * Compiled templates: the one place that knows ejs. Reads every `.ejs` below a folder once and hands out functions
 * from plain locals to text. Everything `<%=` prints is escaped for markup; what is printed raw is on a list that a
 * test keeps. Locals never reach ejs as options, so no value can change how a template is read.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ejs from 'ejs';

/** The repository's templates. */
export const viewsFolder = fileURLToPath(new URL('../../../views/', import.meta.url));

/** Renders the template of a name such as `interactions/sign-in` with its locals. */
export type RenderTemplate = (name: string, locals: Record<string, unknown>) => string;

/** How a folder of templates is compiled. */
export interface TemplateOptions {
  /** The names that templates may use; each render gives every one of them. */
  localNames: readonly string[];
  /** Sub-folders to read, such as `['interactions', 'partials']`. */
  folders: readonly string[];
  /** `html` escapes what `<%=` prints; `text` leaves it alone (subjects and plain mails). */
  escape?: 'html' | 'text';
  /** Reads a template again at each use, for work on templates. */
  dev?: boolean;
}

/**
 * Compiles the templates of some folders.
 * @param options names, folders, kind of escaping
 * @throws Error at start when a template does not compile; at use when a name is unknown
 */
export function compileTemplates(options: TemplateOptions): RenderTemplate {
  const compile = (name: string) =>
    ejs.compile(readFileSync(join(viewsFolder, `${name}.ejs`), 'utf8'), {
      strict: true,
      destructuredLocals: [...options.localNames],
      compileDebug: options.dev ?? false,
      filename: `${name}.ejs`,
      ...(options.escape === 'text' ? { escape: (value: unknown) => String(value ?? '') } : {}),
    });
  const names = options.folders.flatMap((folder) =>
    readdirSync(join(viewsFolder, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ejs'))
      .map((file) => `${folder}/${file.replaceAll('\\', '/').slice(0, -'.ejs'.length)}`),
  );
  const compiled = new Map(names.map((name) => [name, compile(name)]));
  return (name, locals) => {
    const known = compiled.get(name);
    if (!known) throw new Error(`no template ${name}`);
    return (options.dev ? compile(name) : known)(locals);
  };
}
