/**
 * The views of the console. Owns the data type of each page and a sample of it; never routes, never state. All data is
 * plain and serialisable. Every `…Action` is the target of a POST form that carries `_csrf`; every `…Url` is the target
 * of a plain link (GET). Times are ISO 8601.
 */
import { defineView, type View } from '../../base/http/views.ts';
import { samples } from './samples.ts';

/** What every page of the console shows around itself. */
export interface ConsoleNav {
  /** `name` is also the key of its words. */
  areas: readonly { name: string; url: string; current: boolean }[];
  accountUrl: string;
  /** Leads to the sign-out question. */
  signOutUrl: string;
}

/** What every page of the console is given. */
export interface ConsolePage {
  nav: ConsoleNav;
  /** What is wrong with a document that was refused. */
  documentFaults?: readonly ShownFault[] | undefined;
}

/** One thing that is wrong with a document. */
export interface ShownFault {
  item?: string | undefined;
  /** JSON pointer into the item. */
  path: string;
  code: string;
  /** In English, as the rules of documents are. */
  expected?: string | undefined;
  got?: string | undefined;
  /** Where it can be mended. */
  url?: string | undefined;
  /** Where it stands in a text that was written by hand, and how the line reads. */
  at?: { line: number; column: number; excerpt: string } | undefined;
}

/** Somebody who did something. */
export interface ShownPerson {
  kind: 'member' | 'client' | 'operator' | 'system';
  /** A member's name, else an id. */
  name: string;
  you: boolean;
}

/** Where something is or goes live; nowhere named is everywhere. */
export interface ShownTarget {
  names: readonly string[];
}

/** That something went live. */
export interface ShownPublication {
  kind: 'publish' | 'rollback' | 'undo';
  target: ShownTarget;
  by: ShownPerson;
  at: string;
  /** The reason that an earlier state came back. */
  why?: string | undefined;
  /** What went live; of an undo, what it took back. */
  release: ShownRelease;
}

/** A release in a list. */
export interface ShownRelease {
  /** The beginning of its id. */
  id: string;
  message: string;
  url?: string | undefined;
}

/** A draft in a list. */
export interface ShownDraft {
  message: string;
  url: string;
  state: 'open' | 'submitted' | 'approved' | 'published' | 'withdrawn';
  target: ShownTarget;
  author: ShownPerson;
  changedAt: string;
  changeCount: number;
}

/** Overview. */
export interface ConsoleHomeData extends ConsolePage {
  /** Everywhere first, then regions and markets with a release of their own. */
  live: readonly { target: ShownTarget; release: ShownRelease; author: ShownPerson; at: string }[];
  /** Drafts that wait for a step of whoever looks. */
  waiting: readonly (ShownDraft & { step: 'approve' | 'publish' | 'edit' })[];
  /** The last ones, the newest first. */
  publications: readonly ShownPublication[];
}

/** A key that differs; values as short JSON, absent where there was or is none. */
export interface ShownChange {
  key: string;
  before?: string | undefined;
  after?: string | undefined;
}

/** A difference; `more` and `others` count what is left out. */
export interface ShownComparison {
  items: readonly {
    item: string;
    change: 'added' | 'removed' | 'changed';
    keys: readonly ShownChange[];
    more: number;
  }[];
  more: number;
  /** Items that differ and that whoever looks may not read. */
  hidden: number;
  /** What it comes to for whom; absent where that cannot be told. */
  effective?:
    | {
        changes: readonly (ShownChange & { where: readonly string[]; others: number })[];
        more: number;
        added: readonly string[];
        removed: readonly string[];
      }
    | undefined;
}

/** The history. */
export interface ReleasesData extends ConsolePage {
  publications: readonly ShownPublication[];
  nextUrl?: string | undefined;
  /** Undoes the newest one. */
  undoUrl?: string | undefined;
  compareUrl: string;
}

/** One release. */
export interface ReleaseData extends ConsolePage {
  id: string;
  message: string;
  author: ShownPerson;
  at: string;
  parent?: ShownRelease | undefined;
  /** Where it went live, the newest first. */
  publications: readonly ShownPublication[];
  /** What it changed; absent for the first one. */
  comparison?: ShownComparison | undefined;
  /** Compares it with what is live everywhere. */
  compareUrl?: string | undefined;
  rollBackUrl?: string | undefined;
}

/** Form by GET: `from`, `to`. */
export interface CompareData extends ConsolePage {
  action: string;
  from?: string | undefined;
  to?: string | undefined;
  releases: readonly (ShownRelease & { value: string; at: string })[];
  comparison?: ShownComparison | undefined;
}

/** A region or market that can be chosen. */
export interface PlaceChoice {
  id: string;
  name: string;
  chosen: boolean;
}

/** Inputs: `where` = `all` or `some`, `region` and `market`, each as often as chosen. */
export interface PlaceChoices {
  everywhere?: { chosen: boolean } | undefined;
  regions: readonly PlaceChoice[];
  markets: readonly PlaceChoice[];
}

/** A release whose place another one would take, and what that changes. */
export interface ShownReplacement {
  release: ShownRelease;
  comparison: ShownComparison;
}

/** What pages that go back have in common. Form: `reason`, `seen`. */
export interface GoingBackData extends ConsolePage {
  action: string;
  backUrl: string;
  /** Stands for what was live when the page was shown. */
  seen: string;
  /** Whether whoever looks may do it. */
  allowed: boolean;
  /** Empty where nothing would change. */
  replaced: readonly ShownReplacement[];
}

/** Makes a release live again. Further form by GET, and hidden in the first: {@link PlaceChoices}. */
export interface RollBackData extends GoingBackData {
  release: ShownRelease;
  target: ShownTarget;
  choices: PlaceChoices;
}

/** Undoes the last publication. */
export interface UndoData extends GoingBackData {
  publication: ShownPublication;
}

/** Overview. */
export const consoleHomeView = defineView({ name: 'console/home', sample: samples.home });
/** The history. */
export const releasesView = defineView({ name: 'console/releases', sample: samples.releases });
/** One release. */
export const releaseView: View<ReleaseData> = defineView({
  name: 'console/release',
  heading: ({ message }: ReleaseData) => ({ key: 'console.release.title', params: { message } }),
  sample: samples.release,
});
/** The difference of two releases. */
export const compareView = defineView({ name: 'console/compare', sample: samples.compare });
/** Makes a release live again. */
export const rollBackView = defineView({ name: 'console/roll-back', sample: samples.rollBack });
/** Undoes the last publication. */
export const undoView = defineView({ name: 'console/undo', sample: samples.undo });

/** Every view of this file, for the tests that render them all. */
export const consoleViews: readonly View<unknown>[] = [
  consoleHomeView,
  releasesView,
  releaseView,
  compareView,
  rollBackView,
  undoView,
];
