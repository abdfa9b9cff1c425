/** The configuration for readers: the effective values with their origin, and the page of all settings. */
import { configFields, type Field } from './fields.ts';
import type { Config } from './load.ts';

/** One effective setting. */
export interface DescribedSetting {
  path: string;
  /** The value as text; secrets are masked. */
  value: string;
  /** `default`, `file`, `environment NAME`, `secret file NAME_FILE` or `development secret`. */
  origin: string;
  env: string;
}

/**
 * Every effective setting with where it came from, secrets masked, in the order of the schema.
 * @param config the effective configuration
 */
export function describeConfig(config: Config): DescribedSetting[] {
  return configFields.map((field) => ({
    path: field.path,
    value: shownValue(field, settingAt(config, field.path)),
    origin: originOf(config, field),
    env: field.env,
  }));
}

function originOf(config: Config, field: Field): string {
  const origin = config.origins[field.path] ?? 'default';
  if (origin === 'file') return 'file';
  if (origin === `${field.env}_FILE`) return `secret file ${origin}`;
  if (origin !== 'default') return `environment ${origin}`;
  return field.path === 'masterKeys' || field.path === 'identifierKeys' ? 'development secret' : 'default';
}

function settingAt(config: Config, path: string): unknown {
  let value: unknown = config;
  for (const part of path.split('.')) {
    value =
      typeof value === 'object' && value !== null
        ? Object.entries(value).find(([key]) => key === part)?.[1]
        : undefined;
  }
  return value;
}

function shownValue(field: Field, value: unknown): string {
  if (value === undefined) return 'not set';
  if (field.meta.secret) return masked(value);
  return Array.isArray(value) ? value.join(', ') || 'none' : String(value);
}

/** Key lists show their ids, URIs the place without credentials and options, all else nothing. */
function masked(value: unknown): string {
  if (Array.isArray(value)) return value.map((key) => `${keyId(key)}:***`).join(', ');
  const uri = /^([a-z+]+:\/\/)(?:[^@/]*@)?([^/?]*)(\/[^?]*)?/.exec(String(value));
  return uri ? `${uri[1]}${String(value).includes('@') ? '***@' : ''}${uri[2]}${uri[3] ?? ''}` : '***';
}

function keyId(key: unknown): string {
  return typeof key === 'object' && key !== null && 'id' in key ? String(key.id) : '***';
}

/** The page docs/configuration.md, from the schema. */
export function renderConfigurationDoc(): string {
  const rows = configFields.map((field) => {
    const { meta } = field;
    const env = meta.secret ? `\`${field.env}\`, \`${field.env}_FILE\`` : `\`${field.env}\``;
    const cells = [
      `\`${field.path}\``,
      env,
      meta.doc,
      meta.expected,
      meta.preset ?? '',
      `\`${meta.example}\``,
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return [
    '# Configuration of the process',
    '',
    '<!-- Generated from src/base/config/fields.ts by scripts/generate.mjs; edit there. -->',
    '',
    'Settings come from, later ones winning: the default, the JSON file named by `SYMBOLON_CONFIG` (nested as the',
    'paths say), the environment variable. A secret may also come from a file named by `<NAME>_FILE`, the way',
    'container platforms mount secrets. Unknown `SYMBOLON_` variables and unknown keys of the file are refused, and',
    'every fault is told at once. `symbolon config print` shows the effective values and where each came from.',
    '',
    'In production (`NODE_ENV=production`) the process does not start without `masterKeys`, `identifierKeys`,',
    '`smtpUrl`, `mongodbUri` and an https `issuer`, nor with keys that were made for development. Elsewhere missing',
    'keys are made once and kept in `secrets.json` of the data folder.',
    '',
    'Make a key with `openssl rand -base64 32 | tr "+/" "-_" | tr -d "="`.',
    '',
    '| setting | environment | what it does | expected | default | example |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
