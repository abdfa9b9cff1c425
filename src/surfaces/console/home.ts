/** The overview: what is live where, which drafts wait for whoever looks, and what went live last. */
import type { Route } from '../../base/http/routes.ts';
import { type Draft, mayApprove, samePerson } from '../../business/releases/draft.ts';
import type { Permission } from '../../people/staff/grants.ts';
import { draftsFor } from '../desk/draft-sight.ts';
import type { ConsoleDeps } from './deps.ts';
import { areaPath } from './nav.ts';
import { namesOf } from './people.ts';
import { shownPublications } from './releases.ts';
import { shownDraft, shownRelease } from './shown.ts';
import { consolePage, type StaffHere, showConsole } from './staff.ts';
import { placeNames } from './targets.ts';
import { type ConsoleHomeData, type ConsolePage, consoleHomeView } from './views.ts';

type Step = ConsoleHomeData['waiting'][number]['step'];

/** Most drafts of each state that are looked through. */
const mostDrafts = 100;
/** Publications that are shown. */
const lastOnes = 5;

/**
 * The route of the overview.
 * @param deps modules
 */
export function homeRoutes(deps: ConsoleDeps): Route[] {
  return [
    consolePage(deps, {
      name: 'home',
      path: areaPath('home'),
      async show(here) {
        showConsole(deps, here, { view: consoleHomeView, area: 'home', data: await overview(deps, here) });
      },
    }),
  ];
}

async function overview(
  deps: ConsoleDeps,
  here: StaffHere,
): Promise<Omit<ConsoleHomeData, keyof ConsolePage>> {
  const { all, own } = deps.releases.live.current();
  const places = placeNames(all.configuration, here.visit.locale);
  const [waiting, { items: publications }] = await Promise.all([
    waitingFor(deps, here),
    deps.workflow.history.publications({ limit: lastOnes }),
  ]);
  const live = [
    { names: [], release: all.release },
    ...own.map(({ kind, id, live: { release } }) => ({ names: [places[kind](id)], release })),
  ];
  const nameOf = await namesOf(deps, here, [
    ...live.map(({ release }) => release.author),
    ...waiting.map(({ draft }) => draft.author),
  ]);
  const words = { nameOf, places };
  return {
    live: live.map(({ names, release }) => ({
      target: { names },
      release: shownRelease(release),
      author: nameOf(release.author),
      at: release.at.toISOString(),
    })),
    waiting: waiting.map(({ draft, step }) => ({ ...shownDraft(draft, words), step })),
    publications: await shownPublications(deps, here, publications),
  };
}

/** Drafts of others to be approved, approved ones to be published, and own ones that are not handed in. */
async function waitingFor(deps: ConsoleDeps, here: StaffHere): Promise<{ draft: Draft; step: Step }[]> {
  const { acting } = here;
  const [submitted, approved, open] = await Promise.all(
    (['submitted', 'approved', 'open'] as const).map((state) =>
      draftsFor(deps, here.acting, { state, limit: mostDrafts }),
    ),
  );
  const { by } = acting.who;
  const mine = (open?.items ?? []).filter(({ author }) => samePerson(author, by));
  const others = (submitted?.items ?? []).filter(({ editors }) => mayApprove(by, editors));
  return [
    ...(await withPermission(here, 'approve', others)).map((draft) => ({ draft, step: 'approve' as const })),
    ...(await withPermission(here, 'publish', approved?.items ?? [])).map((draft) => ({
      draft,
      step: 'publish' as const,
    })),
    ...mine.map((draft) => ({ draft, step: 'edit' as const })),
  ];
}

/** Those in which somebody may do it with everything that they change. */
async function withPermission(
  { acting }: StaffHere,
  permission: Permission,
  drafts: readonly Draft[],
): Promise<Draft[]> {
  const itemsOf = ({ changes }: Draft) => changes.map(({ item }) => item);
  const allowed = await acting.allowed(permission, [...new Set(drafts.flatMap(itemsOf))]);
  return drafts.filter((draft) => itemsOf(draft).every((item) => allowed.has(item)));
}
