import { describe, expect, it } from '@jest/globals';
import type { LegalText, PurposeText } from '../../../src/business/purposes/purposes.ts';
import type { CurrentDecision, DecisionRow } from '../../../src/people/consents/consents.ts';
import {
  agreedDocuments,
  decisionHistory,
  shownPurposes,
  toPurposeState,
} from '../../../src/surfaces/account/decisions.ts';

const purpose: PurposeText = {
  kind: 'purpose',
  id: 'news',
  version: '2',
  title: 'News',
  summary: 'Two mails a month.',
  body: [],
  plain: '',
  hash: 'h',
  language: 'en',
  lawfulBasis: 'a',
  jurisdiction: 'US',
  required: false,
  validFrom: '2026-01-01',
  brands: undefined,
};
const terms: LegalText = { ...purpose, kind: 'terms', id: 'terms', title: 'Terms', lawfulBasis: 'b' };

const at = new Date('2026-03-14T10:00:00Z');
function decided(change: Partial<CurrentDecision> = {}): CurrentDecision {
  return {
    purposeId: 'news',
    kind: 'given',
    version: '2',
    textHash: 'h',
    language: 'en',
    lawfulBasis: 'a',
    jurisdiction: 'US',
    at,
    decisionId: 'cns_1',
    ...change,
  };
}

const words = {
  textOf: (id: string) => (id === 'terms' ? terms : id === 'elsewhere' ? { ...purpose, id } : undefined),
  brandName: (id: string | undefined) => (id === 'air' ? 'Aurora Air' : undefined),
};

describe('the purposes on the page', () => {
  it('say where a yes is too old to count', () => {
    expect(toPurposeState({ text: purpose, current: decided(), expired: true }, words, '/act').state).toBe(
      'expired',
    );
  });

  it('are those of the brand, with where the member stands', () => {
    const current = decided();
    expect(
      shownPurposes([purpose], [current, decided({ purposeId: 'terms', kind: 'accepted' })], words),
    ).toEqual([{ text: purpose, current }]);
  });

  it('include what was decided at another brand, so that it can be taken back', () => {
    const current = decided({ purposeId: 'elsewhere' });
    const ids = shownPurposes([purpose], [current], words).map(({ text }) => text.id);
    expect(ids).toEqual(['news', 'elsewhere']);
  });

  it('show the version that was decided on, and lead to the text that a decision is taken on now', () => {
    const shown = toPurposeState({ text: purpose, current: decided({ version: '1' }) }, words, '/act');
    expect(shown).toMatchObject({
      state: 'given',
      version: '1',
      textUrl: '/legal/news/2?back=/account/consents',
      action: '/act',
    });
    expect(toPurposeState({ text: purpose, current: undefined }, words, '/act')).toMatchObject({
      state: 'open',
      version: '2',
      decidedAt: undefined,
    });
  });
});

describe('the record', () => {
  it('lists terms and notices apart from purposes', () => {
    const documents = agreedDocuments(
      [decided({ purposeId: 'terms', kind: 'accepted', brand: 'air' }), decided()],
      words,
    );
    expect(documents).toEqual([
      {
        kind: 'terms',
        title: 'Terms',
        version: '2',
        decision: 'accepted',
        at: at.toISOString(),
        brandName: 'Aurora Air',
        textUrl: '/legal/terms/2?back=/account/consents',
      },
    ]);
  });

  it('tells decisions on texts only, and keeps those whose text is gone', () => {
    const row = (change: Partial<DecisionRow>): DecisionRow => ({
      id: 'cns_1',
      memberId: 'mbr_1',
      home: 'world',
      sequence: 1,
      subject: 'purpose',
      subjectId: 'terms',
      kind: 'accepted',
      lawfulBasis: 'b',
      jurisdiction: 'US',
      version: '2',
      textHash: 'h',
      language: 'en',
      channel: 'web',
      at,
      ...change,
    });
    const rows = [row({}), row({ subject: 'grant', subjectId: 'trips' }), row({ subjectId: 'forgotten' })];
    expect(decisionHistory(rows, words).map(({ title }) => title)).toEqual(['Terms', 'forgotten']);
  });
});
