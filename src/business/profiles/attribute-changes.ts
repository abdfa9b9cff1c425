/** What another attribute schema would do to the values that members have already. Pure. */
import { addressParts, isNeeded } from './address-value.ts';
import {
  type AttributeDefinition,
  type Attributes,
  type Constraints,
  defaultMaxLength,
} from './attribute-shape.ts';
import { type AttributeValue, parseValue, type ValueContext } from './attribute-values.ts';

/**
 * `adding` and `widening` go at once. `narrowing`: some values may fail. `retyping`: most may. `removing`: values
 * would lead nowhere.
 */
export type ChangeKind = 'adding' | 'widening' | 'narrowing' | 'retyping' | 'removing';

/** A change of one attribute that matters to values. */
export interface AttributeChange {
  attribute: string;
  kind: ChangeKind;
  /** What of the definition changed: `type`, `class`, `retentionDays`, names of constraints; empty for a whole one. */
  details: string[];
}

/**
 * Every change of a schema that matters to values, by attribute; wording and access are none.
 * @param before the schema that is live
 * @param after the schema that would be
 */
export function schemaChanges(before: Attributes, after: Attributes): AttributeChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((attribute): AttributeChange[] => {
    const was = Object.hasOwn(before, attribute) ? before[attribute] : undefined;
    const will = Object.hasOwn(after, attribute) ? after[attribute] : undefined;
    if (!was || !will) return [{ attribute, kind: will ? 'adding' : 'removing', details: [] }];
    return was === will ? [] : definitionChange(attribute, was, will);
  });
}

/**
 * Whether values must be looked at before such a change goes live.
 * @param kind of a change
 */
export function endangersValues(kind: ChangeKind): boolean {
  return kind === 'narrowing' || kind === 'retyping' || kind === 'removing';
}

/** How many values a definition would refuse. */
export interface Failing {
  checked: number;
  failing: number;
}

/**
 * Counts the values that a definition refuses; holds one at a time.
 * @param definition as it would be
 * @param values as they are kept
 * @param context the day, and whose phone numbers
 */
export async function countFailing(
  definition: AttributeDefinition,
  values: AsyncIterable<AttributeValue>,
  context: ValueContext,
): Promise<Failing> {
  const count: Failing = { checked: 0, failing: 0 };
  for await (const value of values) {
    count.checked += 1;
    if (parseValue(definition, value, context).value === undefined) count.failing += 1;
  }
  return count;
}

function definitionChange(
  attribute: string,
  was: AttributeDefinition,
  will: AttributeDefinition,
): AttributeChange[] {
  const retyped = [
    ...(was.type === will.type ? [] : ['type']),
    ...(isSealed(was) === isSealed(will) ? [] : ['class']),
    ...(was.constraints?.reference?.list === will.constraints?.reference?.list ? [] : ['reference']),
  ];
  if (retyped.length > 0) return [{ attribute, kind: 'retyping', details: retyped }];
  const steps = [...constraintSteps(was.constraints ?? {}, will.constraints ?? {}), retentionStep(was, will)];
  const of = (wanted: Step) => steps.filter(([, step]) => step === wanted).map(([name]) => name);
  const [narrower, wider] = [of('narrower'), of('wider')];
  if (narrower.length > 0) return [{ attribute, kind: 'narrowing', details: narrower }];
  return wider.length > 0 ? [{ attribute, kind: 'widening', details: wider }] : [];
}

function isSealed(definition: AttributeDefinition): boolean {
  return definition.class !== 'trait';
}

type Step = 'same' | 'wider' | 'narrower';

function constraintSteps(was: Constraints, will: Constraints): [string, Step][] {
  return [
    ['minLength', risen(was.minLength ?? 1, will.minLength ?? 1)],
    ['maxLength', risen(will.maxLength ?? defaultMaxLength, was.maxLength ?? defaultMaxLength)],
    ['min', boundStep(was.min, will.min, risen)],
    ['max', boundStep(was.max, will.max, (before, after) => risen(after, before))],
    ['step', stepStep(was, will)],
    ['pattern', patternStep(was.pattern, will.pattern)],
    ['reference', patternStep(was.reference?.pattern, will.reference?.pattern)],
    ['options', setStep(valuesOf(was), valuesOf(will))],
    ['parts', partsStep(was, will)],
  ];
}

function risen<T extends number | string>(before: T, after: T): Step {
  if (before === after) return 'same';
  return after > before ? 'narrower' : 'wider';
}

function boundStep(
  before: Constraints['min'],
  after: Constraints['min'],
  compare: (before: number | string, after: number | string) => Step,
): Step {
  if (before === after) return 'same';
  if (before === undefined) return 'narrower';
  if (after === undefined) return 'wider';
  // `today` moves: which of both is wider changes with the days.
  return before === 'today' || after === 'today' ? 'narrower' : compare(before, after);
}

function stepStep(was: Constraints, will: Constraints): Step {
  if (will.step === undefined) return was.step === undefined ? 'same' : 'wider';
  const moved = (Number(was.min ?? 0) - Number(will.min ?? 0)) / will.step;
  if (was.step === undefined || !isWhole(moved)) return 'narrower';
  if (was.step === will.step) return 'same';
  return isWhole(was.step / will.step) ? 'wider' : 'narrower';
}

function isWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-9;
}

/** Of two expressions nobody can tell which says less. */
function patternStep(before: string | undefined, after: string | undefined): Step {
  if (before === after) return 'same';
  return after === undefined ? 'wider' : 'narrower';
}

function valuesOf({ options = [] }: Constraints): string[] {
  return options.map(({ value }) => value);
}

function setStep(before: readonly string[], after: readonly string[]): Step {
  if (before.some((value) => !after.includes(value))) return 'narrower';
  return after.length > before.length ? 'wider' : 'same';
}

function partsStep(was: Constraints, will: Constraints): Step {
  const [before, after] = [was.parts ?? addressParts, will.parts ?? addressParts];
  // An address that was whole is none without a part that is needed now.
  if (after.some((part) => isNeeded(part) && !before.includes(part))) return 'narrower';
  return setStep(before, after);
}

function retentionStep(was: AttributeDefinition, will: AttributeDefinition): [string, Step] {
  const [before, after] = [was, will].map(({ retentionDays = Number.POSITIVE_INFINITY }) => retentionDays);
  return ['retentionDays', risen(after ?? 0, before ?? 0)];
}
