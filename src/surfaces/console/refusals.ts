/** What was refused, as the page shows it that the form stands on: what was entered is kept. Pure. */
import {
  DocumentError,
  type DocumentFault,
  DomainError,
  type ErrorCode,
  FormError,
} from '../../base/kernel/errors.ts';
import { ConfigurationRefused } from '../../business/layers/fault.ts';
import { faultsShown } from '../desk/refusals.ts';
import type { Refused } from '../pages/visitor.ts';
import type { ShownFault } from './views.ts';

/** What was refused, with the faults of a document where there are any. */
export interface ConsoleRefused extends Refused {
  documentFaults?: readonly ShownFault[];
  /** It is no refusal: what was entered before a second sign-in is shown again. */
  isKept?: true;
}

/**
 * What was entered before a second sign-in, shown again; that what it was entered for has changed since is told as
 * whenever a form comes too late.
 * @param values what was entered
 * @param overtaken the code of that, where it has changed
 */
export function keptAgain(
  values: Readonly<Record<string, string>>,
  overtaken: ErrorCode | undefined,
): ConsoleRefused {
  const refused = overtaken && refusalOf(new DomainError(overtaken), values);
  return { ...(refused ?? { status: 200, faults: [], values }), isKept: true };
}

/**
 * What a form was refused for.
 * @param error what was thrown
 * @param values what was entered
 * @throws the same, where it is no refusal or nothing is found
 */
export function refusalOf(error: unknown, values: Readonly<Record<string, string>> = {}): ConsoleRefused {
  if (error instanceof ConfigurationRefused) {
    const refused = new DomainError('configuration.refused');
    return { ...refusalOf(refused, values), documentFaults: shownFaults(faultsShown(error.faults)) };
  }
  if (!(error instanceof DomainError) || error.status === 404 || error.status >= 500) throw error;
  const { code, params, status } = error;
  const faults = error instanceof FormError ? error.faults : [{ field: 'form', code, params }];
  const documentFaults = error instanceof DocumentError ? shownFaults(error.faults) : undefined;
  return { status, faults, values, ...(documentFaults && { documentFaults }) };
}

/**
 * The same refusal with a link to where each fault can be mended.
 * @param refused what was refused
 * @param urlOf the page on which an item is edited
 */
export function linked(
  refused: ConsoleRefused | undefined,
  urlOf: (item: string) => string,
): ConsoleRefused | undefined {
  if (!refused?.documentFaults) return refused;
  const documentFaults = refused.documentFaults.map((fault) =>
    fault.item === undefined ? fault : { ...fault, url: urlOf(fault.item) },
  );
  return { ...refused, documentFaults };
}

/**
 * Faults of documents as pages show them.
 * @param faults what is wrong
 * @param urlOf where an item can be mended, if anywhere
 */
export function shownFaults(
  faults: readonly (DocumentFault & { item?: string })[],
  urlOf: (item: string) => string | undefined = () => undefined,
): ShownFault[] {
  return faults.map(({ item, path, code, expected, got }) => ({
    item,
    path,
    code,
    expected,
    got,
    url: item === undefined ? undefined : urlOf(item),
  }));
}
