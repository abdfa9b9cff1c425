import { describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { z } from 'zod';
import { jsonRoute } from '../../../src/base/http/json-routes.ts';
import { openApiDocument } from '../../../src/base/http/openapi.ts';
import { pageOf, pageQuery } from '../../../src/base/http/paging.ts';
import { route } from '../../../src/base/http/routes.ts';

const api = {
  name: 'things',
  title: 'Things',
  description: 'Things of a test.',
  issuer: 'https://id.example.com',
  scopes: { 'things:read': 'Read things.', 'things:write': 'Write things.' },
  errorText: (code: string) => `Text of ${code}.`,
  tags: { things: 'All things.' },
};
const read = { api: 'things', scopes: ['things:read'] } as const;
const write = { api: 'things', scopes: ['things:write', 'things:all'] } as const;
const id = z.object({ id: z.string().max(9).meta({ description: 'Which one.' }) });
const thing = z
  .object({ name: z.string().meta({ examples: ['Cup'] }), parts: z.json(), size: z.int().default(1) })
  .meta({ id: 'Thing', description: 'A thing.' });
const common = { tag: 'things', input: { params: id } };

const routes = [
  jsonRoute({
    ...common,
    name: 'things.list',
    method: 'GET',
    path: '/api/things',
    summary: 'Lists things.',
    auth: read,
    limiter: 'edge',
    input: { query: z.object({ ...pageQuery(), like: z.string().optional() }) },
    answers: { 200: pageOf(thing) },
    handle: () => ({ status: 200, body: { items: [], next: null } }),
  }),
  jsonRoute({
    ...common,
    name: 'things.read',
    method: 'GET',
    path: '/api/things/:id',
    summary: 'Reads a thing.',
    description: 'With *everything*.',
    auth: read,
    versioned: true,
    errors: ['route.not_found'],
    answers: { 200: thing },
    handle: () => ({ status: 200, body: { name: '', parts: null }, etag: '1' }),
  }),
  jsonRoute({
    name: 'things.write',
    method: 'PATCH',
    path: '/api/things/:id/parts/*rest',
    summary: 'Writes parts.',
    tag: 'things',
    auth: write,
    ifMatch: 'required',
    idempotency: 'required',
    versioned: true,
    input: { params: id.extend({ rest: z.string() }), body: thing },
    answers: { 201: thing, 204: null },
    handle: () => ({ status: 204 }),
  }),
  jsonRoute({
    ...common,
    name: 'things.public',
    method: 'GET',
    path: '/api/things/:id/public',
    summary: 'Anybody may see this.',
    answers: { 200: z.strictObject({ name: z.string() }) },
    handle: () => ({ status: 200, body: { name: '' } }),
  }),
  route({ name: 'page', method: 'GET', path: '/page', handle: () => undefined }),
];
const document = openApiDocument(api, routes);
type Any = ReturnType<typeof JSON.parse>;
const { paths, components } = JSON.parse(JSON.stringify(document)) as Any;

describe('the OpenAPI document', () => {
  it('is valid', async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(document))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('holds the JSON routes and no page', () => {
    expect(Object.keys(paths)).toEqual([
      '/api/things',
      '/api/things/{id}',
      '/api/things/{id}/parts/{rest}',
      '/api/things/{id}/public',
    ]);
    expect(paths['/api/things/{id}'].get).toMatchObject({
      operationId: 'things.read',
      summary: 'Reads a thing.',
      description: 'With *everything*.',
      tags: ['things'],
    });
  });

  it('says which scope opens a route, of several one, of none anybody', () => {
    const security = (path: string, method = 'get') => paths[path][method].security;
    expect(security('/api/things')).toEqual([{ oauth2: ['things:read'] }]);
    expect(security('/api/things/{id}/parts/{rest}', 'patch')).toEqual([
      { oauth2: ['things:write'] },
      { oauth2: ['things:all'] },
    ]);
    expect(security('/api/things/{id}/public')).toEqual([]);
    expect(components.securitySchemes.oauth2.flows).toMatchObject({
      authorizationCode: { authorizationUrl: 'https://id.example.com/authorize', scopes: api.scopes },
      clientCredentials: { tokenUrl: 'https://id.example.com/token' },
    });
    expect(components.securitySchemes.oauth2.description).toContain('DPoP');
  });

  it('declares parameters, those of conditions and retries included', () => {
    const names = ({ parameters }: Any) =>
      parameters.map((each: Any) => `${each.in} ${each.name}${each.required ? '!' : ''}`);
    expect(names(paths['/api/things'].get)).toEqual(['query limit', 'query cursor', 'query like']);
    expect(paths['/api/things'].get.parameters[0]).toMatchObject({
      description: 'Entries of a page.',
      schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
    });
    expect(names(paths['/api/things/{id}'].get)).toEqual(['path id!', 'header If-None-Match']);
    expect(names(paths['/api/things/{id}/parts/{rest}'].patch)).toEqual([
      'path id!',
      'path rest!',
      'header If-Match!',
      'header Idempotency-Key!',
    ]);
  });

  it('shares named schemas, and lets answers grow', () => {
    expect(components.schemas.Thing).toMatchObject({ description: 'A thing.' });
    expect(components.schemas.Thing).not.toHaveProperty('additionalProperties');
    // What comes in may leave out what has a default: another shape.
    const { requestBody, responses } = paths['/api/things/{id}/parts/{rest}'].patch;
    expect(components.schemas.Thing.required).toEqual(['name', 'parts', 'size']);
    expect(requestBody.content['application/merge-patch+json'].schema).toEqual({
      $ref: '#/components/schemas/Thing2',
    });
    expect(components.schemas.Thing2.required).toEqual(['name', 'parts']);
    expect(responses['201'].headers).toHaveProperty('Location');
    expect(
      paths['/api/things/{id}/public'].get.responses['200'].content['application/json'].schema,
    ).toHaveProperty('additionalProperties', false);
  });

  it('lists the errors that follow from a declaration, and those it names', () => {
    const { responses } = paths['/api/things/{id}/parts/{rest}'].patch;
    expect(Object.keys(responses)).toEqual([
      ...['201', '204', '400', '401', '403', '409', '412', '413', '415', '422', '428', '503'],
    ]);
    expect(responses['401'].description).toBe('`token.missing`, `token.invalid`');
    expect(
      responses['422'].content['application/problem+json'].examples['input.invalid'].value,
    ).toMatchObject({
      type: 'https://id.example.com/docs/errors.md#input.invalid',
      title: 'Text of input.invalid.',
    });
    expect(paths['/api/things/{id}'].get.responses).toHaveProperty('404');
    expect(paths['/api/things/{id}'].get.responses).toHaveProperty('304');
    expect(paths['/api/things'].get.responses).toHaveProperty('429');
  });
});
