/** A refused configuration as an error: every fault with its item, where in it, what was expected and found. */
import { jsonPointer } from '../../base/http/document-faults.ts';
import { DocumentError, type DocumentFault } from '../../base/kernel/errors.ts';
import { type ConfigurationFault, ConfigurationRefused } from '../../business/layers/fault.ts';

/** More than these help nobody. */
const mostFaults = 200;

/**
 * Does something that may refuse a configuration.
 * @param work what is done
 * @throws DocumentError `configuration.refused` instead of ConfigurationRefused, and whatever else `work` throws
 */
export async function tellingFaults<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ConfigurationRefused)) throw error;
    throw new DocumentError(faultsShown(error.faults), 'configuration.refused');
  }
}

/**
 * Faults of a configuration as staff are told them.
 * @param faults what is wrong
 */
export function faultsShown(
  faults: readonly ConfigurationFault[],
): (DocumentFault & Pick<ConfigurationFault, 'item' | 'expected' | 'got'>)[] {
  return faults.slice(0, mostFaults).map(({ item, key, code, expected, got }) => ({
    item,
    path: pointerOf(key),
    code,
    expected,
    got,
  }));
}

/** A key such as `texts.en."sign-in.title"` as a JSON pointer. */
function pointerOf(key: string): string {
  const parts = key.match(/"(?:[^"\\]|\\.)*"|[^.]+/g) ?? [];
  return jsonPointer(parts.map((part) => (part.startsWith('"') ? unquoted(part) : part)));
}

function unquoted(part: string): string {
  try {
    return String(JSON.parse(part));
  } catch {
    return part;
  }
}
