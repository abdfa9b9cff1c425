/**
 * The settings of the process, declared once: zod schema, sentence, default and example of every field.
 * The reader, the printed configuration and docs/configuration.md all follow from here.
 */
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import type { NamedKey } from '../kernel/sealing.ts';
import { areAuthorities } from './authorities.ts';

/** What is known of a setting beside its schema. */
export interface FieldMeta {
  /** One sentence: what the setting does. */
  doc: string;
  /** What a right value looks like, as faults and documentation say it. */
  expected: string;
  example: string;
  /** The default as documentation shows it; undefined when there is none. */
  preset?: string;
  /** How the text of an environment variable is read. */
  kind: 'text' | 'number' | 'list';
  /** Environment variable, where it is not `SYMBOLON_` and the path. */
  env?: string;
  /** Secrets are masked everywhere and may come from the file named by `<NAME>_FILE`. */
  secret?: boolean;
}

/** The meta of every field. */
const fieldMeta = z.registry<FieldMeta>();

type Told = Pick<FieldMeta, 'doc' | 'env'> & Partial<Pick<FieldMeta, 'preset' | 'example'>>;

function whole(min: number, max: number, preset: number, told: Told) {
  const meta: FieldMeta = {
    kind: 'number',
    expected: `a whole number from ${min} to ${max}`,
    example: String(preset),
    preset: String(preset),
    ...told,
  };
  return z.number().int().min(min).max(max).default(preset).register(fieldMeta, meta);
}

function text<T extends z.ZodType>(schema: T, meta: Omit<FieldMeta, 'kind'>) {
  fieldMeta.add(schema, { ...meta, kind: 'text' });
  return schema;
}

function list<T extends z.ZodType>(schema: T, meta: Omit<FieldMeta, 'kind'>) {
  fieldMeta.add(schema, { ...meta, kind: 'list' });
  return schema;
}

/** Whether the host of a URL is this machine itself. */
export function isLoopback(url: URL): boolean {
  return url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(url.hostname);
}

function parsesAsUrl(value: string, protocols: readonly string[]): boolean {
  return URL.canParse(value) && protocols.includes(new URL(value).protocol);
}

function isOrigin(value: string): boolean {
  if (!parsesAsUrl(value, ['https:', 'http:'])) return false;
  const url = new URL(value);
  const bare = url.pathname === '/' && !url.search && !url.hash && !url.username && !url.password;
  return bare && !value.includes('?') && !value.includes('#');
}

const issuer = z
  .string()
  .refine(isOrigin)
  .transform((value) => new URL(value).origin);

const webUrl = z.string().refine((value) => parsesAsUrl(value, ['https:', 'http:']));

/** `mongodb://…/name`: the database is named, so that the keys database can be named after it. */
const mongoUri = z.string().regex(/^mongodb(\+srv)?:\/\/[^/\s]+\/[A-Za-z0-9_-]{1,58}(\?\S*)?$/);

const keyText = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9_-]{43})$/;

/** `id:key` texts; the order is kept, ids are unique. A schema of its own per setting, because each has its own meta. */
function namedKeys() {
  return z
    .array(z.string().regex(keyText))
    .min(1)
    .transform((texts) => texts.map(toNamedKey))
    .refine((keys) => new Set(keys.map((key) => key.id)).size === keys.length)
    .optional();
}

function toNamedKey(value: string): NamedKey {
  const [id = '', key = ''] = value.split(':');
  return { id, key: Buffer.from(key, 'base64url') };
}

const keyListExpected =
  'one or more id:key separated by commas, newest first; the key is 32 random bytes in base64url (43 characters)';

const endpoint = (told: Pick<FieldMeta, 'doc' | 'example'>) =>
  text(webUrl.optional(), { ...told, expected: 'an http or https URL' });

