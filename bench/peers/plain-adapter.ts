/**
 * The straightforward MongoDB adapter: one collection per model, one command per call, as the library's adapter
 * contract asks. Owns nothing clever on purpose: it is what Symbolon is compared with.
 */
import type { Db } from 'mongodb';
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';

/** A stored artefact. */
interface Stored {
  _id: string;
  payload: AdapterPayload;
  expiresAt?: Date;
}

const withGrant = ['AccessToken', 'AuthorizationCode', 'DeviceCode', 'RefreshToken'];
const others = [
  'Session',
  'Grant',
  'Interaction',
  'ClientCredentials',
  'PushedAuthorizationRequest',
  'ReplayDetection',
];

/**
 * Makes the adapter of one model.
 * @param db where its collection is
 * @param name the library's model name
 */
export function plainAdapter(db: Db, name: string): Adapter {
  const stored = db.collection<Stored>(name);
  return {
    async upsert(id, payload, expiresIn) {
      const set =
        expiresIn === undefined
          ? { payload }
          : { payload, expiresAt: new Date(Date.now() + expiresIn * 1000) };
      await stored.updateOne({ _id: id }, { $set: set }, { upsert: true });
    },
    async find(id) {
      return (await stored.findOne({ _id: id }))?.payload;
    },
    async findByUid(uid) {
      return (await stored.findOne({ 'payload.uid': uid }))?.payload;
    },
    async findByUserCode(userCode) {
      return (await stored.findOne({ 'payload.userCode': userCode }))?.payload;
    },
    async consume(id) {
      const consumed = Math.floor(Date.now() / 1000);
      const result = await stored.updateOne(
        { _id: id, 'payload.consumed': { $exists: false } },
        { $set: { 'payload.consumed': consumed } },
      );
      if (result.matchedCount === 0) throw new errors.InvalidGrant('already consumed');
    },
    async destroy(id) {
      await stored.deleteOne({ _id: id });
    },
    async revokeByGrantId(grantId) {
      await stored.deleteMany({ 'payload.grantId': grantId });
    },
  };
}

/**
 * Creates the indexes the adapter's reads and the clean-up need.
 * @param db the baseline's database
 */
export async function createPlainIndexes(db: Db): Promise<void> {
  for (const name of [...withGrant, ...others]) {
    await db.collection(name).createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 });
  }
  for (const name of withGrant) await db.collection(name).createIndex({ 'payload.grantId': 1 });
  await db.collection('Session').createIndex({ 'payload.uid': 1 }, { unique: true });
  await db.collection('accounts').createIndex({ email: 1 }, { unique: true });
}
