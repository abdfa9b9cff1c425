/** Where the OpenAPI document of an API is served. */
import { z } from 'zod';
import { digest } from '../kernel/sealing.ts';
import { jsonRoute } from './json-routes.ts';
import { type ApiDescription, openApiDocument } from './openapi.ts';
import type { Route } from './routes.ts';

/**
 * Adds to the routes of an API the one that describes them all, at `/api/<name>/openapi.json`. Anybody may read it,
 * from any site.
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
  return all;
}

/**
 * The document as a file, for an issuer at an example address.
 * @param routes every route of the API, as {@link withOpenApi} gave them
 * @param api what the API is
 */
export function openApiFile(api: ApiDescription, routes: readonly Route[]): string {
  return `${JSON.stringify(openApiDocument(api, routes), null, 2)}\n`;
}
