/** Whether the items of a configuration lead to each other: brands, markets, regions and hosts. Pure. */
import { type ConfigurationFault, type ConfigurationFaultCode, didYouMean } from './fault.ts';
import type { Items } from './folder.ts';
import { brandPath, type ItemName, marketPath, programPath } from './item-path.ts';
import type { BrandLayer, MarketLayer, ProgramLayer } from './layer-shapes.ts';
import { regionChain } from './region-chain.ts';

/** The parts that were read, faults or not. */
export interface Parts {
  program: ProgramLayer | undefined;
  brands: Map<string, BrandLayer>;
  markets: Map<string, MarketLayer>;
  names: Map<string, ItemName>;
}

/** A fault of a key of an item. */
export function faultAt(
  item: string,
  key: string,
  code: ConfigurationFaultCode,
  expected: string,
  got: string,
): ConfigurationFault {
  return { item, key, code, expected, got };
}

/**
 * Every item or key that names what is not there.
 * @param items every item
 * @param parts those that were read
 * @param program the program's layer
 * @param locales languages there are catalogues for
 */
export function referenceFaults(
  items: Items,
  parts: Parts,
  program: ProgramLayer,
  locales: readonly string[],
): ConfigurationFault[] {
  const faults: ConfigurationFault[] = [];
  const brands = [...parts.brands.keys()];
  const markets = [...parts.markets.keys()];
  const regions = program.regions.map(({ id }) => id);
  // An item that is there but faulty is told of once, as itself.
  const exists = (path: string, known: readonly string[], id: string) =>
    known.includes(id) || items.has(path);
  const refer = (at: [string, string], ok: boolean, id: string, known: readonly string[]) => {
    if (!ok) faults.push(faultAt(at[0], at[1], 'unknown_item', didYouMean(id, known), JSON.stringify(id)));
  };
  refer(
    [programPath, 'defaultBrand'],
    exists(brandPath(program.defaultBrand), brands, program.defaultBrand),
    program.defaultBrand,
    brands,
  );
  const { defaultLocale } = program;
  refer([programPath, 'defaultLocale'], locales.includes(defaultLocale), defaultLocale, locales);
  for (const [id, brand] of parts.brands) {
    const { defaultMarket } = brand;
    refer(
      [brandPath(id), 'defaultMarket'],
      exists(marketPath(defaultMarket), markets, defaultMarket),
      defaultMarket,
      markets,
    );
  }
  for (const [id, { region }] of parts.markets)
    refer([marketPath(id), 'region'], regions.includes(region), region, regions);
  for (const [path, name] of parts.names) {
    if (name.kind === 'region') refer([path, ''], regions.includes(name.region), name.region, regions);
    if (name.kind !== 'brand-market') continue;
    refer([path, ''], exists(brandPath(name.brand), brands, name.brand), name.brand, brands);
    refer([path, ''], exists(marketPath(name.market), markets, name.market), name.market, markets);
  }
  return [...faults, ...regionFaults(program), ...hostFaults(parts.brands)];
}

function regionFaults(program: ProgramLayer): ConfigurationFault[] {
  const ids = program.regions.map(({ id }) => id);
  return program.regions.flatMap(({ id, within }, at) => {
    const key = `regions.${at}`;
    if (ids.indexOf(id) !== at)
      return [faultAt(programPath, `${key}.id`, 'shape', 'each region once', JSON.stringify(id))];
    if (within === undefined) return [];
    if (!ids.includes(within))
      return [
        faultAt(
          programPath,
          `${key}.within`,
          'unknown_item',
          didYouMean(within, ids),
          JSON.stringify(within),
        ),
      ];
    const outermost = regionChain(program, id)[0];
    const ends = program.regions.find((region) => region.id === outermost)?.within === undefined;
    return ends
      ? []
      : [
          faultAt(
            programPath,
            `${key}.within`,
            'cycle',
            'regions that do not lie within themselves',
            JSON.stringify(within),
          ),
        ];
  });
}

function hostFaults(brands: ReadonlyMap<string, BrandLayer>): ConfigurationFault[] {
  const owners = new Map<string, string>();
  return [...brands].flatMap(([id, { hosts }]) =>
    hosts.flatMap((host, at) => {
      const owner = owners.get(host);
      owners.set(host, owner ?? id);
      return owner && owner !== id
        ? [
            faultAt(
              brandPath(id),
              `hosts.${at}`,
              'shape',
              `a host that is not ${owner}’s already`,
              JSON.stringify(host),
            ),
          ]
        : [];
    }),
  );
}
