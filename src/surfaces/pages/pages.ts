/**
 * Pages: puts a view into the frame of the visit — brand, language, form guard — and answers what every surface
 * shares: errors, expired interactions, legal texts. It decides no step and reads no form of a step.
 */
import type { Assets } from '../../base/http/assets.ts';
import type { EdgeContext } from '../../base/http/context.ts';
import type { Cookies } from '../../base/http/cookies.ts';
import type { Csrf } from '../../base/http/csrf.ts';
import type { ShownError } from '../../base/http/errors.ts';
import { allowFormAction } from '../../base/http/headers.ts';
import type { PageFrame, Renderer, View } from '../../base/http/views.ts';
import { localeCookie } from '../../base/http/visit.ts';
import type { I18n } from '../../base/i18n/i18n.ts';
import type { ErrorCode, FieldFault } from '../../base/kernel/errors.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import type { Experience } from '../../business/experiences/experience.ts';
import type { Experiences } from '../../business/experiences/experiences.ts';
import { type LastClient, stepTo } from './last-client.ts';
import { errorView, interactionExpiredView, type NextStep } from './views.ts';

/** Everything about the place a page stands in. */
export interface Place {
  experience: Experience;
  client: ClientRecord | undefined;
  /** Scope of the page's form tokens: an interaction's uid, or `account`. */
  scope: string;
  /** Path that shows this page again by GET, for the language form. */
  returnTo: string | undefined;
  /** Where the language form posts; default `/language`. */
  languageAction?: string;
  /** Whether it speaks in the catalogues' own words, whatever texts a brand has. */
  plainTexts?: true;
}

/** How a page is shown. */
export interface Shown {
  status?: number;
  faults?: readonly FieldFault[];
  values?: Readonly<Record<string, string>>;
  notice?: PageFrame['notice'];
  /** Where its forms may lead, beyond ourselves (the redirect chain after a POST counts). */
  formAction?: readonly string[];
}

/** The pages as the surfaces use them. */
export interface Pages {
  /** The place of a client's visit; also completes `ctx.state.visit` with client, brand, market and language. */
  place(
    ctx: EdgeContext,
    at: {
      client?: ClientRecord | undefined;
      scope: string;
      returnTo?: string;
      uiLocales?: string | undefined;
      chosenLocale?: string | undefined;
      languageAction?: string;
    },
  ): Place;
  /** Answers with a page. */
  show<T>(ctx: EdgeContext, place: Place, page: { view: View<T>; data: T; shown?: Shown }): void;
  /** The error page as markup, for the error handler. */
  error(ctx: EdgeContext, error: ShownError): string;
  /** A protocol error for people, with the developer's details folded away. */
  protocolError(
    ctx: EdgeContext,
    error: {
      code: ErrorCode;
      status: number;
      developer: { name: string; value: string }[];
      client?: ClientRecord | undefined;
    },
  ): void;
  /** Where to go from a dead end: the app last on the way, else the brand's home. */
  wayBack(ctx: EdgeContext, client?: ClientRecord): Promise<NextStep>;
}

/** What the pages are made of. */
export interface PagesDeps {
  issuer: string;
  renderer: Renderer;
  assets: Assets;
  i18n: I18n;
  csrf: Csrf;
  cookies: Cookies;
  experiences: Experiences;
  lastClient: LastClient;
}

/**
 * Builds the pages.
 * @param deps renderer, texts, guards, experiences
 */
