/** A new site in one call: its client, its own layer, and what its first visitor would meet. */
import { z } from 'zod';
import { documentFaults, quoted } from '../../base/http/document-faults.ts';
import { jsonRoute } from '../../base/http/json-routes.ts';
import type { Route } from '../../base/http/routes.ts';
import { DocumentError } from '../../base/kernel/errors.ts';
import { clientIdShape } from '../../business/layers/id-shapes.ts';
import { sitePath } from '../../business/layers/item-path.ts';
import type { Json } from '../../business/layers/json.ts';
import { opensTo } from '../../business/layers/mentions.ts';
import { tellingFaults } from '../desk/refusals.ts';
import { largestDocument, root } from './access.ts';
import { actingIn } from './acting.ts';
import type { ConfigurationApiDeps } from './deps.ts';
import { itemShape } from './shapes.ts';

const body = z.strictObject({
  id: z.string().regex(clientIdShape, 'a client id').optional().meta({ description: 'Made when absent.' }),
  name: z.string().trim().min(1).max(100),
  brand: z.string().min(1).max(40),
  market: z.string().min(1).max(40).optional(),
  origin: z
    .url({ protocol: /^https?$/ })
    .max(300)
    .meta({
      description: 'The site’s address; people come back to `/callback` there, and to `/` after signing out.',
    }),
  public: z.boolean().default(false).meta({ description: 'Whether it can keep no secret.' }),
  scope: z.string().max(500).default('openid profile email'),
  layer: itemShape.optional().meta({ description: 'What the site says differently from brand and market.' }),
  message: z.string().trim().min(1).max(500).optional(),
  smoke: z.boolean().default(true).meta({ description: 'Whether it is tried at once.' }),
});

const answer = z.object({
  client_id: z.string(),
  client_secret: z.string().nullable().meta({ description: 'Shown this once.' }),
  layer: z
    .object({
      state: z.enum(['live', 'waiting', 'failed']),
      draft: z.string(),
      release: z.string().optional(),
      reason: z.string().optional(),
    })
    .nullable(),
  smoke: z
    .object({
      ok: z.boolean(),
      checks: z.array(z.looseObject({ name: z.string(), ok: z.boolean() })),
      links: z.object({ signIn: z.string().optional(), register: z.string().optional() }),
    })
    .nullable(),
  env: z.record(z.string(), z.string()).meta({ description: 'What its application must be told.' }),
  notes: z.array(z.string()),
});

/**
 * `POST /api/configuration/sites`
 * @param deps modules
 */
export function siteRoute(deps: ConfigurationApiDeps): Route {
  return jsonRoute({
    name: 'configuration.site_add',
    method: 'POST',
    path: `${root}/sites`,
    summary: 'Makes a site: its client, its own layer, and a report of what its first visitor would meet.',
    description:
      'Takes the right to publish as well, for the client is live at once; where others must approve, its layer waits as a draft. Nothing is made of a request that is refused.',
    tag: 'sites',
    limiter: 'edge',
    auth: { api: 'configuration', scopes: ['configuration:write.site'] },
    idempotency: 'optional',
    json: 'document',
    bodyLimit: largestDocument,
    input: { body },
    answers: { 201: answer },
    errors: ['permission.missing', 'client.exists', 'configuration.refused'],
    handle: (ctx, { body: wanted }) =>
      tellingFaults(async () => {
        const acting = await actingIn(deps, ctx);
        const { id, brand, market, layer } = wanted;
        refuseOwnApis(wanted.scope);
        const place = { brand, market };
        const path = sitePath(id ?? 'new-site');
        acting.requireAt('edit', path, place);
        // A client is there for members at once, and as one of the program's own asks them nothing.
        acting.requireAt('publish', path, place);
        // Whoever comes by an id gets what layers give it: that is for those who say so there to give.
        if (id !== undefined) await acting.require('publish', layersOpenTo(deps, id));
        const made = await tellingClientFaults(() =>
          deps.sites.add(
            {
              client: {
                ...(id !== undefined && { id }),
                ...(market !== undefined && { market }),
                name: wanted.name,
                brand,
                firstParty: true,
                metadata: {
                  scope: wanted.scope,
                  ...(wanted.public && { token_endpoint_auth_method: 'none' }),
                },
              },
              origin: wanted.origin,
              smoke: wanted.smoke,
              ...(layer && { layer: layer as Json }),
              ...(wanted.message !== undefined && { message: wanted.message }),
            },
            acting.who,
          ),
        );
        const { client, secret, smoke, env, notes } = made;
        return {
          status: 201 as const,
          location: `${root}/experience?client_id=${client.id}`,
          body: {
            client_id: client.id,
            client_secret: secret ?? null,
            layer: made.layer ?? null,
            smoke: smoke ? { ...smoke, checks: smoke.checks.map((check) => ({ ...check })) } : null,
            env,
            notes,
          },
        };
      }),
  });
}

function layersOpenTo({ releases }: Pick<ConfigurationApiDeps, 'releases'>, id: string): string[] {
  const live = releases.live.current().releases();
  return [...new Set(live.flatMap(({ configuration }) => opensTo(configuration.items, id)))];
}

/** Whoever may make sites must not make one that changes the configuration or writes what members are. */
function refuseOwnApis(scope: string): void {
  const found = scope.split(/\s+/).find((name) => /^(?:configuration|members):/.test(name));
  if (found === undefined) return;
  const expected = 'scopes that a site may have';
  throw new DocumentError([{ path: '/scope', code: 'field.invalid', expected, got: quoted(found) }]);
}

/** What the rules for clients find, told as faults of the request. */
async function tellingClientFaults<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    throw new DocumentError(documentFaults(error, undefined, z.unknown(), { echo: false }));
  }
}
