/**
 * Dry runs by the rules of later layers: the very functions of pages and protocol, so that no journey is told otherwise.
 */

import type { Config } from './base/config/load.ts';
import type { I18n } from './base/i18n/i18n.ts';
import { createDryRuns, type DryRuns, type DryRunsDeps } from './business/dry-runs/dry-runs.ts';
import type { JourneyRules } from './business/dry-runs/outcome.ts';
import type { Releases } from './business/releases/releases.ts';
import { strictest } from './people/credentials/policy.ts';
import { providerIds } from './people/upstreams/profile.ts';
import { claimsOfScopes } from './protocol/oidc/requested-claims.ts';
import { journeyPages } from './surfaces/interactions/journey-pages.ts';
import { workingMethods } from './surfaces/interactions/methods.ts';

/**
 * The rules of a process.
 * @param config process configuration: which upstreams there are, what every password must be
 * @param i18n languages
 */
export function journeyRules(
  config: Pick<Config, 'google' | 'facebook' | 'password'>,
  i18n: Pick<I18n, 'negotiate'>,
): JourneyRules {
  const upstreams = providerIds.filter((id) => config[id] !== undefined);
  const { minLength, minStrength } = config.password;
  const languages = new Map<string, string>();
  return {
    pages: journeyPages,
    workingMethods: (methods) => workingMethods(methods, upstreams),
    passwordDemands: (...more) => strictest({ minLength, minStrength }, ...more),
    claimsOfScope: (scope) => claimsOfScopes([scope]),
    // Thousands of journeys ask for the same few languages.
    negotiate(wishes) {
      const key = JSON.stringify([wishes.acceptLanguage, wishes.brandDefault, wishes.offered]);
      const known = languages.get(key) ?? i18n.negotiate(wishes);
      languages.set(key, known);
      return known;
    },
  };
}

/**
 * The dry runs of a process.
 * @param core clock, configuration, clients, what is live
 * @param recorded the journeys that people really make
 * @param i18n languages
 */
export function dryRunsOf(
  core: Pick<DryRunsDeps, 'clock' | 'clients'> & { config: Config; releases: Pick<Releases, 'live'> },
  recorded: DryRunsDeps['recorded'],
  i18n: Pick<I18n, 'negotiate'>,
): DryRuns {
  const { clock, clients, config, releases } = core;
  return createDryRuns({ clock, clients, live: releases.live, recorded, rules: journeyRules(config, i18n) });
}
