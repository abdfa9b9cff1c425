/**
 * The configuration of the process: owns the schema of every setting, reads file, environment and secret files,
 * and is the only reader of `process.env`. Says every fault at once. Never holds what the program's owners decide
 * (brands, clients, texts) and never shows a secret.
 */
import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import type { NamedKey } from '../kernel/sealing.ts';
import { developmentSecrets } from './development-secrets.ts';
import { ConfigError, type ConfigFault, faultOf } from './faults.ts';
import { configFields, configSchema, isLoopback } from './fields.ts';
import { productionFaults } from './production.ts';
import { type ConfigFiles, type Gathered, gather, place, valueAt } from './sources.ts';

type Parsed = z.output<typeof configSchema>;

/** Endpoints that rehearsals may replace. */
export interface UpstreamEndpoints {
  authorizationUrl: string | undefined;
  tokenUrl: string | undefined;
  userinfoUrl: string | undefined;
}

/** Signing in with Google. */
export interface GoogleConfig extends UpstreamEndpoints {
  clientId: string;
  clientSecret: string;
}

/** Signing in with Facebook. */
export interface FacebookConfig extends UpstreamEndpoints {
  appId: string;
  appSecret: string;
  graphVersion: string;
}

/** The effective configuration of the process. */
export interface Config
  extends Omit<
    Parsed,
    | 'issuer'
    | 'mongodbUri'
    | 'mongodbKeysUri'
    | 'masterKeys'
    | 'identifierKeys'
    | 'smtpUrl'
    | 'google'
    | 'facebook'
  > {
  /** The issuer as an origin without a slash at the end. */
  issuer: string;
  /** Undefined: the embedded database is started. */
  mongodbUri: string | undefined;
  mongodbKeysUri: string | undefined;
  /** Newest first, each of 32 bytes. */
  masterKeys: readonly NamedKey[];
  /** Newest first, each of 32 bytes. */
  identifierKeys: readonly NamedKey[];
  /** Undefined: mails go to the development mailbox. */
  smtpUrl: string | undefined;
  google: GoogleConfig | undefined;
  facebook: FacebookConfig | undefined;
  /** Where each setting came from: `default`, `file`, an environment variable's name or `<NAME>_FILE`. */
  origins: Readonly<Record<string, string>>;
}

const machineFiles: ConfigFiles = { read: (path) => readFileSync(path, 'utf8'), developmentSecrets };

/** The environment of this process. No other module reads it. */
export function readEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}

/**
 * Reads and checks the whole configuration: defaults, then the JSON file named by `SYMBOLON_CONFIG`, then the
 * environment and the secret files named by `<NAME>_FILE`. Outside of production missing keys are made and kept.
 * @param env environment variables
 * @param files access to files (default: this machine's)
 * @throws ConfigError with every fault at once
 */
