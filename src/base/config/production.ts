/** What production refuses although each value on its own would be right. */
import { developmentKeyPrefix } from './development-secrets.ts';
import { type ConfigFault, faultOf } from './faults.ts';
import { configFields, type Field } from './fields.ts';
import type { Config } from './load.ts';

/**
 * The faults of a configuration that is right by itself but not fit for production.
 * @param config the parsed configuration
 */
export function productionFaults(config: Config): ConfigFault[] {
  const faults: ConfigFault[] = [];
  for (const path of ['masterKeys', 'identifierKeys', 'smtpUrl', 'mongodbUri'] as const) {
    if (config.origins[path] !== 'default') continue;
    faults.push(faultOf(field(path), undefined, `${field(path).meta.expected} (required in production)`));
  }
  if (config.origins.issuer === 'default') {
    faults.push(faultOf(field('issuer'), undefined, 'the public https origin (required in production)'));
  } else if (!config.issuer.startsWith('https://')) {
    faults.push(faultOf(field('issuer'), config.issuer, 'an https origin in production'));
  }
  for (const path of ['masterKeys', 'identifierKeys'] as const) {
    if (!config[path].some((key) => key.id.startsWith(developmentKeyPrefix))) continue;
    faults.push(faultOf(field(path), 'development', 'a key that was not made for development'));
  }
  return faults;
}

function field(path: string): Field {
  const found = configFields.find((candidate) => candidate.path === path);
  if (!found) throw new Error(`no setting ${path}`);
  return found;
}
