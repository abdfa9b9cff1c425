/**
 * Static files of the pages: style sheet, script, icons, and one style sheet and logo per brand look. Owns their addresses,
 * which carry a hash of the content, and their bodies, read once at start. Never touches a request: the http layer
 * serves what `read` gives.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digest } from '../kernel/sealing.ts';
import type { RasterLogo } from '../mail/render.ts';
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
  /** Pages of others may show it too: the logos of mails stand in web mail programs. */
  shared: boolean;
}

/** The assets of the pages. */
export interface Assets {
  /** Address of a file of `views/assets`, such as `/assets/app.css?v=…`. */
  url(name: string): string;
  /** Address of a look's style sheet, such as `/assets/theme/volt.css?v=…`. */
  themeUrl(look: BrandLook): string;
  /** Address of a look's logo, such as `/assets/logo/volt.png?v=…`; undefined where the logo is inline markup. */
  logoUrl(look: Pick<BrandLook, 'id' | 'logo'>): string | undefined;
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
 * @param deps `lookOf`: the look of an id as it is now, for style sheets and logos asked by address; where several
 * are live in different places, the one that is it
 */
export function createAssets(deps: {
  lookOf: (id: string, isIt?: (look: BrandLook) => boolean) => BrandLook | undefined;
}): Assets {
  const folder = join(viewsFolder, 'assets');
  const files = new Map(
    readdirSync(folder).map((name) => [name, stored(name, slim(name, readFileSync(join(folder, name))))]),
  );
  files.set(deskSheet, stored(deskSheet, withoutMembers(readFileSync(join(folder, 'app.css'), 'utf8'))));
  const themes = new WeakMap<BrandLook, Stored>();
  const theme = (look: BrandLook): Stored => {
    const known = themes.get(look) ?? stored(`${look.id}.css`, themeCss(look));
    themes.set(look, known);
    return known;
  };
  const logos = new WeakMap<RasterLogo, Stored>();
  const logoOf = (look: Pick<BrandLook, 'id' | 'logo'>): Stored | undefined => {
    const { logo } = look;
    if (typeof logo === 'string') return undefined;
    const known = logos.get(logo) ?? stored(`${look.id}.png`, Buffer.from(logo.png, 'base64'));
    logos.set(logo, known);
    return known;
  };
  const find = (path: string, version: string | undefined): Stored | undefined => {
    const [, kind, id] = /^\/assets\/(theme|logo)\/([\w.-]{1,160})\.(?:css|png)$/.exec(path) ?? [];
    if (id === undefined) return files.get(path.replace(/^\/assets\//, ''));
    const filed = (look: BrandLook) => (kind === 'theme' ? theme(look) : logoOf(look));
    const look = deps.lookOf(id, (each) => version === undefined || filed(each)?.hash === version);
    return look && filed(look);
  };
  return {
    url(name) {
      const file = files.get(name);
      if (!file) throw new Error(`no asset ${name}`);
      return `/assets/${name}?v=${file.hash}`;
    },
    themeUrl: (look) => `/assets/theme/${look.id}.css?v=${theme(look).hash}`,
    logoUrl(look) {
      const logo = logoOf(look);
      return logo && `/assets/logo/${look.id}.png?v=${logo.hash}`;
    },
    read(path, version) {
      const found = find(path, version);
      if (!found) return undefined;
      return {
        body: found.body,
        type: found.type,
        etag: `"${found.hash}"`,
        immutable: version === found.hash,
        shared: path.startsWith('/assets/logo/'),
      };
    },
  };
}

/** The general style sheet as pages for staff take it. */
const deskSheet = 'app-desk.css';

/** A style sheet without what only pages for members show: what stays keeps its order. */
function withoutMembers(css: string): string {
  return slimSheet(css.replaceAll(/\/\* members only \*\/[\s\S]*?\/\* everybody \*\/\n/g, ''));
}

/** A style sheet without what only its authors read. */
function slim(name: string, body: Buffer): string | Buffer {
  return name.endsWith('.css') ? slimSheet(body.toString()) : body;
}

function slimSheet(css: string): string {
  return css.replaceAll(/\/\*[\s\S]*?\*\/\n?|(?<=[{};,])\n/g, '');
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
