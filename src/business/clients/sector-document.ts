/**
 * The document at a client's `sector_identifier_uri`: it names every address of the sector, so that nobody joins the
 * sector of somebody else (OpenID Connect Core 1.0 section 8.1). Read when a client is registered or changed.
 */
import { z } from 'zod';
import { type Outbound, OutboundError } from '../../base/http/outbound.ts';
import type { ClientMetadata } from './client-input.ts';
import { cibaGrant, deviceGrant } from './client-metadata.ts';

/** What is wrong; `unreachable` when the document could not be had, so that nothing is known about what it says. */
export interface SectorFault {
  message: string;
  unreachable: boolean;
}

const document = z.array(z.string()).max(1000);

/**
 * Reads the document and compares it with the client's addresses.
 * @param metadata the client's
 * @param outbound makes the call
 * @returns what is wrong; undefined when nothing is, or when the client names no document
 */
export async function sectorFault(
  metadata: Pick<ClientMetadata, 'sector_identifier_uri' | 'redirect_uris' | 'grant_types' | 'jwks_uri'>,
  outbound: Pick<Outbound, 'fetch'>,
): Promise<SectorFault | undefined> {
  const { sector_identifier_uri: uri, redirect_uris: addresses, jwks_uri: keys } = metadata;
  if (uri === undefined) return undefined;
  const read = await readDocument(uri, outbound);
  if ('message' in read) return read;
  const grants: readonly string[] = metadata.grant_types;
  const byKeys = grants.includes(deviceGrant) || grants.includes(cibaGrant);
  const wanted = [...addresses, ...(byKeys && keys ? [keys] : [])];
  const missing = wanted.filter((address) => !read.names.includes(address));
  if (missing.length === 0) return undefined;
  return { message: `its document does not name ${missing.join(', ')}`, unreachable: false };
}

async function readDocument(
  uri: string,
  outbound: Pick<Outbound, 'fetch'>,
): Promise<SectorFault | { names: string[] }> {
  try {
    const response = await outbound.fetch(uri, { headers: { accept: 'application/json' } });
    if (response.status !== 200)
      return { message: `its document cannot be read: status ${response.status}`, unreachable: true };
    const parsed = document.safeParse(await response.json().catch(() => undefined));
    if (parsed.success) return { names: parsed.data };
    return { message: 'its document must be one JSON array of addresses', unreachable: false };
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    const unreachable = error.reason === 'network' || error.reason === 'timeout';
    return { message: `its document cannot be read: ${error.reason}`, unreachable };
  }
}
