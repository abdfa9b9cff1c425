/** A file becomes a brand's logo: written anew, looked at on both grounds, and put into a draft. Nothing is kept here. */
import { z } from 'zod';
import type { BrandLogo } from '../../base/http/brand-look.ts';
import { maxLogoBytes } from '../../base/http/logo/logo.ts';
import type { Route } from '../../base/http/routes.ts';
import type { UploadedFile } from '../../base/http/upload.ts';
import { DomainError, FormError } from '../../base/kernel/errors.ts';
import { brandPath } from '../../business/layers/item-path.ts';
import { logo as logoShape } from '../../business/layers/look-shape.ts';
import { changeLook, saidLook, themeOf } from './brand-look.ts';
import { brandChoices, draftChoices } from './choices.ts';
import type { ConsoleDeps } from './deps.ts';
import { logoPicture } from './logo-picture.ts';
import { type Choice, type LogoPicture, type LogosData, logosView } from './look-views.ts';
import { areaPath } from './nav.ts';
import { previewUrl } from './preview.ts';
import { refusalOf } from './refusals.ts';
import { consoleForm, consolePage, doneAt, type StaffHere, showConsole } from './staff.ts';

const path = areaPath('logos');
const types = ['image/svg+xml', 'image/png', 'image/jpeg', 'image/webp'];
/** The file, its brand and the form's token, with what stands around them. */
const uploadLimit = maxLogoBytes + 8 * 1024;
/** A logo written anew, as a form sends it: three characters for each of its markup that is no letter. */
const useLimit = 512 * 1024;
const name = z.string().max(64);

/**
 * The routes of logos.
 * @param deps modules
 */
export function logoRoutes(deps: ConsoleDeps): Route[] {
  return [
    consolePage(deps, {
      name: 'logos',
      path,
      input: { query: z.object({ brand: name.optional(), draft: name.optional() }) },
      async show(here, { query }) {
        await show(deps, here, await placeOf(deps, here, query.brand));
      },
    }),
    consoleForm(deps, {
      name: 'logo_upload',
      path,
      input: { body: z.object({ brand: name }) },
      file: { input: 'file', limit: uploadLimit, tooLarge: 'logo.too_large' },
      page: () => path,
      take: (here, { body, file }) => upload(deps, here, body.brand, file),
      async refused(here, error, { brand }) {
        const chosen = typeof brand === 'string' ? brand : undefined;
        await show(deps, here, await placeOf(deps, here, chosen), error);
      },
    }),
    consoleForm(deps, {
      name: 'logo_use',
      path: `${path}/use`,
      input: { body: z.object({ brand: name, draft: name.default(''), logo: z.string().max(useLimit) }) },
      bodyLimit: useLimit,
      page: () => path,
      take: (here, { body }) => use(deps, here, body),
    }),
  ];
}

interface At {
  brand: string;
  brands: readonly Choice[];
}

/** Logos are for those who may change the brand's layer. */
async function placeOf(deps: ConsoleDeps, here: StaffHere, asked: string | undefined): Promise<At> {
  const brands = await brandChoices(deps, here, { permission: 'edit', draft: undefined });
  const brand = asked || brands[0]?.value;
  if (brand === undefined) throw new DomainError('permission.missing');
  await here.acting.require('edit', [brandPath(brand)]);
  return { brand, brands };
}

async function picturesOf(
  deps: ConsoleDeps,
  brand: string,
  made: BrandLogo | undefined,
): Promise<LogoPicture[]> {
  const said = await saidLook(deps, { brand }, undefined);
  const theme = themeOf(said);
  const logo = made ?? said.logo;
  if (logo === undefined) return [];
  return (['light', 'dark'] as const).map((scheme) => ({
    scheme,
    url: logoPicture(logo, theme[scheme], theme.light.surface),
  }));
}

async function show(
  deps: ConsoleDeps,
  here: StaffHere,
  { brand, brands }: At,
  refused?: DomainError,
): Promise<void> {
  const pictures = await picturesOf(deps, brand, undefined);
  answer(deps, here, { brand, brands, pictures }, refused);
}

function answer(
  deps: ConsoleDeps,
  here: StaffHere,
  data: Omit<LogosData, 'nav' | 'action' | 'types'>,
  refused?: DomainError,
): void {
  showConsole(deps, here, {
    view: logosView,
    area: 'logos',
    data: { action: path, types, ...data },
    ...(refused && { refused: refusalOf(refused) }),
  });
}

async function upload(
  deps: ConsoleDeps,
  here: StaffHere,
  chosen: string,
  file: UploadedFile | undefined,
): Promise<void> {
  const at = await placeOf(deps, here, chosen);
  const refuse = (
    code: 'field.required' | 'logo.too_large' | 'logo.unsupported' | 'logo.unreadable' | 'logo.unsafe',
  ) => show(deps, here, at, new FormError([{ field: 'file', code }]));
  if (!file) return refuse('field.required');
  const verdict = await deps.reencodeLogo(file.bytes, file.type);
  if (!verdict.ok) return refuse(verdict.fault);
  const { logo, dropped } = verdict;
  const [pictures, drafts] = await Promise.all([
    picturesOf(deps, at.brand, logo),
    draftChoices(deps, here.acting, { editable: true }),
  ]);
  answer(deps, here, {
    ...at,
    pictures,
    made: {
      action: `${path}/use`,
      logo: typeof logo === 'string' ? logo : JSON.stringify(logo),
      dropped,
      draft: '',
      drafts,
    },
  });
}

async function use(
  deps: ConsoleDeps,
  here: StaffHere,
  body: { brand: string; draft: string; logo: string },
): Promise<void> {
  const { brand, brands } = await placeOf(deps, here, body.brand);
  const logo = logoIn(body.logo);
  const label = brands.find(({ value }) => value === brand)?.label ?? brand;
  const message = deps.i18n.t(here.visit.locale, 'console.logos.message', { brand: label });
  const draft = await changeLook(deps, here, {
    owner: { brand },
    draft: body.draft,
    message,
    look: { logo },
  });
  doneAt(deps, here, { path: previewUrl({ draft: draft.id, brand }), notice: 'logo-drafted' });
}

/** What comes back was made by us, or by nobody who uses the page: it is judged as any other logo of a configuration. */
function logoIn(text: string): string | { png: string; width: number; height: number } {
  let said: unknown = text;
  try {
    if (text.startsWith('{')) said = JSON.parse(text);
  } catch (cause) {
    throw new DomainError('input.malformed', { cause });
  }
  const judged = logoShape.safeParse(said);
  if (!judged.success) throw new DomainError('input.malformed');
  return judged.data;
}
