/** What an API says of itself: its OpenAPI document, and where its tokens come from. */
import { z } from 'zod';
import { digest } from '../kernel/sealing.ts';
import { jsonRoute } from './json-routes.ts';
import { type ApiDescription, openApiDocument } from './openapi.ts';
import type { Route } from './routes.ts';

/**
 * Adds to the routes of an API those that describe it: `/api/<name>/openapi.json`, and the metadata of the protected
 * resource. Anybody may read them, from any site.
 * @param api what the API is
 * @param routes its other routes
 */
export function withOpenApi(api: ApiDescription, routes: readonly Route[]): Route[] {
  let document: { body: Record<string, unknown>; etag: string } | undefined;
  const describe = () => {
    const body = openApiDocument(api, all);
    return { body, etag: digest(JSON.stringify(body)) };
  };
  const all = [
    ...routes,
    jsonRoute({
      name: `${api.name}.openapi`,
      method: 'GET',
      path: `/api/${api.name}/openapi.json`,
      summary: 'This document.',
      tag: Object.keys(api.tags)[0] ?? api.name,
      versioned: true,
      answers: { 200: z.looseObject({ openapi: z.string() }).meta({ description: 'OpenAPI 3.1.' }) },
      handle() {
        document ??= describe();
        const headers = { 'Cache-Control': 'public, max-age=300', 'Access-Control-Allow-Origin': '*' };
        return { status: 200, body: document.body as { openapi: string }, etag: document.etag, headers };
      },
    }),
  ];
  return [...all, resourceMetadata(api)];
}

/** What a client that only knows the API's address needs to get a token for it (RFC 9728). */
function resourceMetadata({ issuer, name, title, scopes }: ApiDescription): Route {
  const body = {
    resource: `${issuer}/api/${name}`,
    resource_name: title,
    authorization_servers: [issuer],
    scopes_supported: Object.keys(scopes),
    bearer_methods_supported: ['header'],
  };
  return jsonRoute({
    name: `${name}.resource_metadata`,
    method: 'GET',
    path: `/.well-known/oauth-protected-resource/api/${name}`,
    summary: 'Metadata of the protected resource (RFC 9728).',
    tag: 'caller',
    answers: { 200: z.looseObject({}) },
    handle: () => ({ status: 200, body, headers: { 'Access-Control-Allow-Origin': '*' } }),
  });
}

/**
 * The document as a file, for an issuer at an example address.
 * @param api what the API is
 * @param routes every route of the API, as {@link withOpenApi} gave them
 */
export function openApiFile(api: ApiDescription, routes: readonly Route[]): string {
  const own = routes.filter(({ path }) => path.startsWith('/api/'));
  return `${JSON.stringify(openApiDocument(api, own), null, 2)}\n`;
}
