/** Subjects that only one sector knows a member by (OpenID Connect Core section 8.1). */
import type { Client } from 'oidc-provider';
import { keyedHash } from '../../base/kernel/sealing.ts';
import type { Keys } from '../../base/keys/keys.ts';

/**
 * The subject of a member in a client's sector.
 * @param keys the key of such subjects
 * @param client who learns it
 * @param memberId member id
 */
export function pairwiseSubject(keys: Pick<Keys, 'secret'>, client: Client, memberId: string): string {
  return keyedHash(keys.secret('pairwise'), String(client.sectorIdentifier), memberId);
}
