import { describe, expect, it } from '@jest/globals';
import { type PurposeStanding, stepFor } from '../../../src/people/consents/consent-state.ts';

const text = { version: '2' };
const decided = (change: Partial<NonNullable<PurposeStanding['current']>> = {}) => ({
  kind: 'given' as const,
  version: '2',
  ...change,
});

describe('what an answer still has to record', () => {
  it.each([
    ['yes to an open question gives', undefined, 'give', 'give'],
    ['no to an open question refuses', undefined, 'withdraw', 'refuse'],
    ['no to what was given withdraws', decided(), 'withdraw', 'withdraw'],
    ['yes again changes nothing', decided(), 'give', undefined],
    ['yes to a newer version gives that one', decided({ version: '1' }), 'give', 'give'],
    ['yes after a no gives', decided({ kind: 'refused' }), 'give', 'give'],
    ['yes after taking back gives', decided({ kind: 'withdrawn' }), 'give', 'give'],
    ['no again changes nothing', decided({ kind: 'refused' }), 'withdraw', undefined],
    ['taking back twice changes nothing', decided({ kind: 'withdrawn' }), 'withdraw', undefined],
  ] as const)('%s', (_name, current, answer, step) => {
    expect(stepFor({ text, current }, answer)).toBe(step);
  });

  it('renews a yes that is too old, and takes it back like any other', () => {
    const standing = { text, current: decided(), expired: true };
    expect(stepFor(standing, 'give')).toBe('give');
    expect(stepFor(standing, 'withdraw')).toBe('withdraw');
  });
});
