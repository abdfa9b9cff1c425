/** Where the preview of a draft opens: at the first brand, market, language and page in which it changes something. */
import { setImmediate } from 'node:timers/promises';
import type { MailName } from '../../base/mail/mails.ts';
import type { World } from '../../business/dry-runs/outcome.ts';
import type { Where } from '../../business/layers/diff.ts';
import type { Draft } from '../../business/releases/draft.ts';
import { seenComparison } from '../desk/sight.ts';
import type { Previews } from '../previews/previews.ts';
import type { ConsoleDeps } from './deps.ts';
import { mailId } from './preview-stops.ts';
import type { StaffHere } from './staff.ts';

/** What an address says of where to look; what it says counts. */
export interface StartAsked {
  client_id?: string | undefined;
  brand?: string | undefined;
  market?: string | undefined;
  locale?: string | undefined;
  page?: string | undefined;
}

/** Places and languages that are tried; each takes every page twice. */
const mostTries = 4;

/**
 * Completes what was asked by where a draft changes something; returns it as it is where nothing else can be told.
 * @param deps previews, differences
 * @param here who looks: only what they may read counts
 * @param given the draft, what members would meet, markets by brand that may be read, and what was asked
 */
export async function startOf(
  deps: Pick<ConsoleDeps, 'previews' | 'workflow'>,
  { acting, visit }: StaffHere,
  given: {
    draft: Draft;
    world: World;
    readable: ReadonlyMap<string, readonly string[]>;
    asked: StartAsked;
  },
): Promise<StartAsked> {
  const { draft, world, readable, asked } = given;
  const { effective } = await seenComparison(await deps.workflow.comparisons.draft(draft.id), acting);
  if (!effective) return asked;
  const changes = effective.changes.flatMap(({ key, where }) => where.map((at) => ({ ...at, key })));
  const found = [...changes, ...effective.added.map((at) => ({ ...at, key: '' }))].filter(
    ({ brand, market, site }) =>
      (site !== undefined || readable.get(brand)?.includes(market)) &&
      (!asked.brand || asked.brand === brand) &&
      (!asked.market || asked.market === market) &&
      (!asked.client_id || asked.client_id === site),
  );
  const usual = new Map(world.experiences.brands().map(({ id, defaultMarket }) => [id, defaultMarket]));
  const isUsual = ({ brand, market }: Where) => usual.get(brand) === market;
  const touched = [...found.filter(isUsual), ...found.filter((at) => !isUsual(at))];
  const live = await deps.previews.world(undefined);
  const tries = unique(
    touched.flatMap(({ brand, market, site, key }) =>
      // A brand's own text is seen in its language only.
      [asked.locale || visit.locale, languageOf(key)].flatMap((locale) =>
        locale === undefined || (asked.locale && asked.locale !== locale)
          ? []
          : [{ brand, market, site, locale }],
      ),
    ),
  ).slice(0, mostTries);
  for (const at of tries) {
    // A try takes as long as a hundred pages: in between, others are answered.
    await setImmediate();
    const page = firstChanged(deps.previews, live, world, { ...at, readable: new Set(readable.keys()) });
    const { site, ...place } = at;
    if (page !== undefined) return { ...asked, ...place, client_id: site, page };
  }
  const [first] = touched;
  return first ? { ...asked, brand: first.brand, market: first.market, client_id: first.site } : asked;
}

/** The first page or mail that reads or looks differently; undefined where none does. */
function firstChanged(
  previews: Previews,
  live: World,
  world: World,
  at: Parameters<Previews['place']>[1],
): string | undefined {
  const [before, after] = [previews.place(live, at), previews.place(world, at)];
  if (!after) return undefined;
  const looking = { scheme: 'light', refused: false } as const;
  const known = new Map((before ? previews.pages(before) : []).map((page) => [page.id, page]));
  const page = previews.pages(after).find((each) => {
    const old = known.get(each.id);
    if (!before || !old) return true;
    return previews.document(before, old, looking) !== previews.document(after, each, looking);
  });
  if (page || !before) return page?.id;
  const { mails } = previews;
  const textOf = (place: typeof after, name: MailName) =>
    JSON.stringify(mails.render(place, name, looking.scheme));
  const mail = mails.names(after).find((name) => textOf(before, name) !== textOf(after, name));
  return mail && mailId(mail);
}

function languageOf(key: string): string | undefined {
  return /^texts\.([\w-]+)\./.exec(key)?.[1];
}

function unique<T>(all: readonly T[]): T[] {
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
}
