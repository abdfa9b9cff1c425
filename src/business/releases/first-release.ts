/** From a configuration folder to the items of a release, or to everything that is wrong with it. */
import { resolve } from 'node:path';
import { configurationFaults, type Surroundings } from '../layers/check-configuration.ts';
import { type ConfigurationFault, ConfigurationRefused } from '../layers/fault.ts';
import { type Items, readConfigurationFolder } from '../layers/folder.ts';
import { legalHashFaults } from '../layers/legal-hashes.ts';

/**
 * Reads and checks a configuration folder.
 * @param folder path of the folder
 * @param around what exists beside the configuration
 * @throws ConfigurationRefused with every fault of every file
 */
export function checkedFolder(folder: string, around: Surroundings): Items {
  const { items, faults } = readConfigurationFolder(resolve(folder));
  const found: ConfigurationFault[] = [
    ...faults,
    ...configurationFaults(items, around),
    ...legalHashFaults(resolve(folder), items),
  ];
  if (found.length > 0) throw new ConfigurationRefused(found);
  return items;
}
