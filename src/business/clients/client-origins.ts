/**
 * Sites of clients: the origins their pages live at, as their registered addresses say. Owns the question whether an
 * origin is one of a relying party at all, which a browser asks before it has shown a token (Fetch, CORS preflight).
 */
import type { Connection } from 'mongoose';
import { type IndexDeclaration, trusted } from '../../base/db/schema.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import type { ClientRecord } from './client-record.ts';
import { clientCollection, clientModel } from './model.ts';

const known = new WeakMap<ClientRecord, ReadonlySet<string>>();

/**
 * The origins of a client's redirect addresses; a private scheme of an app has none.
 * @param client the relying party
 */
export function webOrigins(client: ClientRecord): ReadonlySet<string> {
  const before = known.get(client);
  if (before) return before;
  const origins = new Set<string>();
  for (const uri of client.metadata.redirect_uris) {
    const origin = URL.canParse(uri) ? new URL(uri).origin : 'null';
    if (origin !== 'null') origins.add(origin);
  }
  known.set(client, origins);
  return origins;
}

/** Which origins are those of relying parties. */
export interface ClientOrigins {
  /** Whether a live client has registered a redirect address there. */
  isKnown(origin: string): Promise<boolean>;
}

/** Leads from an address to its client; asked by preflights only. */
export const originIndexes: IndexDeclaration[] = [
  { collection: clientCollection, keys: { 'metadata.redirect_uris': 1 } },
];

/** An answer is remembered for that long; a browser remembers a preflight's for longer. */
const rememberMs = 60_000;
const mostRemembered = 5_000;

/**
 * Builds the look-up.
 * @param deps main database, clock
 */
export function createClientOrigins(deps: { connection: Connection; clock: Clock }): ClientOrigins {
  const model = clientModel(deps.connection);
  const remembered = new Map<string, { isKnown: boolean; until: number }>();
  return {
    async isKnown(origin) {
      if (!isWebOrigin(origin)) return false;
      const now = deps.clock.now();
      const before = remembered.get(origin);
      if (before && before.until > now) return before.isKnown;
      // Addresses of the origin sort between `https://shop.example/` and `https://shop.example0`.
      const within = trusted({ $elemMatch: { $gte: `${origin}/`, $lt: `${origin}0` } });
      const absent = trusted({ $exists: false });
      const found = await model.exists({ 'metadata.redirect_uris': within, disabledAt: absent });
      remembered.delete(origin);
      remembered.set(origin, { isKnown: found !== null, until: now + rememberMs });
      const oldest = remembered.size > mostRemembered ? remembered.keys().next().value : undefined;
      if (oldest !== undefined) remembered.delete(oldest);
      return found !== null;
    },
  };
}

function isWebOrigin(text: string): boolean {
  if (text.length > 300 || !/^https?:\/\//.test(text) || !URL.canParse(text)) return false;
  return new URL(text).origin === text;
}
