/** The areas of the console and their addresses, in the order of its navigation. */
import type { ConsoleNav } from './views.ts';

/** Every area with its address. */
const areas = {
  home: '/console',
  releases: '/console/releases',
  drafts: '/console/drafts',
  explain: '/console/explain',
  preview: '/console/preview',
  theme: '/console/theme',
  logos: '/console/logos',
} as const;

/** An area of the console. */
export type ConsoleArea = keyof typeof areas;

/**
 * The address of an area's first page.
 * @param area which
 */
export function areaPath(area: ConsoleArea): string {
  return areas[area];
}

/**
 * The navigation as a page of an area shows it.
 * @param current the area
 */
export function consoleNav(current: ConsoleArea): ConsoleNav {
  return {
    areas: Object.entries(areas).map(([name, url]) => ({ name, url, current: name === current })),
    accountUrl: '/account',
    signOutUrl: '/account/sign-out',
  };
}
