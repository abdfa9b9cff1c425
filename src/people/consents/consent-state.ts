/** How decisions add up to where a member stands. Pure. */
import type { LegalText, PurposeText } from '../../business/purposes/purposes.ts';
import type { ConsentRecord, ConsentStateRecord } from './model.ts';

/**
 * The state after one more decision.
 * @param state where the member stood
 * @param row the decision; its sequence is one above the state's version
 */
export function afterDecision(state: ConsentStateRecord, row: ConsentRecord): ConsentStateRecord {
  const next = { ...state, version: row.sequence };
  if (row.subject === 'redemption') return next;
  return row.subject === 'grant'
    ? { ...next, grants: afterGrant(state, row) }
    : { ...next, purposes: afterPurpose(state, row) };
}

/**
 * Those of the asked texts whose version the member has not agreed to.
 * @param state where the member stands
 * @param texts texts that must have been agreed to
 */
export function notAgreed<T extends LegalText>(state: ConsentStateRecord, texts: readonly T[]): T[] {
  const agreed: readonly string[] = ['accepted', 'acknowledged', 'given'];
  return texts.filter(
    (text) =>
      !state.purposes.some(
        (purpose) =>
          purpose.purposeId === text.id && purpose.version === text.version && agreed.includes(purpose.kind),
      ),
  );
}

const day = 86_400_000;

/**
 * Whether a decision is a consent that may be acted on: given, and not too long ago.
 * @param decision the latest on a purpose
 * @param now milliseconds since the epoch
 * @param maxAgeDays how long a consent counts; for good when undefined
 */
export function isLiveConsent(
  decision: Pick<ConsentStateRecord['purposes'][number], 'kind' | 'at'> | undefined,
  now: number,
  maxAgeDays: number | undefined,
): boolean {
  if (decision?.kind !== 'given') return false;
  return maxAgeDays === undefined || now - decision.at.getTime() < maxAgeDays * day;
}

/**
 * How many days a consent counts where several places have a say: the fewest that any of them allows.
 * @param places what layers say there
 */
export function shortestAge(
  places: readonly { settings: { legal: { consentMaxAgeDays?: number | undefined } } }[],
): number {
  return Math.min(
    ...places.map(({ settings }) => settings.legal.consentMaxAgeDays ?? Number.POSITIVE_INFINITY),
  );
}

/** Where a member stands on one optional purpose. */
export interface PurposeStanding {
  /** The text to decide on now. */
  text: Pick<PurposeText, 'version'>;
  current: Pick<ConsentStateRecord['purposes'][number], 'kind' | 'version'> | undefined;
  /** Given so long ago that it does not count any more. */
  expired?: boolean;
}

/**
 * What is still to be recorded for an answer; undefined when the answer is on record already, so that a form sent
 * twice leaves one decision. A yes to an older version, or of long ago, is renewed by a yes to the present one.
 * @param standing where the member stands on the purpose
 * @param answer `give` or `withdraw`
 */
export function stepFor(
  { text, current, expired = false }: PurposeStanding,
  answer: 'give' | 'withdraw',
): 'give' | 'withdraw' | 'refuse' | undefined {
  const given = current?.kind === 'given';
  if (answer === 'give') return given && !expired && current.version === text.version ? undefined : 'give';
  if (given) return 'withdraw';
  return current ? undefined : 'refuse';
}

function afterPurpose(state: ConsentStateRecord, row: ConsentRecord): ConsentStateRecord['purposes'] {
  const others = state.purposes.filter((purpose) => purpose.purposeId !== row.subjectId);
  const { kind, lawfulBasis, jurisdiction, version, textHash, language, at } = row;
  return [
    ...others,
    {
      purposeId: row.subjectId,
      kind,
      lawfulBasis,
      jurisdiction,
      version,
      textHash,
      language,
      ...(row.brand && { brand: row.brand }),
      at,
      decisionId: row._id,
    },
  ];
}

function afterGrant(state: ConsentStateRecord, row: ConsentRecord): ConsentStateRecord['grants'] {
  const before = state.grants.find((grant) => grant.clientId === row.subjectId);
  const others = state.grants.filter((grant) => grant.clientId !== row.subjectId);
  if (row.kind === 'withdrawn') return others;
  return [
    ...others,
    {
      clientId: row.subjectId,
      scopes: row.scopes ?? [],
      ...(row.claims && { claims: row.claims }),
      resources: row.resources ?? [],
      since: before?.since ?? row.at,
      at: row.at,
      decisionId: row._id,
    },
  ];
}
