/** What authors of layers need besides: schemas of documents, and logos made safe to serve. */
import { z } from 'zod';
import { jsonRoute } from '../../base/http/json-routes.ts';
import { maxLogoBytes } from '../../base/http/logo/logo.ts';
import type { Route } from '../../base/http/routes.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import { digest } from '../../base/kernel/sealing.ts';
import { itemKinds } from '../../business/layers/item-path.ts';
import { configurationSchemas } from '../../business/layers/json-schema.ts';
import { reading, root, writing } from './access.ts';
import { actingIn } from './acting.ts';
import type { ConfigurationApiDeps } from './deps.ts';

const common = { tag: 'materials', limiter: 'edge' } as const;

/**
 * The routes about schemas and logos.
 * @param deps modules
 */
export function materialRoutes(deps: ConfigurationApiDeps): Route[] {
  return [schema(), logo(deps)];
}

function schema(): Route {
  let schemas: ReturnType<typeof configurationSchemas> | undefined;
  return jsonRoute({
    ...common,
    name: 'configuration.schema',
    method: 'GET',
    path: `${root}/schemas/:kind`,
    summary: 'The JSON Schema of a kind of item.',
    auth: reading,
    versioned: true,
    input: { params: z.object({ kind: z.enum(itemKinds) }) },
    answers: { 200: z.looseObject({}).meta({ description: 'JSON Schema 2020-12.' }) },
    handle(_ctx, { params: { kind } }) {
      schemas ??= configurationSchemas();
      const body = { ...schemas[kind] };
      return { status: 200, body, etag: digest(JSON.stringify(body)) };
    },
  });
}

const imageTypes = ['image/svg+xml', 'image/png', 'image/jpeg', 'image/webp'] as const;
const longestData = Math.ceil(maxLogoBytes / 3) * 4;

function logo(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    ...common,
    name: 'configuration.logo',
    method: 'POST',
    path: `${root}/logos`,
    summary:
      'Turns an image into a logo that is safe to serve; put the answer’s `logo` into a layer’s `look.logo`.',
    description: 'Nothing is stored. The file is read in full and written anew; what was left out is told.',
    auth: writing,
    bodyLimit: longestData + 1024,
    input: {
      body: z.strictObject({
        type: z.enum(imageTypes),
        data: z
          .base64()
          .max(longestData, 'logo.too_large')
          .meta({ description: `The file, at most ${maxLogoBytes / 1024} KiB, as base64.` }),
      }),
    },
    answers: {
      200: z.object({
        logo: z.union([
          z.string().meta({ description: 'Inline SVG.' }),
          z.object({ png: z.string(), width: z.int(), height: z.int() }),
        ]),
        dropped: z.array(z.string()).meta({ description: 'Elements and attributes that were left out.' }),
      }),
    },
    errors: [
      'permission.missing',
      'logo.too_large',
      'logo.unsupported',
      'logo.unreadable',
      'logo.unsafe',
      'overloaded',
    ],
    async handle(ctx, { body: { type, data } }) {
      const acting = await actingIn(deps, ctx);
      acting.requireSome('edit');
      const verdict = await deps.reencodeLogo(Buffer.from(data, 'base64'), type);
      if (!verdict.ok) throw new DomainError(verdict.fault);
      return { status: 200, body: { logo: verdict.logo, dropped: [...verdict.dropped] } };
    },
  });
}
