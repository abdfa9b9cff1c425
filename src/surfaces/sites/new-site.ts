/**
 * New sites: one call makes a client, puts its own layer into the configuration where it has one, and tries the site as
 * its first visitor would. Nothing is made of a description that breaks a rule; what does not work afterwards is told
 * in the report and taken back by nobody. Never signs anybody in.
 */
import { z } from 'zod';
import type { Outbound } from '../../base/http/outbound.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { Ids } from '../../base/kernel/ids.ts';
import { type ClientDraft, type ClientInput, clientInput } from '../../business/clients/client-input.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import type { Clients } from '../../business/clients/clients.ts';
import { envBlock } from '../../business/clients/env-block.ts';
import { sectorFault } from '../../business/clients/sector-document.ts';
import type { Json } from '../../business/layers/json.ts';
import type { Who } from '../../business/releases/draft-writes.ts';
import { checkLayer, type LayerDeps, type LayerReport, putLayer } from './site-layer.ts';
import { type SmokeReport, smokeJourney } from './smoke.ts';
import type { SmokeDeps } from './smoked.ts';

/** A site to be made. */
export interface SiteRequest {
  /** The client as an operator describes it (`ClientDraft`), not yet judged; its id is made when it has none. */
  client: Readonly<Record<string, unknown>>;
  /** Origin of the site: addresses that the metadata does not name are made of it. */
  origin?: string | undefined;
  /** What this site says differently from brand and market: the item `sites/<client id>`. */
  layer?: Json | undefined;
  /** Why, for the history of the configuration. */
  message?: string | undefined;
  /** Whether the site is tried afterwards (default: yes). */
  smoke?: boolean | undefined;
}

/** A site that was made. */
export interface SiteReport {
  client: Omit<ClientRecord, 'secrets'>;
  /** Shown this once. */
  secret?: string;
  /** Its own layer, where one was given. */
  layer?: LayerReport;
  /** Absent where it was not tried. */
  smoke?: SmokeReport;
  /** What its application must be told. */
  env: Record<string, string>;
  /** What could not be looked at. */
  notes: string[];
}

/** Makes sites, and tries them. */
export interface Sites {
  /**
   * Makes a site.
   * @throws ZodError with every fault of the client; ConfigurationRefused with every fault of the layer; DomainError
   * `client.exists`. Then nothing was made.
   */
  add(request: SiteRequest, who: Who): Promise<SiteReport>;
  /** Tries the site of a client. @throws DomainError `client.unknown` */
  smoke(clientId: string): Promise<SmokeReport>;
}

/** What sites are made of. */
export interface SitesDeps extends SmokeDeps, LayerDeps {
  ids: Ids;
  clients: Clients;
  outbound: Pick<Outbound, 'fetch'>;
  /** How long a running issuer may take to see what is new, in milliseconds; 0 where it is this very process. */
  patienceMs: number;
}

/**
 * Builds the sites.
 * @param deps clients, configuration, the running issuer
 */
export function createSites(deps: SitesDeps): Sites {
  return {
    async add(request, who) {
      const id = request.client.id === undefined ? deps.ids.id('cli') : String(request.client.id);
      const draft = { ...request.client, id, metadata: metadataOf(request) };
      const parsed = checkedClient(deps, draft);
      const notes = await sectorNotes(deps, parsed);
      const { layer } = request;
      const site = { id, brand: parsed.brand, market: parsed.market };
      if (await deps.clients.get(id)) throw new DomainError('client.exists');
      if (layer !== undefined) await checkLayer(deps, site, layer);
      const { client, secret } = await deps.clients.add(draft as ClientDraft, who.visit);
      const message = request.message ?? `Site ${client.name}`;
      const put = layer === undefined ? undefined : await putLayer(deps, site, { layer, message }, who);
      const { secrets: _hashes, ...shown } = client;
      return {
        client: shown,
        ...(secret !== undefined && { secret }),
        ...(put && { layer: put }),
        ...(request.smoke !== false && { smoke: await tried(deps, client) }),
        env: envBlock(client, deps.issuer, secret),
        notes,
      };
    },
    async smoke(clientId) {
      const client = await deps.clients.get(clientId);
      if (!client) throw new DomainError('client.unknown');
      return tried(deps, client);
    },
  };
}

/** A running issuer may see what is new a moment later. */
async function tried(deps: SitesDeps, client: ClientRecord): Promise<SmokeReport> {
  const until = performance.now() + deps.patienceMs;
  for (;;) {
    const report = await smokeJourney(deps, client);
    if (report.ok || performance.now() >= until) return report;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

const pauseMs = 250;

function metadataOf({ client, origin }: SiteRequest): Record<string, unknown> {
  const given = typeof client.metadata === 'object' ? { ...client.metadata } : {};
  const url = origin !== undefined && URL.canParse(origin) ? new URL(origin) : undefined;
  if (!url) return given;
  return {
    client_uri: url.origin,
    redirect_uris: [`${url.origin}/callback`],
    post_logout_redirect_uris: [`${url.origin}/`],
    ...given,
  };
}

/** Every fault at once, those of brand and market among them. */
function checkedClient(deps: SitesDeps, draft: Record<string, unknown>): ClientInput & { id: string } {
  const parsed = clientInput.safeParse(draft);
  const issues: z.core.$ZodIssue[] = [...(parsed.error?.issues ?? []), ...placeIssues(deps, draft)];
  if (!parsed.success || issues.length > 0) throw new z.ZodRealError(issues);
  return { ...parsed.data, id: String(draft.id) };
}

function placeIssues({ world }: SitesDeps, draft: Readonly<Record<string, unknown>>): z.core.$ZodIssue[] {
  const { experiences } = world;
  const unknown = (kind: 'brand' | 'market', all: readonly { id: string }[]) => {
    const input = draft[kind];
    const ids = all.map(({ id }) => id);
    if (typeof input !== 'string' || ids.includes(input)) return [];
    const message = `not configured; there are ${ids.join(', ')}`;
    return [{ code: 'custom' as const, path: [kind], message, input }];
  };
  return [...unknown('brand', experiences.brands()), ...unknown('market', experiences.markets())];
}

/** Refuses what the sector's document does not name; a document that cannot be had from here is only noted. */
async function sectorNotes({ outbound }: SitesDeps, { metadata }: ClientInput): Promise<string[]> {
  const fault = await sectorFault(metadata, outbound);
  if (!fault) return [];
  const path = ['metadata', 'sector_identifier_uri'];
  if (!fault.unreachable)
    throw new z.ZodRealError([
      { code: 'custom', path, message: fault.message, input: metadata.sector_identifier_uri },
    ]);
  return [`sector_identifier_uri was not looked at: ${fault.message}`];
}
