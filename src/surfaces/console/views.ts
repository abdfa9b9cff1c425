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
  /** Why an earlier state came back. */
  reason?: string | undefined;
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

/** Overview. */
export const consoleHomeView = defineView({ name: 'console/home', sample: samples.home });

/** Every view of the console, for the tests that render them all. */
export const consoleViews: readonly View<unknown>[] = [consoleHomeView];
