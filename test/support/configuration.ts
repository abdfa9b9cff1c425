/** Configurations for tests that need no database: folders opened as if they were live. */
import type { Clock } from '../../src/base/kernel/clock.ts';
import { scopeNames } from '../../src/business/clients/api-scopes.ts';
import { createExperiences } from '../../src/business/experiences/experiences.ts';
import { configurationFaults, type Surroundings } from '../../src/business/layers/check-configuration.ts';
import { openConfiguration } from '../../src/business/layers/configuration.ts';
import { ConfigurationRefused, faultText } from '../../src/business/layers/fault.ts';
import { type Items, readConfigurationFolder } from '../../src/business/layers/folder.ts';
import type { JsonObject } from '../../src/business/layers/json.ts';
import { createPurposes } from '../../src/business/purposes/purposes.ts';
import { checkedFolder } from '../../src/business/releases/first-release.ts';
import type { Live, LiveConfiguration, LiveRelease } from '../../src/business/releases/live.ts';
import { createSurroundings } from '../../src/business/releases/surroundings.ts';
import { levelsReached } from '../../src/protocol/oidc/levels.ts';
import { shippedProgramDir } from './program-folder.ts';

/** What configurations of tests are judged against. */
export const surroundings: Surroundings = createSurroundings({
  methods: ['password', 'mail-code', 'google', 'facebook'],
  sessionAbsolute: 2_592_000,
  levelsOf: levelsReached,
  scopes: ['openid', 'offline_access', 'profile', 'email', ...scopeNames('account')],
});

/** The shipped configuration's items. */
export const shippedItems = (): Map<string, JsonObject> =>
  new Map(readConfigurationFolder(shippedProgramDir).items);

/** A release that is live, of items. */
export function releaseOf(items: Items, id = 'release-of-test'): LiveRelease {
  const author = { kind: 'system' as const, id: 'test' };
  const release = { id, parent: undefined, author, message: '', at: new Date(0), items, hashes: new Map() };
  return { release, configuration: openConfiguration(items) };
}

/** A configuration that is live everywhere, and can be replaced. */
export function liveOf(items: Items): Pick<Live, 'current' | 'onChange'> & { replace(items: Items): void } {
  const listeners: (() => void)[] = [];
  const open = (version: number, next: Items): LiveConfiguration => {
    const all = releaseOf(next, `release-${version}`);
    return { version, all, of: () => all, ofRegion: () => all, own: [], releases: () => [all] };
  };
  let current = open(1, items);
  return {
    current: () => current,
    onChange: (listener) => void listeners.push(listener),
    replace(next) {
      current = open(current.version + 1, next);
      for (const listener of listeners) listener();
    },
  };
}

/** Experiences of a configuration folder (default: the shipped one). */
export const experiencesOf = (folder = shippedProgramDir) =>
  createExperiences(liveOf(checkedFolder(folder, surroundings)));

/** Purposes of a configuration folder. */
export const purposesOf = (clock: Clock, folder = shippedProgramDir) =>
  createPurposes({ clock, live: liveOf(checkedFolder(folder, surroundings)), published: [] });

/** Every fault of a folder, one line each. */
export function faultsOfFolder(folder: string, around = surroundings): string[] {
  try {
    checkedFolder(folder, around);
  } catch (error) {
    if (error instanceof ConfigurationRefused) return error.faults.map(faultText);
    throw error;
  }
  return [];
}

/** Every fault of items, one line each. */
export const faultsOfItems = (items: Items, around = surroundings): string[] =>
  configurationFaults(items, around).map(faultText);
