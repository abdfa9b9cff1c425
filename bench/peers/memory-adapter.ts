/** Artefacts in maps of this process: the store that costs nothing. The library's own one forgets after 1,000. */
import type { Adapter, AdapterPayload } from 'oidc-provider';

/** Makes the adapter of one model; expired artefacts stay, the library judges `exp`. */
export function memoryAdapter(): Adapter {
  const stored = new Map<string, AdapterPayload>();
  const byUid = new Map<string, string>();
  const byGrant = new Map<string, string[]>();
  return {
    async upsert(id, payload) {
      stored.set(id, payload);
      if (payload.uid !== undefined) byUid.set(payload.uid, id);
      const { grantId } = payload;
      if (grantId === undefined) return;
      const ids = byGrant.get(grantId);
      if (ids === undefined) byGrant.set(grantId, [id]);
      else ids.push(id);
    },
    async find(id) {
      return stored.get(id);
    },
    async findByUid(uid) {
      return stored.get(byUid.get(uid) ?? '');
    },
    async findByUserCode() {
      return undefined;
    },
    async consume(id) {
      const payload = stored.get(id);
      if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000);
    },
    async destroy(id) {
      stored.delete(id);
    },
    async revokeByGrantId(grantId) {
      for (const id of byGrant.get(grantId) ?? []) stored.delete(id);
      byGrant.delete(grantId);
    },
  };
}
