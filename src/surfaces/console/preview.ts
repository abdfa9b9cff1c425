/** Pages and mails as members see them, or would once a draft is live: in three widths side by side, or all at a glance. */
import { z } from 'zod';
import { allowOwnFrames, makeInert } from '../../base/http/headers.ts';
import type { Route } from '../../base/http/routes.ts';
import { DomainError, FormError } from '../../base/kernel/errors.ts';
import type { World } from '../../business/dry-runs/outcome.ts';
import { ConfigurationRefused } from '../../business/layers/fault.ts';
import { brandMarketPath, placePath, sitePath } from '../../business/layers/item-path.ts';
import type { Draft } from '../../business/releases/draft.ts';
import { draftFor } from '../desk/draft-sight.ts';
import { faultsShown, tellingFaults } from '../desk/refusals.ts';
import type { PreviewPlace } from '../previews/page-list.ts';
import type { Looking } from '../previews/previews.ts';
import { draftChoices } from './choices.ts';
import type { ConsoleDeps } from './deps.ts';
import { type Choice, type PreviewData, previewView } from './look-views.ts';
import { areaPath } from './nav.ts';
import { withQuery } from './paging.ts';
import { startOf } from './preview-start.ts';
import { mailId, type Stop, stopsOf } from './preview-stops.ts';
import { refusalOf } from './refusals.ts';
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
  client_id: name.optional(),
  brand: name.optional(),
  market: name.optional(),
  locale: name.optional(),
  page: z.string().max(200).optional(),
  width: z.enum(['360', '768', '1280']).default('360'),
  ...looking,
});
const documentQuery = z.object({
  draft: name.optional(),
  client_id: name.optional(),
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
  { draft, client_id: site, brand, market, locale, page: id, scheme, state }: z.output<typeof documentQuery>,
): Promise<void> {
  const { ctx, acting } = here;
  // Before anything can be refused: what is refused is told in the frame as well.
  makeInert(ctx, id.startsWith('mail/') ? 'mail' : 'page');
  await acting.require('read', [placePath({ brand, market, site: site || undefined })]);
  if (draft) await draftFor(deps, acting, draft);
  const known = site ? await siteOf(deps, site) : undefined;
  const isThere = !site || (known?.brand === brand && (known.market ?? market) === market);
  const world = await tellingFaults(() => deps.previews.world(draft || undefined));
  const readable = brandsAt(withSite(await readablePlaces(here, world), world, known), market);
  const place = isThere
    ? deps.previews.place(world, { brand, market, locale, readable, site: site || undefined })
    : undefined;
  if (!place) throw new DomainError('route.not_found');
  const body = documentOf(deps, place, id, { scheme, refused: state === 'refused' });
  if (body === undefined) throw new DomainError('route.not_found');
  // A document that is only looked at leaves nothing at the browser.
  deps.cookies.takeBack(ctx, []);
  ctx.type = 'html';
  ctx.body = body;
}

function documentOf(
  { previews }: ConsoleDeps,
  place: PreviewPlace,
  id: string,
  looking: Looking,
): string | undefined {
  const mail = previews.mails.names(place).find((each) => mailId(each) === id);
  if (mail) return previews.mails.render(place, mail, looking.scheme).html;
  const page = previews.pages(place).find((each) => each.id === id);
  return page && previews.document(place, page, looking);
}

/** A site and where it stands. */
interface Site {
  id: string;
  brand: string;
  /** Absent where it may be visited from any. */
  market: string | undefined;
}

async function siteOf({ clients }: ConsoleDeps, id: string): Promise<Site | undefined> {
  const known = (await clients.sitesOf([id])).get(id);
  return known && { id, brand: known.brand, market: known.market };
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
  // A site that nobody knows stands in its field as it was typed, and what its brand has is shown.
  const isUnknown = asked.client_id && 'at' in data && data.at?.clientId !== asked.client_id;
  const refused = isUnknown
    ? refusalOf(new FormError([{ field: 'client_id', code: 'field.unknown' }]), {
        client_id: asked.client_id ?? '',
      })
    : undefined;
  showConsole(deps, here, { view: previewView, area: 'preview', refused, data });
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
  site: Site | undefined;
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
  const places = await readablePlaces(here, world);
  // Whoever has chosen a page has seen where the draft begins.
  const start =
    draft && !given.asked.page
      ? await startOf(deps, here, { ...given, draft, readable: places })
      : given.asked;
  const site = await askedSite(deps, here, start.client_id);
  const readable = withSite(places, world, site);
  // A site is where it stands, whatever else was chosen.
  const asked: Asked = {
    ...given.asked,
    ...start,
    ...(site && { brand: site.brand, market: site.market ?? start.market }),
  };
  const brand = asked.brand || [...readable.keys()][0];
  // Of a brand that somebody may not read they are told nothing, not even whether it is there.
  const markets = brand === undefined ? undefined : readable.get(brand);
  if (brand === undefined || !markets) throw new DomainError('permission.missing');
  const place = placeAt(deps, here, { world, asked, brand, readable, site });
  const stops = stopsOf(deps, here, place);
  const { scheme, state } = asked;
  const { locale, experience } = place;
  const market = experience.market.id;
  const at = { draft: base.draft, client_id: site?.id ?? '', brand, market, locale, scheme, state };
  const live = deps.releases.live.current();
  const names = placeNames(live.all.configuration, here.visit.locale);
  const found = stops.find(({ id }) => id === asked.page) ?? stops[0];
  const isSheet = asked.page === everyPage;
  const labelled = (some: readonly { id: string; name: string }[]): Choice[] =>
    some.map(({ id, name: label }) => ({ value: id, label }));
  return {
    ...base,
    faults: [],
    hidden: 0,
    isUnreached: draft !== undefined && experience.release === live.of(market).release.id,
    at: {
      clientId: at.client_id,
      brand,
      brands: labelled(world.experiences.brands().filter(({ id }) => readable.has(id))),
      market,
      markets: markets.map((id) => ({ value: id, label: names.market(id) })),
      locale,
      locales: deps.previews.languages(experience).map(({ code, name: label }) => ({ value: code, label })),
      scheme,
      state,
      page: isSheet ? everyPage : (found?.id ?? ''),
      pages: stops.map(({ id, title }) => ({ value: id, label: title })),
    },
    ...(isSheet
      ? { sheet: sheetOf(stops, at, Number(asked.width)) }
      : found && { screens: screensOf(stops, found, at), mail: mailOf(deps, place, found) }),
  };
}

async function askedSite(
  deps: ConsoleDeps,
  { acting }: StaffHere,
  id: string | undefined,
): Promise<Site | undefined> {
  if (!id) return undefined;
  await acting.require('read', [sitePath(id)]);
  return siteOf(deps, id);
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

/** Whoever may read a site sees it where it stands, whether or not they may read anything else there. */
function withSite(
  readable: ReadonlyMap<string, readonly string[]>,
  { experiences }: World,
  site: Site | undefined,
): ReadonlyMap<string, readonly string[]> {
  if (!site) return readable;
  const own = site.market === undefined ? experiences.markets().map(({ id }) => id) : [site.market];
  const markets = [...new Set([...own, ...(readable.get(site.brand) ?? [])])];
  return new Map([...readable, [site.brand, markets]]);
}

/** The brands that somebody may read in a market. */
function brandsAt(readable: ReadonlyMap<string, readonly string[]>, market: string): Set<string> {
  return new Set([...readable].filter(([, markets]) => markets.includes(market)).map(([brand]) => brand));
}

/** Whoever goes on to another brand finds it where it is, in a language that it speaks. */
function placeAt(
  deps: ConsoleDeps,
  here: StaffHere,
  { world, asked, brand, readable: places, site }: Placing,
): PreviewPlace {
  const markets = places.get(brand) ?? [];
  const usual = world.experiences.brands().find(({ id }) => id === brand)?.defaultMarket;
  const market = [asked.market, usual].find((each) => each && markets.includes(each)) ?? markets[0] ?? '';
  const { locales } = world.experiences.experienceFor({ brand, market, clientId: site?.id });
  const readable = brandsAt(places, market);
  for (const locale of [asked.locale, here.visit.locale, locales.default]) {
    const place = locale && deps.previews.place(world, { brand, market, locale, readable, site: site?.id });
    if (place) return place;
  }
  throw new DomainError('item.unknown');
}

type At = Readonly<
  Record<'draft' | 'client_id' | 'brand' | 'market' | 'locale' | 'scheme' | 'state', string>
>;

function screensOf(stops: readonly Stop[], stop: Stop, at: At): NonNullable<PreviewData['screens']> {
  const index = stops.indexOf(stop);
  const leadingTo = (other: Stop | undefined) => other && previewUrl({ ...at, page: other.id });
  const url = withQuery(documentPath, { ...at, page: stop.id });
  return {
    title: stop.title,
    // Mails are no wider anywhere.
    frames: (stop.mail ? widths.slice(0, 2) : widths).map((width) => ({ url, width })),
    previousUrl: leadingTo(stops[index - 1]),
    nextUrl: leadingTo(stops[index + 1]),
    aloneUrl: url,
    allUrl: previewUrl({ ...at, page: everyPage }),
  };
}

function mailOf({ previews }: ConsoleDeps, place: PreviewPlace, { mail }: Stop): PreviewData['mail'] {
  if (!mail) return undefined;
  const { subject, text } = previews.mails.render(place, mail, 'light');
  return { subject, text, locale: place.locale };
}

function sheetOf(stops: readonly Stop[], at: At, width: number): NonNullable<PreviewData['sheet']> {
  return {
    width,
    pages: stops.map(({ id, title }) => ({
      title,
      url: withQuery(documentPath, { ...at, page: id }),
      pageUrl: previewUrl({ ...at, page: id }),
    })),
  };
}
