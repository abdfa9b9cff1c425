/** Pages as members see them, or would once a draft is live: in three widths side by side, or all at a glance. */
import { z } from 'zod';
import { allowOwnFrames, makeInert } from '../../base/http/headers.ts';
import type { Route } from '../../base/http/routes.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { World } from '../../business/dry-runs/outcome.ts';
import { ConfigurationRefused } from '../../business/layers/fault.ts';
import { brandMarketPath } from '../../business/layers/item-path.ts';
import type { Draft } from '../../business/releases/draft.ts';
import { draftFor } from '../desk/draft-sight.ts';
import { faultsShown, tellingFaults } from '../desk/refusals.ts';
import type { PreviewPage, PreviewPlace } from '../previews/page-list.ts';
import { draftChoices } from './choices.ts';
import type { ConsoleDeps } from './deps.ts';
import { type Choice, type PreviewData, previewView } from './look-views.ts';
import { areaPath } from './nav.ts';
import { withQuery } from './paging.ts';
import { startOf } from './preview-start.ts';
import { consolePage, type StaffHere, showConsole } from './staff.ts';
import { placeNames } from './targets.ts';

/** Widths that pages are shown at, in CSS pixels: a telephone, a tablet, a computer. */
const widths = [360, 768, 1280] as const;
/** Stands for every page in the place of one. */
const everyPage = 'all';

const path = areaPath('preview');
const documentPath = `${path}/document`;
const name = z.string().max(64);
const looking = {
  scheme: z.enum(['light', 'dark']).default('light'),
  state: z.enum(['', 'refused']).default(''),
};
const pageQuery = z.object({
  draft: name.optional(),
  brand: name.optional(),
  market: name.optional(),
  locale: name.optional(),
  page: z.string().max(200).optional(),
  width: z.enum(['360', '768', '1280']).default('360'),
  ...looking,
});
const documentQuery = z.object({
  draft: name.optional(),
  brand: name,
  market: name,
  locale: name,
  page: z.string().max(200),
  ...looking,
});
type Asked = z.output<typeof pageQuery>;

/**
 * The routes of the preview.
 * @param deps modules
 */
export function previewRoutes(deps: ConsoleDeps): Route[] {
  return [
    consolePage(deps, {
      name: 'preview',
      path,
      input: { query: pageQuery },
      show: (here, { query }) => showPreview(deps, here, query),
    }),
    consolePage(deps, {
      name: 'preview_document',
      path: documentPath,
      input: { query: documentQuery },
      show: (here, { query }) => showDocument(deps, here, query),
    }),
  ];
}

/**
 * The address of a preview.
 * @param at what to choose; nothing undefined or empty stands in it
 */
export function previewUrl(at: Readonly<Record<string, string | undefined>>): string {
  return withQuery(path, at);
}

async function showDocument(
  deps: ConsoleDeps,
  here: StaffHere,
  { draft, brand, market, locale, page: id, scheme, state }: z.output<typeof documentQuery>,
): Promise<void> {
  const { ctx, acting } = here;
  // Before anything can be refused: what is refused is told in the frame as well.
  makeInert(ctx);
  await acting.require('read', [brandMarketPath(brand, market)]);
  if (draft) await draftFor(deps, acting, draft);
  const world = await tellingFaults(() => deps.previews.world(draft || undefined));
  const readable = brandsAt(await readablePlaces(here, world), market);
  const place = deps.previews.place(world, { brand, market, locale, readable });
  const page = place && deps.previews.pages(place).find((each) => each.id === id);
  if (!page) throw new DomainError('route.not_found');
  // A document that is only looked at leaves nothing at the browser.
  deps.cookies.takeBack(ctx, []);
  ctx.type = 'html';
  ctx.body = deps.previews.document(place, page, { scheme, refused: state === 'refused' });
}

async function showPreview(deps: ConsoleDeps, here: StaffHere, asked: Asked): Promise<void> {
  const draft = asked.draft ? await draftFor(deps, here.acting, asked.draft) : undefined;
  const found = await worldOrFaults(deps, here, draft);
  const base = {
    url: path,
    draft: draft?.id ?? '',
    drafts: await draftChoices(deps, here.acting, { chosen: draft }),
  };
  const data =
    'faults' in found ? { ...base, ...found } : await placed(deps, here, { asked, draft, ...found }, base);
  allowOwnFrames(here.ctx);
  showConsole(deps, here, { view: previewView, area: 'preview', data });
}

/** A draft that cannot go live shows nothing yet but what is wrong with it, as far as somebody may read that. */
async function worldOrFaults(
  deps: ConsoleDeps,
  { acting }: StaffHere,
  draft: Draft | undefined,
): Promise<{ world: World } | { faults: PreviewData['faults']; hidden: number }> {
  try {
    return { world: await deps.previews.world(draft?.id) };
  } catch (error) {
    if (!(error instanceof ConfigurationRefused)) throw error;
    const readable = await acting.allowed('read', [...new Set(error.faults.map(({ item }) => item))]);
    const seen = error.faults.filter(({ item }) => readable.has(item));
    return { faults: faultsShown(seen), hidden: error.faults.length - seen.length };
  }
}

interface Placing {
  world: World;
  asked: Asked;
  brand: string;
  /** Markets by brand. */
  readable: ReadonlyMap<string, readonly string[]>;
}

type Base = Pick<PreviewData, 'url' | 'draft' | 'drafts'>;