export function createPages(deps: PagesDeps): Pages {
  const localeOf = (ctx: EdgeContext, { locales }: Experience, asked: string | undefined) =>
    deps.i18n.negotiate({
      uiLocales: asked,
      chosen: deps.cookies.read(ctx, localeCookie),
      acceptLanguage: ctx.get('Accept-Language'),
      brandDefault: locales.default,
      offered: locales.offered,
    });

  const place: Pages['place'] = (ctx, at) => {
    const { visit } = ctx.state;
    const brand = at.client?.brand || undefined;
    const experience = deps.experiences.experienceFor({
      clientId: at.client?.id,
      brand,
      market: at.client?.market,
    });
    const locale = localeOf(ctx, experience, at.chosenLocale ?? at.uiLocales);
    ctx.state.visit = {
      ...visit,
      clientId: at.client?.id,
      brand: experience.brand.id,
      market: experience.market.id,
      locale,
    };
    return {
      experience,
      client: at.client,
      scope: at.scope,
      returnTo: at.returnTo,
      ...(at.languageAction && { languageAction: at.languageAction }),
    };
  };

  /** A request that got no further than its visit speaks a language that nobody has compared with the brand's. */
  const inOwnLanguage = (ctx: EdgeContext, at: Place): Place => {
    const { visit } = ctx.state;
    if (at.experience.locales.offered?.includes(visit.locale) === false)
      ctx.state.visit = { ...visit, locale: localeOf(ctx, at.experience, visit.locale) };
    return at;
  };

  const frame = (ctx: EdgeContext, at: Place, shown: Shown): PageFrame => ({
    locale: ctx.state.visit.locale,
    look: at.experience.look,
    texts: at.plainTexts ? undefined : at.experience.settings.texts,
    offered: at.experience.locales.offered,
    clientName: at.client?.name || undefined,
    csrf: at.scope ? deps.csrf.token(ctx.state.visit, at.scope) : '',
    language: at.returnTo ? { action: at.languageAction ?? '/language', returnTo: at.returnTo } : undefined,
    faults: shown.faults,
    values: shown.values,
    notice: shown.notice,
    trace: ctx.state.visit.trace,
  });

  const show: Pages['show'] = (ctx, at, { view, data, shown = {} }) => {
    if (shown.formAction) allowFormAction(ctx, shown.formAction);
    ctx.status = shown.status ?? 200;
    ctx.type = 'html';
    ctx.set('Cache-Control', 'no-store');
    ctx.body = deps.renderer.page(view, frame(ctx, at, shown), data);
  };

  const wayBack: Pages['wayBack'] = async (ctx, client) => {
    const known = client ?? (await deps.lastClient.recall(ctx));
    const home: NextStep = { kind: 'home', url: deps.experiences.experienceFor({}).links.home };
    if (!known) return home;
    const { links } = deps.experiences.experienceFor({ brand: known.brand });
    return stepTo(known, deps.issuer) ?? { ...home, url: links.home };
  };

  const errorPage = (ctx: EdgeContext, error: ShownError, way: { at: Place; next: NextStep }): string => {
    const { at, next } = way;
    const expired = error.code === 'interaction.unknown' || error.code === 'interaction.expired';
    if (expired) return deps.renderer.page(interactionExpiredView, frame(ctx, at, {}), { next });
    const data = { code: error.code, params: error.params, status: error.status, next };
    return deps.renderer.page(errorView, frame(ctx, at, {}), data);
  };

  const backTo = ({ state }: EdgeContext): NextStep | undefined =>
    state.backTo && {
      kind: 'home',
      url: state.backTo.url,
      name: deps.i18n.t(state.visit.locale, state.backTo.nameKey),
    };

  return {
    place,
    show,
    wayBack,
    error(ctx, error) {
      const client = deps.lastClient.recalled(ctx);
      const visited = inOwnLanguage(ctx, placeOfVisit(ctx, deps.experiences, client));
      // Pages that have a way back of their own have words of their own as well.
      const at: Place = ctx.state.backTo ? { ...visited, plainTexts: true } : visited;
      const next = backTo(ctx) ?? (client && stepTo(client, deps.issuer)) ?? homeOf(at);
      return errorPage(ctx, error, { at, next });
    },
    protocolError(ctx, { code, status, developer, client }) {
      const at = client
        ? place(ctx, { client, scope: '' })
        : inOwnLanguage(ctx, placeOfVisit(ctx, deps.experiences));
      const next = (client && stepTo(client, deps.issuer)) ?? homeOf(at);
      show(ctx, at, { view: errorView, data: { code, status, developer, next }, shown: { status } });
    },
  };
}

/**
 * The texts of a place: the catalogues', and the brand's own before them.
 * @param deps the catalogues
 * @param place where the page stands
 */
export function textsAt({ i18n }: { i18n: Pick<I18n, 'overlay'> }, place: Pick<Place, 'experience'>): I18n {
  return i18n.overlay(place.experience.settings.texts);
}

/** The place of a request that has got no further than its visit. */
function placeOfVisit(ctx: EdgeContext, experiences: Experiences, last?: ClientRecord): Place {
  const { brand = last?.brand || undefined, market = last?.market } = ctx.state.visit;
  return {
    experience: experiences.experienceFor({ brand, market }),
    client: undefined,
    scope: '',
    returnTo: undefined,
  };
}

function homeOf({ experience }: Place): NextStep {
  return { kind: 'home', url: experience.links.home };
}