export function loadConfig(env: NodeJS.ProcessEnv, files: ConfigFiles = machineFiles): Config {
  const gathered = gather(env, files);
  const parsed = configSchema.safeParse(gathered.tree);
  if (!parsed.success) gathered.faults.push(...schemaFaults(parsed.error, gathered.tree));
  // A configuration that already has faults is looked through without them, so that one start tells everything.
  const values = parsed.success ? parsed.data : configSchema.safeParse(withoutFaulty(gathered)).data;
  if (!values) throw new ConfigError(gathered.faults);
  const production = values.environment === 'production';
  const config = complete(
    production ? values : withDevelopmentKeys(values, files, gathered.faults),
    gathered,
  );
  const told = new Set(gathered.faults.map((fault) => fault.path));
  const further = [...crossFaults(config, values), ...(production ? productionFaults(config) : [])];
  const faults = [...gathered.faults, ...further.filter((fault) => !told.has(fault.path))];
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

function schemaFaults(error: z.ZodError, tree: Record<string, unknown>): ConfigFault[] {
  const paths = new Set(error.issues.map((issue) => fieldPathOf(issue.path)));
  return configFields
    .filter((field) => paths.has(field.path))
    .map((field) => faultOf(field, valueAt(tree, field.path)));
}

function fieldPathOf(path: readonly PropertyKey[]): string {
  const full = path.map(String).join('.');
  return configFields.find((field) => full === field.path || full.startsWith(`${field.path}.`))?.path ?? full;
}

function withoutFaulty(gathered: Gathered): Record<string, unknown> {
  const tree = structuredClone(gathered.tree);
  for (const fault of gathered.faults) {
    if (configFields.some((field) => field.path === fault.path)) place(tree, fault.path, undefined);
  }
  return tree;
}

function withDevelopmentKeys(values: Parsed, files: ConfigFiles, faults: readonly ConfigFault[]): Parsed {
  if (faults.length > 0 || (values.masterKeys && values.identifierKeys)) return values;
  const made = files.developmentSecrets(values.dataDir);
  const parse = configSchema.shape;
  return {
    ...values,
    masterKeys: values.masterKeys ?? parse.masterKeys.parse(made.masterKeys.split(',')),
    identifierKeys: values.identifierKeys ?? parse.identifierKeys.parse(made.identifierKeys.split(',')),
  };
}

function complete(values: Parsed, gathered: Gathered): Config {
  const { google, facebook } = values;
  const origins = Object.fromEntries(
    configFields.map((field) => [field.path, gathered.origins[field.path] ?? 'default']),
  );
  return {
    ...values,
    issuer: values.issuer ?? `http://localhost:${values.port}`,
    mongodbUri: values.mongodbUri,
    mongodbKeysUri: values.mongodbKeysUri ?? (values.mongodbUri && keysUriOf(values.mongodbUri)),
    masterKeys: values.masterKeys ?? [],
    identifierKeys: values.identifierKeys ?? [],
    smtpUrl: values.smtpUrl,
    google:
      google.clientId && google.clientSecret
        ? { ...endpointsOf(google), clientId: google.clientId, clientSecret: google.clientSecret }
        : undefined,
    facebook:
      facebook.appId && facebook.appSecret
        ? {
            ...endpointsOf(facebook),
            appId: facebook.appId,
            appSecret: facebook.appSecret,
            graphVersion: facebook.graphVersion,
          }
        : undefined,
    origins,
  };
}

function endpointsOf(group: Parsed['google'] | Parsed['facebook']): UpstreamEndpoints {
  const { authorizationUrl, tokenUrl, userinfoUrl } = group;
  return { authorizationUrl, tokenUrl, userinfoUrl };
}

/** `mongodb://host/name?x` becomes `mongodb://host/name_keys?x`. */
function keysUriOf(uri: string): string {
  return uri.replace(/^(mongodb(?:\+srv)?:\/\/[^/]+\/[^?]+)/, '$1_keys');
}

/** Faults that only several settings together show. */
function crossFaults(config: Config, values: Parsed): ConfigFault[] {
  const pairs = [
    ['google.clientId', 'google.clientSecret', values.google.clientId, values.google.clientSecret],
    ['facebook.appId', 'facebook.appSecret', values.facebook.appId, values.facebook.appSecret],
  ] as const;
  const faults: ConfigFault[] = [];
  for (const [idPath, secretPath, id, secret] of pairs) {
    const missing = id && !secret ? secretPath : secret && !id ? idPath : undefined;
    const field = configFields.find((candidate) => candidate.path === missing);
    if (field)
      faults.push(faultOf(field, undefined, `${field.meta.expected}, because the other half is set`));
  }
  if (config.session.absoluteSeconds < config.session.idleSeconds) {
    const field = configFields.find((candidate) => candidate.path === 'session.absoluteSeconds');
    if (field)
      faults.push(faultOf(field, config.session.absoluteSeconds, 'no less than session.idleSeconds'));
  }
  faults.push(...sharedKeyFaults(config));
  const needs = (path: string, value: unknown, what: string) => {
    const field = configFields.find((candidate) => candidate.path === path);
    if (field) faults.push(faultOf(field, value, what));
  };
  if (config.mtls.certificateHeader !== undefined && config.trustedProxies === 0)
    needs('trustedProxies', 0, 'at least 1, because mtls.certificateHeader is set by a proxy');
  if (config.authorizationPost && !config.issuer.startsWith('https:'))
    needs('authorizationPost', 'on', 'off, because the issuer is not https and such cookies need it');
  const url = new URL(config.issuer);
  if (config.environment !== 'production' && url.protocol === 'http:' && !isLoopback(url)) {
    const field = configFields.find((candidate) => candidate.path === 'issuer');
    if (field) faults.push(faultOf(field, config.issuer));
  }
  return faults;
}

/** One key, one use: a leaked identifier key must not open what the master keys wrap. */
function sharedKeyFaults(config: Config): ConfigFault[] {
  const shared = config.identifierKeys.some((one) =>
    config.masterKeys.some((other) => one.key.equals(other.key)),
  );
  const field = configFields.find((candidate) => candidate.path === 'identifierKeys');
  return shared && field ? [faultOf(field, 'shared', 'keys that are not also master keys')] : [];
}
