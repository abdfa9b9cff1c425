/** The OpenAPI 3.1 document of an API, from the declarations of its routes. Pure: it says what the routes say. */

import { z } from 'zod';
import { errorDocsPath } from '../i18n/error-reference.ts';
import { type ErrorCode, errorCodes } from '../kernel/errors.ts';
import { bodyTypes } from './body.ts';
import type { ApiDeclaration } from './json-routes.ts';
import type { Route } from './routes.ts';

/** What an API is, beside its routes. */
export interface ApiDescription {
  /** Its tokens are for `<issuer>/api/<name>`. */
  name: string;
  title: string;
  /** Markdown. */
  description: string;
  /** Address of the issuer. */
  issuer: string;
  /** Its scopes, each with what it allows. */
  scopes: Readonly<Record<string, string>>;
  /** Chapters in their order, each with what it is about. */
  tags: Readonly<Record<string, string>>;
  /** What people are told of an error, for the examples. */
  errorText(code: ErrorCode): string;
}

/** A JSON object of the document. */
type Json = Record<string, unknown>;

/** Schemas that several routes share, by name, each with what it was made of. */
type Components = Map<string, { schema: Json; source: string }>;

const problem = {
  type: 'object',
  description: 'RFC 9457. `code` is stable; `title` is for people, in the language of `Accept-Language`.',
  required: ['type', 'title', 'status', 'code', 'trace'],
  properties: {
    type: { type: 'string', description: 'Where the code is explained.' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string' },
    trace: { type: 'string', description: 'The same as the header `Trace-Id` and in our log.' },
    errors: {
      type: 'array',
      description: 'Every fault of what was sent.',
      items: {
        type: 'object',
        required: ['path', 'code'],
        properties: {
          item: { type: 'string', description: 'The document, where several are judged together.' },
          path: { type: 'string', description: 'JSON pointer (RFC 6901).' },
          in: { enum: ['path', 'query'], description: 'Where, when it is not the body.' },
          code: { type: 'string' },
          expected: { type: 'string' },
          got: { type: 'string', description: 'Cut short, and never a secret.' },
        },
      },
    },
  },
};

const headers = {
  ETag: { description: 'Version of what the body shows.', schema: { type: 'string' } },
  Location: { description: 'Address of what was made.', schema: { type: 'string' } },
};

/**
 * Builds the document.
 * @param api what the API is
 * @param routes its routes, in the order of the reference
 */
export function openApiDocument(api: ApiDescription, routes: readonly Route[]): Json {
  const components: Components = new Map();
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    if (!route.api) continue;
    const path = route.path.replace(/[:*](\w+)/g, '{$1}');
    paths[path] = {
      ...paths[path],
      [route.method.toLowerCase()]: operation(route, route.api, { api, components }),
    };
  }
  return {
    openapi: '3.1.1',
    info: { title: api.title, version: '1', description: api.description, license: licence },
    servers: [{ url: api.issuer }],
    tags: Object.entries(api.tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: { Problem: problem, ...schemasOf(components) },
      securitySchemes: { oauth2: securityScheme(api) },
    },
  };
}

const licence = { name: 'Apache-2.0', identifier: 'Apache-2.0' };

function schemasOf(components: Components): Json {
  const names = [...components.keys()].sort();
  return Object.fromEntries(names.map((name) => [name, components.get(name)?.schema]));
}

function securityScheme({ issuer, name, scopes }: ApiDescription): Json {
  const tokenUrl = `${issuer}/token`;
  return {
    type: 'oauth2',
    description: [
      `Access tokens of this issuer for the resource \`${issuer}/api/${name}\` (RFC 8707).`,
      'A token bound to a key is sent as `Authorization: DPoP …` with a proof (RFC 9449), one bound to a',
      'certificate over mutual TLS (RFC 8705), any other as `Authorization: Bearer …`.',
    ].join(' '),
    flows: {
      authorizationCode: { authorizationUrl: `${issuer}/authorize`, tokenUrl, refreshUrl: tokenUrl, scopes },
      clientCredentials: { tokenUrl, scopes },
    },
  };
}

function operation(
  route: Route,
  declared: ApiDeclaration,
  { api, components }: { api: ApiDescription; components: Components },
): Json {
  const { summary, description, tag, auth, body } = declared;
  const parameters = [
    ...parametersOf(route.input.params, 'path', components),
    ...parametersOf(route.input.query, 'query', components),
    ...conditionParameters(declared, route.method),
  ];
  return {
    operationId: route.name,
    summary,
    ...(description && { description }),
    tags: [tag],
    security: auth ? auth.scopes.map((scope) => ({ oauth2: [scope] })) : [],
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: requestBody(body, route.method, components) }),
    responses: { ...answersOf(route, declared, components), ...errorsOf(route, declared, api) },
  };
}

function requestBody(body: z.ZodType, method: string, components: Components): Json {
  const schema = schemaOf(body, 'input', components);
  return {
    required: true,
    content: Object.fromEntries(bodyTypes(method).map((type) => [type, { schema }])),
  };
}

function parametersOf(
  schema: z.ZodObject | undefined,
  where: 'path' | 'query',
  components: Components,
): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = resolved(schemaOf(schema, 'input', components), components) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    ...(description !== undefined && { description }),
    schema: rest,
  }));
}

function resolved(schema: Json, components: Components): Json {
  const { $ref } = schema;
  return typeof $ref === 'string'
    ? (components.get($ref.slice($ref.lastIndexOf('/') + 1))?.schema ?? {})
    : schema;
}

