/**
 * Static files of the pages: style sheet, script, icons, and one style sheet per brand look. Owns their addresses,
 * which carry a hash of the content, and their bodies, read once at start. Never touches a request: the http layer
 * serves what `read` gives.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digest } from '../kernel/sealing.ts';
import { viewsFolder } from '../mail/templates.ts';
import type { BrandLook } from './brand-look.ts';
import { themeCss } from './theme.ts';

/** A file as the http layer serves it. */
export interface Asset {
  body: string | Buffer;
  /** Media type with charset. */
  type: string;
  /** Strong entity tag, quoted. */
  etag: string;
  /** The asked version is this very content: may be kept for a year. Otherwise it must be asked for again. */
  immutable: boolean;
}

/** The assets of the pages. */
export interface Assets {
  /** Address of a file of `views/assets`, such as `/assets/app.css?v=…`. */
  url(name: string): string;
  /** Address of a look's style sheet, such as `/assets/theme/volt.css?v=…`. */
  themeUrl(look: BrandLook): string;
  /**
   * The file behind an address.
   * @param path such as `/assets/app.css`
   * @param version the query's `v`, where given
   */
  read(path: string, version?: string): Asset | undefined;
}

const types: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  ico: 'image/x-icon',
  png: 'image/png',
};

/**
 * Reads the assets.
 * @param deps `lookOf`: the look of a brand id as it is now, for style sheets asked by address
 */
export function createAssets(deps: { lookOf: (id: string) => BrandLook | undefined }): Assets {
  const folder = join(viewsFolder, 'assets');
  const files = new Map(
    readdirSync(folder).map((name) => [name, stored(name, readFileSync(join(folder, name)))]),
  );
  const themes = new WeakMap<BrandLook, Stored>();
  const theme = (look: BrandLook): Stored => {
    const known = themes.get(look) ?? stored(`${look.id}.css`, themeCss(look));
    themes.set(look, known);
    return known;
  };
  return {
    url(name) {
      const file = files.get(name);
      if (!file) throw new Error(`no asset ${name}`);
      return `/assets/${name}?v=${file.hash}`;
    },
    themeUrl: (look) => `/assets/theme/${look.id}.css?v=${theme(look).hash}`,
    read(path, version) {
      const themed = /^\/assets\/theme\/([\w.-]{1,160})\.css$/.exec(path)?.[1];
      const look = themed === undefined ? undefined : deps.lookOf(themed);
      const found = look ? theme(look) : files.get(path.replace(/^\/assets\//, ''));
      if (!found) return undefined;
      return {
        body: found.body,
        type: found.type,
        etag: `"${found.hash}"`,
        immutable: version === found.hash,
      };
    },
  };
}

interface Stored {
  body: string | Buffer;
  type: string;
  hash: string;
}

function stored(name: string, body: string | Buffer): Stored {
  const type = types[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
  return { body, type, hash: digest(typeof body === 'string' ? body : body.toString('base64')).slice(0, 12) };
}