async function placed(
  deps: ConsoleDeps,
  here: StaffHere,
  given: { asked: Asked; draft: Draft | undefined; world: World },
  base: Base,
): Promise<Omit<PreviewData, 'nav'>> {
  const { draft, world } = given;
  const readable = await readablePlaces(here, world);
  // Whoever has chosen a page has seen where the draft begins.
  const start =
    draft && !given.asked.page ? await startOf(deps, here, { ...given, draft, readable }) : given.asked;
  const asked: Asked = { ...given.asked, ...start };
  const brand = asked.brand || [...readable.keys()][0];
  // Of a brand that somebody may not read they are told nothing, not even whether it is there.
  const markets = brand === undefined ? undefined : readable.get(brand);
  if (brand === undefined || !markets) throw new DomainError('permission.missing');
  const place = placeAt(deps, here, { world, asked, brand, readable });
  const pages = deps.previews.pages(place);
  const { scheme, state } = asked;
  const { locale, experience } = place;
  const market = experience.market.id;
  const titleOf = titlesIn(deps, here);
  const at = { draft: base.draft, brand, market, locale, scheme, state };
  const live = deps.releases.live.current();
  const names = placeNames(live.all.configuration, here.visit.locale);
  const found = pages.find(({ id }) => id === asked.page) ?? pages[0];
  const isSheet = asked.page === everyPage;
  const labelled = (some: readonly { id: string; name: string }[]): Choice[] =>
    some.map(({ id, name: label }) => ({ value: id, label }));
  return {
    ...base,
    faults: [],
    hidden: 0,
    isUnreached: draft !== undefined && experience.release === live.of(market).release.id,
    at: {
      brand,
      brands: labelled(world.experiences.brands().filter(({ id }) => readable.has(id))),
      market,
      markets: markets.map((id) => ({ value: id, label: names.market(id) })),
      locale,
      locales: deps.previews.languages(experience).map(({ code, name: label }) => ({ value: code, label })),
      scheme,
      state,
      page: isSheet ? everyPage : (found?.id ?? ''),
      pages: pages.map((page) => ({ value: page.id, label: titleOf(page) })),
    },
    ...(isSheet
      ? { sheet: sheetOf(pages, { at, width: Number(asked.width), titleOf }) }
      : found && { screens: screensOf(pages, found, { at, titleOf }) }),
  };
}

/** Markets by brand, as far as somebody may read how the brand is there. */
async function readablePlaces({ acting }: StaffHere, { experiences }: World): Promise<Map<string, string[]>> {
  const places = experiences
    .brands()
    .flatMap(({ id: brand }) =>
      experiences
        .markets()
        .map(({ id: market }) => ({ brand, market, item: brandMarketPath(brand, market) })),
    );
  const allowed = await acting.allowed(
    'read',
    places.map(({ item }) => item),
  );
  const readable = new Map<string, string[]>();
  for (const { brand, market, item } of places)
    if (allowed.has(item)) readable.set(brand, [...(readable.get(brand) ?? []), market]);
  return readable;
}

/** The brands that somebody may read in a market. */
function brandsAt(readable: ReadonlyMap<string, readonly string[]>, market: string): Set<string> {
  return new Set([...readable].filter(([, markets]) => markets.includes(market)).map(([brand]) => brand));
}

/** Whoever goes on to another brand finds it where it is, in a language that it speaks. */
function placeAt(
  deps: ConsoleDeps,
  here: StaffHere,
  { world, asked, brand, readable: places }: Placing,
): PreviewPlace {
  const markets = places.get(brand) ?? [];
  const usual = world.experiences.brands().find(({ id }) => id === brand)?.defaultMarket;
  const market = [asked.market, usual].find((each) => each && markets.includes(each)) ?? markets[0] ?? '';
  const { locales } = world.experiences.experienceFor({ brand, market });
  const readable = brandsAt(places, market);
  for (const locale of [asked.locale, here.visit.locale, locales.default]) {
    const place = locale && deps.previews.place(world, { brand, market, locale, readable });
    if (place) return place;
  }
  throw new DomainError('item.unknown');
}

type At = Readonly<Record<'draft' | 'brand' | 'market' | 'locale' | 'scheme' | 'state', string>>;
type TitleOf = (page: PreviewPage) => string;

/** Pages by their headings in the language of whoever looks; those of one view are told apart. */
function titlesIn({ i18n, previews }: ConsoleDeps, { visit }: StaffHere): TitleOf {
  return (page) => {
    const { key, params } = previews.heading(page);
    const title = i18n.t(visit.locale, key, params);
    return page.which === undefined ? title : `${title} (${page.which})`;
  };
}

function screensOf(
  pages: readonly PreviewPage[],
  page: PreviewPage,
  { at, titleOf }: { at: At; titleOf: TitleOf },
): NonNullable<PreviewData['screens']> {
  const index = pages.indexOf(page);
  const leadingTo = (other: PreviewPage | undefined) => other && previewUrl({ ...at, page: other.id });
  const url = withQuery(documentPath, { ...at, page: page.id });
  return {
    title: titleOf(page),
    frames: widths.map((width) => ({ url, width })),
    previousUrl: leadingTo(pages[index - 1]),
    nextUrl: leadingTo(pages[index + 1]),
    aloneUrl: url,
    allUrl: previewUrl({ ...at, page: everyPage }),
  };
}

function sheetOf(
  pages: readonly PreviewPage[],
  { at, width, titleOf }: { at: At; width: number; titleOf: TitleOf },
): NonNullable<PreviewData['sheet']> {
  return {
    width,
    pages: pages.map((page) => ({
      title: titleOf(page),
      url: withQuery(documentPath, { ...at, page: page.id }),
      pageUrl: previewUrl({ ...at, page: page.id }),
    })),
  };
}
