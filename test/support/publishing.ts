/** Releases for tests: the configuration of the issuer's folder with some items changed, checked and published. */
import { systemVisit } from '../../src/base/kernel/visit.ts';
import { configurationFaults } from '../../src/business/layers/check-configuration.ts';
import { faultText } from '../../src/business/layers/fault.ts';
import { readConfigurationFolder } from '../../src/business/layers/folder.ts';
import type { JsonObject } from '../../src/business/layers/json.ts';
import type { Target } from '../../src/business/releases/target.ts';
import type { TestIssuer } from './issuer.ts';

type Layer = Record<string, unknown>;

/**
 * Publishes the configuration of the folder with changes, whatever was published before; live when this is fulfilled.
 * @param issuer the issuer
 * @param changes by item: what is said there on top of what the item says already, key by key
 * @param target where it goes live
 */
export async function publishLayers(
  issuer: TestIssuer,
  changes: Readonly<Record<string, Layer>>,
  target: Target = 'all',
): Promise<string> {
  const { core } = issuer.issuer;
  const { release } = core.releases.live.current().all;
  const items = new Map<string, JsonObject>(readConfigurationFolder(core.config.programDir).items);
  for (const [path, said] of Object.entries(changes))
    items.set(path, { ...items.get(path), ...said } as JsonObject);
  const faults = configurationFaults(items, core.surroundings);
  if (faults.length > 0) throw new Error(faults.map(faultText).join('\n'));
  const by = { kind: 'system' as const, id: 'test' };
  const written = await core.releases.store.write({
    items,
    parent: release.id,
    author: by,
    message: 'test',
    at: new Date(),
  });
  await core.releases.publish({ release: written.id, target, by, visit: systemVisit('test') });
  return written.id;
}