/** The whole configuration. Groups are plain objects, every leaf carries its meta. */
export const configSchema = z.object({
  environment: text(z.enum(['development', 'test', 'production']).default('development'), {
    doc: 'What the process is for; production refuses every development shortcut.',
    expected: 'development, test or production',
    example: 'production',
    preset: 'development',
    env: 'NODE_ENV',
  }),
  issuer: text(issuer.optional(), {
    doc: 'The public origin of the provider: the `iss` of every token and the base of every link.',
    expected:
      'an origin without path, query or fragment; https, or http on this machine outside of production',
    example: 'https://id.example.com',
    preset: 'http://localhost: and the port',
  }),
  host: text(z.string().min(1).max(253).default('127.0.0.1'), {
    doc: 'Address the public listener binds to.',
    expected: 'an address or host name',
    example: '0.0.0.0',
    preset: '127.0.0.1',
  }),
  port: whole(0, 65535, 3000, { doc: 'Port of the public listener (0 takes any free one).', env: 'PORT' }),
  opsHost: text(z.string().min(1).max(253).default('127.0.0.1'), {
    doc: 'Address of the listener for metrics and health; never the public one.',
    expected: 'an address or host name',
    example: '10.0.0.5',
    preset: '127.0.0.1',
  }),
  opsPort: whole(0, 65535, 9464, { doc: 'Port of the listener for metrics and health.' }),
  trustedProxies: whole(0, 8, 0, {
    doc: 'How many proxies of your own stand in front; that many entries of X-Forwarded-For, counted from the right, are believed.',
  }),
  mongodbUri: text(mongoUri.optional(), {
    doc: 'The main database, a replica set; without it a private one is started on this machine.',
    expected: 'a mongodb:// or mongodb+srv:// URI that names a database',
    example: 'mongodb://db1,db2,db3/symbolon?replicaSet=rs0',
    env: 'MONGODB_URI',
    secret: true,
  }),
  mongodbKeysUri: text(mongoUri.optional(), {
    doc: "The database of the members' keys, backed up apart from the main one.",
    expected: 'a mongodb:// or mongodb+srv:// URI that names a database',
    example: 'mongodb://keys1,keys2,keys3/symbolon_keys?replicaSet=rs1',
    preset: 'the main database with `_keys` after its name',
    env: 'MONGODB_KEYS_URI',
    secret: true,
  }),
  dataDir: text(z.string().min(1).default('.data'), {
    doc: 'Folder for what this machine keeps: the private database, development secrets, the development mailbox.',
    expected: 'a folder',
    example: '/var/lib/symbolon',
    preset: '.data',
  }),
  masterKeys: list(namedKeys(), {
    doc: 'Keys that wrap every other key; the first one wraps, all of them open.',
    expected: keyListExpected,
    example: '2026-11:<43 characters>,2026-05:<43 characters>',
    preset: 'generated and kept in development, none in production',
    secret: true,
  }),
  identifierKeys: list(namedKeys(), {
    doc: 'Keys of the digests under which e-mail addresses and other identifiers are found; never lose them.',
    expected: keyListExpected,
    example: 'v1:<43 characters>',
    preset: 'generated and kept in development, none in production',
    secret: true,
  }),
  keyRotationDays: whole(0, 3650, 90, {
    doc: 'Age in days at which a key that signs tokens, cookies or forms is replaced by itself; 0 turns that off.',
  }),
  kmsModule: text(z.string().min(1).optional(), {
    doc: 'An ES module that exports `createKms(env)`: an external key service seals the stored keys or signs tokens.',
    expected: 'the path of a JavaScript or TypeScript file',
    example: '/etc/symbolon/kms.mjs',
  }),
  smtpUrl: text(
    z
      .string()
      .regex(/^smtps?:\/\/\S+$/)
      .optional(),
    {
      doc: 'The mail server; without it mails go to the development mailbox.',
      expected: 'an smtp:// or smtps:// URL',
      example: 'smtps://user:password@mail.example.com:465',
      secret: true,
    },
  ),
  mailFrom: text(
    z
      .string()
      .regex(/^[^\s<>@]+@[^\s<>@]+$/)
      .default('no-reply@localhost'),
    {
      doc: 'Address that mails come from; the name shown beside it is the brand’s.',
      expected: 'one mail address',
      example: 'no-reply@example.com',
      preset: 'no-reply@localhost',
    },
  ),
  logLevel: text(z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'), {
    doc: 'The least important kind of log line that is written.',
    expected: 'fatal, error, warn, info, debug, trace or silent',
    example: 'warn',
    preset: 'info',
  }),
  programDir: text(z.string().min(1).default('config'), {
    doc: "Folder with the program's configuration (brands, markets, legal texts): taken over at the first start, when the database holds none.",
    expected: 'a folder',
    example: '/etc/symbolon/program',
    preset: 'config',
  }),
  argon2: z.object({
    memoryKiB: whole(8192, 1_048_576, 19_456, {
      doc: 'Memory of one password hash, in KiB.',
      env: 'SYMBOLON_ARGON2_MEMORY_KIB',
    }),
    passes: whole(1, 20, 2, { doc: 'Passes over that memory.' }),
    parallelism: whole(1, 16, 1, { doc: 'Lanes of one hash.' }),
    concurrency: whole(1, 256, availableParallelism(), {
      doc: 'Hashes computed at the same time.',
      preset: 'the number of cores',
      example: '4',
    }),
    queue: whole(1, 100_000, 200, {
      doc: 'Hashes that may wait; beyond that a sign-in is answered 503 instead of piling up.',
    }),
  }),
  password: z.object({
    minLength: whole(8, 64, 8, { doc: 'Fewest characters of a new password.' }),
    minStrength: whole(0, 4, 3, { doc: 'Lowest accepted strength estimate of a new password (0 to 4).' }),
    breachUrl: text(
      z
        .union([z.literal('off'), webUrl])
        .default('https://api.pwnedpasswords.com/range/')
        .transform((value) => (value === 'off' ? undefined : value)),
      {
        doc: 'Prefix of a k-anonymity range service that knows breached passwords; only five characters of a digest are sent.',
        expected: 'an http or https URL that a five-character prefix is appended to, or off',
        example: 'https://ranges.internal.example/range/',
        preset: 'https://api.pwnedpasswords.com/range/',
      },
    ),
    breachTimeoutMs: whole(50, 10_000, 1000, {
      doc: 'How long that service may take, in milliseconds; after that the password is judged without it.',
    }),
  }),
  google: z.object({
    clientId: text(z.string().min(1).optional(), {
      doc: 'OAuth client id for signing in with Google; without it the button is not shown.',
      expected: 'the client id of an OAuth web client',
      example: '1234567890-abc.apps.googleusercontent.com',
    }),
    clientSecret: text(z.string().min(1).optional(), {
      doc: 'Secret of that client.',
      expected: 'the client secret',
      example: 'GOCSPX-…',
      secret: true,
    }),
    authorizationUrl: endpoint({
      doc: "Replaces Google's authorization endpoint (rehearsals).",
      example: 'http://127.0.0.1:4000/auth',
    }),
    tokenUrl: endpoint({
      doc: "Replaces Google's token endpoint (rehearsals).",
      example: 'http://127.0.0.1:4000/token',
    }),
    userinfoUrl: endpoint({
      doc: "Replaces Google's userinfo endpoint (rehearsals).",
      example: 'http://127.0.0.1:4000/userinfo',
    }),
  }),
  facebook: z.object({
    appId: text(z.string().min(1).optional(), {
      doc: 'App id for signing in with Facebook; without it the button is not shown.',
      expected: 'the app id',
      example: '1234567890',
    }),
    appSecret: text(z.string().min(1).optional(), {
      doc: 'Secret of that app.',
      expected: 'the app secret',
      example: '0123456789abcdef…',
      secret: true,
    }),
    graphVersion: text(
      z
        .string()
        .regex(/^v\d{1,3}\.\d$/)
        .default('v23.0'),
      {
        doc: 'Version of the Graph API that is spoken.',
        expected: 'v, a number, a point and a digit',
        example: 'v23.0',
        preset: 'v23.0',
      },
    ),
    authorizationUrl: endpoint({
      doc: "Replaces Facebook's authorization dialog (rehearsals).",
      example: 'http://127.0.0.1:4001/dialog/oauth',
    }),
    tokenUrl: endpoint({
      doc: "Replaces Facebook's token endpoint (rehearsals).",
      example: 'http://127.0.0.1:4001/token',
    }),
    userinfoUrl: endpoint({
      doc: "Replaces Facebook's profile endpoint (rehearsals).",
      example: 'http://127.0.0.1:4001/me',
    }),
  }),
  session: z.object({
    idleSeconds: whole(300, 31_536_000, 14 * 86_400, {
      doc: 'Seconds without a visit after which a session ends.',
    }),
    absoluteSeconds: whole(300, 31_536_000, 30 * 86_400, {
      doc: 'Seconds after which a session ends however often it was used.',
    }),
  }),
  drainSeconds: whole(0, 300, 10, {
    doc: 'How long requests in flight may take to finish when the process is asked to stop.',
  }),
  requestTimeoutMs: whole(500, 120_000, 15_000, {
    doc: 'How long one request may take, in milliseconds, before it is answered 503.',
  }),
  authorizationPost: text(
    z
      .enum(['on', 'off'])
      .default('off')
      .transform((value) => value === 'on'),
    {
      doc: 'Whether other sites may post authorization requests. The session cookie then travels with cross-site posts; leave it off unless a relying party needs it.',
      expected: 'on or off',
      example: 'on',
      preset: 'off',
    },
  ),
  mtls: z.object({
    certificateHeader: text(
      z
        .string()
        .regex(/^[A-Za-z0-9-]{1,60}$/)
        .optional(),
      {
        doc: 'Header in which the TLS proxy hands over the certificate of a caller (RFC 9440, or percent-encoded PEM); the proxy must set it on every request and drop what callers write. Without it there is no mutual TLS.',
        expected: 'a header name',
        example: 'Client-Cert',
      },
    ),
    authorities: text(z.string().refine(areAuthorities).optional(), {
      doc: 'Certificates (PEM) of the authorities whose certificates tls_client_auth accepts; usually given as a file.',
      expected: 'PEM certificates of authorities, one after the other',
      example: '-----BEGIN CERTIFICATE-----…',
    }),
    url: text(
      z
        .string()
        .refine((value) => parsesAsUrl(value, ['https:']) && new URL(value).origin === value)
        .optional(),
      {
        doc: 'Origin at which TLS asks for a certificate, when it is not the issuer itself; discovery names it to clients.',
        expected: 'an https origin without a path',
        example: 'https://mtls.id.example.com',
      },
    ),
  }),
  outboundAllowList: list(z.array(z.string().regex(/^[a-z0-9.:[\]-]{1,253}$/)).default([]), {
    doc: 'Hosts of internal relying parties that may resolve to private addresses when they are called.',
    expected: 'host names in lower case, separated by commas',
    example: 'shop.internal.example,points.internal.example',
    preset: 'none',
  }),
});

/** One leaf of the configuration with its names. */
export interface Field {
  /** Path in the file and in `Config`, such as `argon2.passes`. */
  path: string;
  /** Environment variable, such as `SYMBOLON_ARGON2_PASSES`. */
  env: string;
  meta: FieldMeta;
}

/** Every setting in the order of the schema. */
export const configFields: readonly Field[] = leaves(configSchema.shape, '');

function leaves(shape: Readonly<Record<string, z.core.$ZodType>>, prefix: string): Field[] {
  return Object.entries(shape).flatMap(([name, schema]) => {
    const path = prefix ? `${prefix}.${name}` : name;
    if (schema instanceof z.ZodObject) return leaves(schema.shape, path);
    const meta = fieldMeta.get(schema);
    if (!meta) throw new Error(`the setting ${path} has no meta`);
    return [{ path, env: meta.env ?? environmentName(path), meta }];
  });
}

function environmentName(path: string): string {
  const words = path.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll('.', '_');
  return `SYMBOLON_${words.toUpperCase()}`;
}
