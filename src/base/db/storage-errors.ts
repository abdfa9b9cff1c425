/** Tells the failures of the database that pass by themselves from faults of ours. Pure; knows names, no driver. */
import { types } from 'node:util';

const storageNames =
  /^(Mongo(Network|NetworkTimeout|ServerSelection|WriteConcern|ServerClosed|PoolClosed|PoolCleared|PoolClearedOnNetwork|WaitQueueTimeout|NotConnected|TopologyClosed|OperationTimeout|ClientClosed|ExpiredSession|Stale\w*)Error|MongooseServerSelectionError|PoolClearedOnNetworkError|DisconnectedError)$/;

/** No primary, shutdown, step-down, host unreachable, time limit, write conflict, write concern: all "try again". */
const storageCodes = new Set([
  6, 7, 50, 64, 79, 89, 91, 100, 112, 134, 189, 262, 9001, 10058, 10107, 11600, 11602, 13388, 13435, 13436,
]);

const storageLabels = [
  'RetryableWriteError',
  'TransientTransactionError',
  'UnknownTransactionCommitResult',
  'NoWritesPerformed',
];

/**
 * Whether an error, or one that caused it, says that the database could not be reached or did not confirm in time, so
 * that the outcome is unknown or nothing was done: the answer is 503 and a later try is honest.
 * @param error anything thrown
 */
export function isStorageUnavailable(error: unknown): boolean {
  let current = error;
  for (let depth = 0; depth < 5 && types.isNativeError(current); depth += 1) {
    if (isOne(current)) return true;
    current = current.cause;
  }
  return false;
}

function isOne(error: Error): boolean {
  if (storageNames.test(error.name)) return true;
  if (!error.name.startsWith('Mongo')) return false;
  if ('code' in error && typeof error.code === 'number' && storageCodes.has(error.code)) return true;
  if ('errorLabelSet' in error && types.isSet(error.errorLabelSet)) {
    const labels = error.errorLabelSet;
    if (storageLabels.some((label) => labels.has(label))) return true;
  }
  return /before initial connection is complete/.test(error.message);
}