function conditionParameters({ ifMatch, idempotency, versioned }: ApiDeclaration, method: string): Json[] {
  const header = (name: string, description: string, required = false) => ({
    name,
    in: 'header',
    required,
    description,
    schema: { type: 'string' },
  });
  return [
    ...(ifMatch
      ? [header('If-Match', 'The `ETag` of the version that is changed.', ifMatch === 'required')]
      : []),
    ...(versioned && method === 'GET'
      ? [header('If-None-Match', 'An `ETag` you have: answered 304 while it is the present one.')]
      : []),
    ...(idempotency
      ? [
          header(
            'Idempotency-Key',
            'A value of your own for this request, up to 200 characters, in quotes: a retry within a day gets the first answer again.',
            idempotency === 'required',
          ),
        ]
      : []),
  ];
}

function answersOf(route: Route, { answers, versioned }: ApiDeclaration, components: Components): Json {
  const found: Json = {};
  for (const [code, schema] of Object.entries(answers)) {
    const shown = {
      ...(versioned && Number(code) < 202 && { ETag: headers.ETag }),
      ...(code === '201' && { Location: headers.Location }),
    };
    found[code] = {
      description: schema?.description ?? statusWords[code] ?? 'Done.',
      ...(Object.keys(shown).length > 0 && { headers: shown }),
      ...(schema && { content: { 'application/json': { schema: schemaOf(schema, 'output', components) } } }),
    };
  }
  if (versioned && route.method === 'GET') found['304'] = { description: 'You have the present version.' };
  return found;
}

const statusWords: Readonly<Record<string, string>> = {
  200: 'Here it is.',
  201: 'It was made.',
  202: 'It will be done.',
  204: 'Done; there is nothing to show.',
};

function errorsOf(route: Route, declared: ApiDeclaration, api: ApiDescription): Json {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set([...impliedErrors(route, declared), ...(declared.errors ?? [])])) {
    const status = errorCodes[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const sorted = [...byStatus].sort(([left], [right]) => left - right);
  return Object.fromEntries(
    sorted.map(([status, codes]) => [
      String(status),
      {
        description: codes.map((code) => `\`${code}\``).join(', '),
        content: {
          'application/problem+json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: Object.fromEntries(codes.map((code) => [code, { value: exampleOf(code, api) }])),
          },
        },
      },
    ]),
  );
}

/** What follows from the declaration itself. */
function impliedErrors({ input, limiter }: Route, declared: ApiDeclaration): ErrorCode[] {
  const { auth, body, ifMatch, idempotency } = declared;
  return [
    ...(auth ? (['token.missing', 'token.invalid', 'token.insufficient'] as const) : []),
    ...(body ? (['input.malformed', 'input.too_large', 'input.unsupported_type'] as const) : []),
    ...(body || input.params || input.query ? (['input.invalid'] as const) : []),
    ...(ifMatch ? (['precondition.failed'] as const) : []),
    ...(ifMatch === 'required' ? (['precondition.required'] as const) : []),
    ...(idempotency ? (['idempotency.in_flight', 'idempotency.mismatch'] as const) : []),
    ...(idempotency === 'required' ? (['idempotency.required'] as const) : []),
    ...(limiter ? (['limit.reached'] as const) : []),
    'storage.unavailable',
  ];
}

function exampleOf(code: ErrorCode, { issuer, errorText }: ApiDescription): Json {
  return {
    type: `${issuer}${errorDocsPath}#${code}`,
    title: errorText(code),
    status: errorCodes[code],
    code,
    trace: '4bf92f3577b34da6a3ce929d0e0e4736',
    ...(code === 'input.invalid' && {
      errors: [{ path: '/name', code: 'field.required', expected: 'a text', got: 'nothing' }],
    }),
  };
}

/** A schema as the document holds it; what has an id of its own (`meta({ id })`) becomes a shared one. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', components: Components): Json {
  const { $schema: _dialect, $defs, ...own } = z.toJSONSchema(schema, { io, override: open }) as Json;
  const shared = Object.entries(($defs ?? {}) as Record<string, Json>);
  const sourceOf = (body: Json) => JSON.stringify(body);
  const names = new Map(shared.map(([name, body]) => [name, freeName(name, sourceOf(body), components)]));
  for (const [name, body] of shared) {
    const moved = movedRefs(body, names) as Json;
    components.set(names.get(name) ?? name, { schema: moved, source: sourceOf(body) });
  }
  return movedRefs(own, names) as Json;
}

/** Answers may grow: a reader must not refuse what it does not know, so only strict objects are closed. */
function open({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodType; jsonSchema: Json }): void {
  if (zodSchema instanceof z.ZodObject && !zodSchema.def.catchall) delete jsonSchema.additionalProperties;
}

/** The same name may mean another shape in what comes in than in what goes out, and zod numbers what has no name. */
function freeName(name: string, source: string, components: Components): string {
  const plain = name.startsWith('__schema') ? 'Json' : name;
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? plain : `${plain}${number}`;
    const known = components.get(candidate);
    if (candidate !== 'Problem' && (!known || known.source === source)) return candidate;
  }
}

function movedRefs(value: unknown, renamed: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => movedRefs(item, renamed));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const name = key === '$ref' && typeof item === 'string' ? item.slice('#/$defs/'.length) : undefined;
      const target = name === undefined ? undefined : (renamed.get(name) ?? name);
      return [key, target === undefined ? movedRefs(item, renamed) : `#/components/schemas/${target}`];
    }),
  );
}
