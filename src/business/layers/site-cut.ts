/**
 * What a site's layer may say at a place. It was judged where its client stood at the time; a client may stand elsewhere
 * since then or not have been there yet, and a member at home in another market takes that market's rules along. What
 * breaks a lock, the law or a promise at a place says nothing there. Pure.
 */
import type { Layer } from './join-layers.ts';
import { joinOnto } from './join-layers.ts';
import { isObject, type JsonObject } from './json.ts';
import { lockFaults } from './locks.ts';
import { promiseFaults } from './promise-faults.ts';
import { effectiveSettings } from './settings-shape.ts';

/** Parts that a layer may say in part only, so that what they are added to may be missing elsewhere. */
const added = ['attributes', 'forms', 'profiling'] as const;
/** One thing that is left out may show another. */
const mostTurns = 5;

/**
 * A chain whose site says only what it may say there.
 * @param chain from the outermost to the innermost layer
 */
export function siteCut(chain: readonly Layer[]): readonly Layer[] {
  const site = chain.at(-1);
  if (site?.kind !== 'site') return chain;
  const above = chain.slice(0, -1);
  let cut = chain;
  let { settings } = site;
  for (let turn = 0; turn < mostTurns; turn += 1) {
    const broken = brokenBy(cut, site.item);
    if (broken.length === 0) return cut;
    settings = broken.reduce(without, settings);
    cut = [...above, { ...site, settings }];
  }
  return above;
}

/** The keys of an innermost layer that break a rule of those above, or are nothing without what is not above. */
function brokenBy(chain: readonly Layer[], item: string): string[][] {
  const faults = [...lockFaults(chain), ...promiseFaults(chain)].filter((fault) => fault.item === item);
  if (faults.length > 0) return faults.map(({ key }) => key.split('.'));
  const settings = chain.at(-1)?.settings ?? {};
  const parts = added.filter((part) => settings[part] !== undefined);
  if (parts.length === 0) return [];
  const joined = chain.reduce(joinOnto, {} as JsonObject);
  return parts.flatMap((part) => {
    const { error } = effectiveSettings.shape[part].safeParse(joined[part]);
    return (error?.issues ?? []).map(({ path: [name] }) =>
      name === undefined ? [part] : [part, String(name)],
    );
  });
}

/** Takes out what stands at some keys, or the nearest thing around it that is no object. */
function without(settings: JsonObject, [key = '', ...rest]: readonly string[]): JsonObject {
  const { [key]: found, ...others } = settings;
  if (found === undefined) return settings;
  return rest.length > 0 && isObject(found) ? { ...others, [key]: without(found, rest) } : others;
}
