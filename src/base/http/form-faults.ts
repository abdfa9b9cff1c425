/** From what a schema found to what a form shows. Pure. */
import type { z } from 'zod';
import { type ErrorCode, errorCodes, type FieldFault, FormError } from '../kernel/errors.ts';

/**
 * The faults of a form, one per field in the order they were found. A schema names its own code by using it as the
 * message (`z.email({ error: 'email.invalid' })`); other faults get `field.required`, `field.too_long` or
 * `field.invalid`. The value itself is never repeated.
 * @param error what the schema found
 * @param input what it was asked about, to tell a missing value from a wrong one
 */
export function formErrorOf(error: z.ZodError, input: unknown): FormError {
  const faults = new Map<string, FieldFault>();
  for (const issue of error.issues) {
    const field = issue.path.map(String).join('.') || 'form';
    if (!faults.has(field)) faults.set(field, faultOf(field, issue, isMissing(input, issue.path)));
  }
  return new FormError([...faults.values()]);
}

function faultOf(field: string, issue: z.core.$ZodIssue, missing: boolean): FieldFault {
  if (isErrorCode(issue.message)) return { field, code: issue.message };
  if (issue.code === 'too_big') {
    return { field, code: 'field.too_long', params: { max: Number(issue.maximum) } };
  }
  return { field, code: missing ? 'field.required' : 'field.invalid' };
}

function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorCodes, text);
}

/** Nothing was sent, or an empty input was left empty. */
function isMissing(input: unknown, path: readonly PropertyKey[]): boolean {
  let value = input;
  for (const part of path) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined;
  }
  return value === undefined || value === '' || value === null;
}
