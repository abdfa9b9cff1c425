/**
 * Previews: every page and mail as members of a brand and market meet it, or would once a draft is live, made by the same views
 * and the same functions as these themselves. Owns what a preview shows and that it can do nothing. Never reads
 * anything of a member, never changes a draft, and never decides who may look.
 */
import type { Assets } from '../../base/http/assets.ts';
import type { BrandLook } from '../../base/http/brand-look.ts';
import { type Scheme, themeCss } from '../../base/http/theme.ts';
import { createRenderer, type PageFrame, type Renderer, type Text } from '../../base/http/views.ts';
import type { FieldFault } from '../../base/kernel/errors.ts';
import { type World, worldOf } from '../../business/dry-runs/outcome.ts';
import { asIfPublished } from '../../business/releases/as-if-live.ts';
import type { Draft } from '../../business/releases/draft.ts';
import type { Drafts } from '../../business/releases/drafts.ts';
import type { Live } from '../../business/releases/live.ts';
import { faultsAtEveryField } from './field-faults.ts';
import { inert } from './inert.ts';
import { createPreviewMails, type PreviewMails } from './mail-list.ts';
import { type PageListDeps, type PreviewPage, type PreviewPlace, pageList } from './page-list.ts';

/** How a page is looked at. */
export interface Looking {
  scheme: Scheme;
  /** As its form stands when everything was entered wrongly; a page that has no form stays as it is. */
  refused: boolean;
}

/** The previews as other modules see them. */
export interface Previews {
  /**
   * What members meet now, or would.
   * @param draft id of a draft; what is live without one
   * @throws DomainError `draft.unknown`; ConfigurationRefused with every fault where the draft cannot go live
   */
  world(draft: string | undefined): Promise<World>;
  /** A place of a world, that of a site where one is named; undefined where it has no such brand, market or language. */
  place(
    world: World,
    at: { brand: string; market: string; locale: string; site?: string | undefined } & Pick<
      PreviewPlace,
      'readable'
    >,
  ): PreviewPlace | undefined;
  /** The mails that members of a place can get. */
  mails: PreviewMails;
  /** The pages that members of a place can meet, in the order of their way. */
  pages(place: PreviewPlace): readonly PreviewPage[];
  /** The languages that pages of a brand and market are offered in. */
  languages(experience: PreviewPlace['experience']): readonly { code: string; name: string }[];
  /** The heading of a page. */
  heading(page: PreviewPage): Text;
  /** A page as a whole document. */
  document(place: PreviewPlace, page: PreviewPage, looking: Looking): string;
}

/** What the previews are made of. */
export interface PreviewsDeps extends PageListDeps {
  assets: Pick<Assets, 'url'>;
  live: Pick<Live, 'current'>;
  drafts: Pick<Drafts, 'get' | 'outcome'>;
}

/** Stands on pages of errors in the place of an id that finds a line in the log. */
const noTrace = '0'.repeat(32);

/**
 * Builds the previews.
 * @param deps clock, texts, assets, what is live, drafts, upstreams, rules of passwords
 */
export function createPreviews(deps: PreviewsDeps): Previews {
  const renderers = { light: rendererFor(deps, 'light'), dark: rendererFor(deps, 'dark') };
  const world = rememberedWorlds(deps);

  const languages: Previews['languages'] = ({ locales: { offered } }) =>
    deps.i18n.locales.filter(({ code }) => offered?.includes(code) ?? true);

  function document(place: PreviewPlace, page: PreviewPage, { scheme, refused }: Looking): string {
    const { experience, locale } = place;
    const data = page.data();
    const html = (faults: readonly FieldFault[]) => {
      const frame: PageFrame = {
        locale,
        look: experience.look,
        texts: experience.settings.texts,
        offered: experience.locales.offered,
        clientName: page.onTheWay ? experience.look.name : undefined,
        csrf: '',
        language: { action: '#', returnTo: '#' },
        faults,
        trace: noTrace,
      };
      return renderers[scheme].page(page.view, frame, data);
    };
    return inert(html(refused ? faultsAtEveryField(html([])) : []));
  }

  return {
    world,
    mails: createPreviewMails({ ...deps, upstreams: () => deps.upstreams.list().map(({ id }) => id) }),
    place(world, { brand, market, locale, readable, site }) {
      const experience = world.experiences.experienceFor({ brand, market, clientId: site });
      const isThere = experience.brand.id === brand && experience.market.id === market;
      const isSpoken = languages(experience).some(({ code }) => code === locale);
      return isThere && isSpoken ? { ...world, experience, locale, readable } : undefined;
    },
    pages: (place) => pageList(deps, place),
    languages,
    heading: (page) => page.view.heading(page.data()),
    document,
  };
}

/** Everything that belongs to the look comes with the document: the look of a draft has no address of its own. */
function rendererFor({ i18n, clock, assets }: PreviewsDeps, scheme: Scheme): Renderer {
  const inline = (type: string, body: string | Buffer) =>
    `data:${type};base64,${Buffer.from(body).toString('base64')}`;
  return createRenderer({
    i18n,
    clock,
    assets: {
      url: assets.url,
      themeUrl: (look) => inline('text/css', themeCss(look, scheme)),
      logoUrl: ({ logo }: Pick<BrandLook, 'logo'>) =>
        typeof logo === 'string' ? undefined : `data:image/png;base64,${logo.png}`,
    },
  });
}

/** Few are looked at the same time; a world is a whole program. */
const mostWorlds = 4;
/** Legal texts come into force as time goes by. */
const freshMs = 60_000;

/** The pages of one look at a draft are asked for at the same moment: its configuration is judged and opened once. */
function rememberedWorlds({ clock, live, drafts }: PreviewsDeps): Previews['world'] {
  const known = new Map<string, { world: Promise<World>; until: number }>();
  const worldAt = async (draft: Draft | undefined, at: number): Promise<World> => {
    const now = live.current();
    if (!draft) return worldOf(now, at);
    const { items } = await drafts.outcome(draft.id);
    return worldOf(asIfPublished(now, items, draft.target), at);
  };
  return async (id) => {
    const draft = id === undefined ? undefined : await drafts.get(id);
    const key = `${draft?.id} ${draft?.version} ${live.current().version}`;
    const at = clock.now();
    for (const [each, { until }] of known) if (until <= at) known.delete(each);
    const found = known.get(key);
    if (found) return found.world;
    const world = worldAt(draft, at);
    known.set(key, { world, until: at + freshMs });
    const [oldest] = known.keys();
    if (known.size > mostWorlds && oldest !== undefined) known.delete(oldest);
    // What cannot go live is judged again each time: what it refers to may be there by then.
    world.catch(() => known.delete(key));
    return world;
  };
}
