/** What chains of layers have in common, joined and parsed once while a configuration is judged. */
import { contrastFaults } from '../../base/http/contrast.ts';
import { joinOnto, type Layer } from './join-layers.ts';
import type { JsonObject } from './json.ts';
import { type EffectiveSettings, effectiveSettings } from './settings-shape.ts';
import { createSharedParse, onceOf, type Read } from './shared-parse.ts';

type Theme = EffectiveSettings['look']['theme'];

/** Remembers what chains share. */
export interface ChainMemory {
  /** The joined settings of a chain by their shape. */
  read(chain: readonly Layer[]): Read<EffectiveSettings>;
  contrast(theme: Theme): ReturnType<typeof contrastFaults>;
}

/** Builds a memory; it lasts as long as one configuration is judged. */
export function createChainMemory(): ChainMemory {
  const parse = createSharedParse();
  const joins = new Map<string, JsonObject>();

  function joinedOf(chain: readonly Layer[]): JsonObject {
    const own = chain.at(-1);
    if (!own) return {};
    const above = () => joinedOf(chain.slice(0, -1));
    // Nobody shares a site's own layer.
    if (own.kind === 'site') return joinOnto(above(), own);
    const id = chain.map(({ item }) => item).join(' ');
    const joined = joins.get(id) ?? joinOnto(above(), own);
    joins.set(id, joined);
    return joined;
  }

  return {
    read: (chain) => parse(effectiveSettings, joinedOf(chain), chain.at(-1)?.item ?? ''),
    contrast: onceOf((theme: Theme) => contrastFaults({ theme })),
  };
}
