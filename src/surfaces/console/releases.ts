/** What is and was live: the history, one release with what it changed, and the difference of any two. */
import { z } from 'zod';
import { placeOf } from '../../base/http/paging.ts';
import type { Route } from '../../base/http/routes.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { PublicationInfo } from '../../business/releases/history.ts';
import { releaseId } from '../admin/shapes.ts';
import { seenComparison } from '../desk/sight.ts';
import { seeOther } from '../pages/visitor.ts';
import { shownComparison } from './comparisons.ts';
import type { ConsoleDeps } from './deps.ts';
import { areaPath } from './nav.ts';
import { listQuery, nextUrl, pageLength, withQuery } from './paging.ts';
import { namesOf } from './people.ts';
import { comparePath, releasePath, rollBackPath, undoPath } from './release-paths.ts';
import { shownPublication, shownRelease } from './shown.ts';
import { consolePage, type StaffHere, showConsole } from './staff.ts';
import { placeNames } from './targets.ts';
import { compareView, releasesView, releaseView, type ShownPublication } from './views.ts';

/** The beginning of an id, as pages show it and people write it down. */
const shownId = z.string().regex(/^[A-Za-z0-9_-]{8,19}$/);

/** Releases that can be chosen from to be compared. */
const choices = 50;

/**
 * The routes of the history.
 * @param deps modules
 */
export function releaseRoutes(deps: ConsoleDeps): Route[] {
  return [list(deps), one(deps), compare(deps)];
}

function list(deps: ConsoleDeps): Route {
  return consolePage(deps, {
    name: 'releases',
    path: areaPath('releases'),
    input: { query: z.object(listQuery) },
    async show(here, { query }) {
      const at = placeOf(z.string().regex(/^\d{1,15}$/), query.cursor);
      const { publications } = deps.workflow.history;
      const { items, next } = await publications({ limit: pageLength, cursor: at });
      const mayPublish = here.acting.grants.some(({ permission }) => permission === 'publish');
      showConsole(deps, here, {
        view: releasesView,
        area: 'releases',
        data: {
          publications: await shownPublications(deps, here, items),
          nextUrl: nextUrl(areaPath('releases'), {}, next),
          undoUrl: mayPublish && at === undefined && items[0]?.before ? undoPath : undefined,
          compareUrl: comparePath,
        },
      });
    },
  });
}

function one(deps: ConsoleDeps): Route {
  return consolePage(deps, {
    name: 'release',
    path: `${areaPath('releases')}/:id`,
    input: { params: z.object({ id: releaseId.or(shownId) }) },
    async show(here, { params: { id } }) {
      if (shownId.safeParse(id).success) {
        const { id: whole } = await deps.workflow.history.named(id);
        return seeOther(here.ctx, releasePath(whole));
      }
      const release = await deps.releases.store.info(id);
      if (!release) throw new DomainError('release.unknown');
      const { comparisons } = deps.workflow;
      const { all } = deps.releases.live.current();
      const [parent, items, changed] = await Promise.all([
        release.parent === undefined ? undefined : deps.releases.store.info(release.parent),
        publicationsOf(deps, id),
        release.parent === undefined ? undefined : comparisons.releases(release.parent, id),
      ]);
      const nameOf = await namesOf(deps, here, [release.author]);
      const mayPublish = here.acting.grants.some(({ permission }) => permission === 'publish');
      showConsole(deps, here, {
        view: releaseView,
        area: 'releases',
        data: {
          id,
          message: release.message,
          author: nameOf(release.author),
          at: release.at.toISOString(),
          parent: parent && { ...shownRelease(parent), url: releasePath(parent.id) },
          publications: await shownPublications(deps, here, items),
          comparison: changed && shownComparison(await seenComparison(changed, here.acting)),
          compareUrl:
            id === all.release.id ? undefined : withQuery(comparePath, { from: id, to: all.release.id }),
          rollBackUrl: mayPublish && items.length > 0 ? rollBackPath(id) : undefined,
        },
      });
    },
  });
}

function compare(deps: ConsoleDeps): Route {
  const chosen = z.union([releaseId, z.literal('')]).optional();
  return consolePage(deps, {
    name: 'compare',
    path: comparePath,
    input: { query: z.object({ from: chosen, to: chosen }) },
    async show(here, { query: { from, to } }) {
      const { history, comparisons } = deps.workflow;
      const { items } = await history.publications({ limit: choices });
      const ids = [
        ...new Set([...items.map(({ release }) => release), ...(from ? [from] : []), ...(to ? [to] : [])]),
      ];
      const known = await deps.releases.store.infos(ids);
      const found = from && to ? await comparisons.releases(from, to) : undefined;
      showConsole(deps, here, {
        view: compareView,
        area: 'releases',
        data: {
          action: comparePath,
          from: from || undefined,
          to: to || undefined,
          releases: ids.flatMap((id) => {
            const release = known.get(id);
            return release ? [{ value: id, ...shownRelease(release), at: release.at.toISOString() }] : [];
          }),
          comparison: found && shownComparison(await seenComparison(found, here.acting)),
        },
      });
    },
  });
}

/**
 * When a release went live, and when that was taken back. That undoing another one has restored it is told with the
 * other one.
 */
async function publicationsOf(
  { workflow: { history } }: ConsoleDeps,
  release: string,
): Promise<PublicationInfo[]> {
  const { items } = await history.publications({ release, limit: pageLength });
  const published = items.filter(({ kind }) => kind !== 'undo');
  // Only the last publication is ever undone: the next one has undone it, or none.
  const next = await history.publicationsAt(published.map(({ version }) => version + 1));
  const undoes = [...next.values()].filter(({ undone }) => undone !== undefined);
  return [...published, ...undoes].sort((one, other) => other.version - one.version);
}

/**
 * Publications with links to what went live, undoes with links to what they took back.
 * @param deps modules
 * @param here who looks
 * @param publications the publications
 */
export async function shownPublications(
  deps: ConsoleDeps,
  here: StaffHere,
  publications: readonly PublicationInfo[],
): Promise<ShownPublication[]> {
  const places = placeNames(deps.releases.live.current().all.configuration, here.visit.locale);
  const undone = await undoneBy(deps, publications);
  const about = (each: PublicationInfo) => undone.get(each.id) ?? each.release;
  const [released, nameOf] = await Promise.all([
    deps.releases.store.infos([...new Set(publications.map(about))]),
    namesOf(
      deps,
      here,
      publications.map(({ by }) => by),
    ),
  ]);
  return publications.map((each) => {
    const release = about(each);
    return shownPublication({ ...each, release }, released.get(release), { nameOf, places });
  });
}

/** What undoes took back: ids of the releases, by the undoes' own ids. */
async function undoneBy(
  { workflow: { history } }: ConsoleDeps,
  publications: readonly PublicationInfo[],
): Promise<ReadonlyMap<string, string>> {
  const undoes = publications.filter(({ undone }) => undone !== undefined);
  // Only the last publication is ever undone: it made the version before.
  const before = await history.publicationsAt(undoes.map(({ version }) => version - 1));
  return new Map(
    undoes.flatMap(({ id, version }): [string, string][] => {
      const release = before.get(version - 1)?.release;
      return release === undefined ? [] : [[id, release]];
    }),
  );
}
