/** Making and trying sites, joined for an issuer that listens and for commands beside it. */
import type { I18n } from './base/i18n/i18n.ts';
import type { Core } from './compose-core.ts';
import { journeyRules } from './journey-rules.ts';
import type { ListenerAddress } from './surfaces/sites/loopback.ts';
import { createSites, type Sites } from './surfaces/sites/new-site.ts';

/**
 * Joins the sites.
 * @param core the foundations
 * @param running languages; where the issuer listens, and how long it may take to see what is new
 */
export function composeSites(
  core: Core,
  running: { i18n: I18n; listener(): ListenerAddress; patienceMs: number },
): Sites {
  const { config, db, ids, clients, outbound, surroundings, releases, workflow, experiences, purposes } =
    core;
  return createSites({
    ...running,
    issuer: config.issuer,
    db,
    ids,
    clients,
    outbound,
    surroundings,
    sitesOf: clients.sitesOf,
    live: releases.live,
    workflow,
    world: { experiences, purposes },
    rules: journeyRules(config, running.i18n),
  });
}
