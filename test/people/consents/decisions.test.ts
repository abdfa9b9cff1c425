import { beforeAll, describe, expect, it } from '@jest/globals';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { DomainError } from '../../../src/base/kernel/errors.ts';
import type {
  LegalText,
  LegalTexts,
  NoticeText,
  PurposeText,
  TermsText,
} from '../../../src/business/purposes/purposes.ts';
import type { Decision } from '../../../src/people/consents/consents.ts';
import { type ConsentWorld, consentWorld } from '../../support/consents.ts';
import { visitOf } from '../../support/visit.ts';

let world: ConsentWorld;
let terms: TermsText;
let notice: NoticeText;
let marketing: PurposeText;
let personalisation: PurposeText;

function first<T>(texts: readonly T[], fits: (text: T) => boolean = () => true): T {
  const found = texts.find(fits);
  if (!found) throw new Error('the shipped texts lack one');
  return found;
}

beforeAll(async () => {
  world = await consentWorld();
  const texts: LegalTexts = world.texts();
  terms = first(texts.terms);
  notice = first(texts.notices);
  marketing = first(texts.purposes, ({ id }) => id === 'marketing-email');
  personalisation = first(texts.purposes, ({ id }) => id === 'personalisation');
});

const decide = (memberId: string, ...decisions: Decision[]) =>
  world.consents.decide({ memberId, home: 'us', decisions, visit: visitOf(), channel: 'web' });

describe('a registration’s decisions', () => {
  it('are kept each with the exact text, basis, jurisdiction, language, brand, client, channel and time', async () => {
    const memberId = world.member();
    const [japanese] = world.texts('ja').purposes;
    if (!japanese) throw new Error('a purpose in Japanese was expected');
    await world.consents.decide({
      memberId,
      home: 'jp',
      decisions: [{ text: japanese, kind: 'given' }],
      visit: visitOf({ brand: 'volt', clientId: 'volt-app', locale: 'ja' }),
      channel: 'app',
    });
    expect(await world.consents.history(memberId)).toEqual([
      {
        id: expect.stringMatching(/^cns_/),
        memberId,
        home: 'jp',
        sequence: 1,
        subject: 'purpose',
        subjectId: japanese.id,
        kind: 'given',
        lawfulBasis: 'a',
        jurisdiction: 'US',
        version: '1.0',
        textHash: japanese.hash,
        language: 'ja',
        brand: 'volt',
        clientId: 'volt-app',
        channel: 'app',
        at: new Date(world.clock.now()),
      },
    ]);
  });

  it('are all recorded in order, with one event each', async () => {
    const memberId = world.member();
    await decide(
      memberId,
      { text: terms, kind: 'accepted' },
      { text: notice, kind: 'acknowledged' },
      { text: marketing, kind: 'given' },
      { text: personalisation, kind: 'refused' },
    );
    const history = await world.consents.history(memberId);
    expect(history.map(({ sequence, subjectId, kind }) => [sequence, subjectId, kind])).toEqual([
      [4, 'personalisation', 'refused'],
      [3, 'marketing-email', 'given'],
      [2, 'privacy-notice', 'acknowledged'],
      [1, 'program-terms', 'accepted'],
    ]);
    expect(await world.eventsOf(memberId)).toEqual([
      'consent.recorded program-terms 1.0 accepted',
      'consent.recorded privacy-notice 1.0 acknowledged',
      'consent.recorded marketing-email 1.0 given',
      'consent.recorded personalisation 1.0 refused',
    ]);
    const { version, purposes } = await world.consents.current(memberId);
    expect(version).toBe(4);
    expect(purposes.map(({ purposeId, kind }) => [purposeId, kind])).toEqual([
      ['program-terms', 'accepted'],
      ['privacy-notice', 'acknowledged'],
      ['marketing-email', 'given'],
      ['personalisation', 'refused'],
    ]);
  });

  it('of nobody are an empty standing', async () => {
    expect(await world.consents.current(world.member())).toMatchObject({
      version: 0,
      purposes: [],
      grants: [],
    });
    expect(await world.consents.history(world.member())).toEqual([]);
  });

  it('without any decision write nothing', async () => {
    const memberId = world.member();
    await decide(memberId);
    expect((await world.consents.current(memberId)).version).toBe(0);
  });
});

/** What the types refuse, as a caller that ignores them would pass it. */
const forged = (text: LegalText, kind: string): Decision => JSON.parse(JSON.stringify({ text, kind }));

describe('a decision that would be no evidence', () => {
  it.each<[string, () => Decision]>([
    ['without the text’s hash', () => ({ text: { ...marketing, hash: '' }, kind: 'given' })],
    ['without the text’s version', () => ({ text: { ...marketing, version: '' }, kind: 'given' })],
    ['without a jurisdiction', () => ({ text: { ...marketing, jurisdiction: '' }, kind: 'given' })],
    ['that refuses terms', () => forged(terms, 'refused')],
    ['that accepts a purpose', () => forged(marketing, 'accepted')],
  ])('is refused: one %s', async (_what, decision) => {
    const memberId = world.member();
    await expect(decide(memberId, { text: terms, kind: 'accepted' }, decision())).rejects.toMatchObject({
      code: 'input.invalid',
    });
    expect(await world.consents.history(memberId)).toEqual([]);
    expect(await world.eventsOf(memberId)).toEqual([]);
  });
});

describe('withdrawing', () => {
  it('appends to the ledger what was withdrawn, and the earlier decision stays', async () => {
    const memberId = world.member();
    await decide(memberId, { text: marketing, kind: 'given' });
    const given = (await world.consents.history(memberId))[0];
    world.clock.move(1000);
    expect(await world.consents.withdraw(memberId, 'marketing-email', visitOf())).toBe(true);
    const [withdrawn, earlier] = await world.consents.history(memberId);
    expect(earlier).toEqual(given);
    expect(withdrawn).toMatchObject({
      sequence: 2,
      kind: 'withdrawn',
      version: '1.0',
      textHash: marketing.hash,
      language: 'en',
      lawfulBasis: 'a',
      jurisdiction: 'US',
    });
    expect((await world.consents.current(memberId)).purposes[0]?.kind).toBe('withdrawn');
    expect(await world.eventsOf(memberId)).toEqual([
      'consent.recorded marketing-email 1.0 given',
      'consent.recorded marketing-email 1.0 withdrawn',
    ]);
  });

  it('twice, or what was refused or never decided, changes nothing', async () => {
    const memberId = world.member();
    await decide(memberId, { text: marketing, kind: 'given' }, { text: personalisation, kind: 'refused' });
    await world.consents.withdraw(memberId, 'marketing-email', visitOf());
    for (const purpose of ['marketing-email', 'personalisation', 'partner-sharing', 'unknown']) {
      expect(await world.consents.withdraw(memberId, purpose, visitOf())).toBe(false);
    }
    expect(await world.consents.history(memberId)).toHaveLength(3);
    expect(await world.consents.withdraw(world.member(), 'marketing-email', visitOf())).toBe(false);
  });

  it.each(['program-terms', 'privacy-notice'])('is not possible for %s', async (id) => {
    const memberId = world.member();
    await decide(memberId, { text: terms, kind: 'accepted' }, { text: notice, kind: 'acknowledged' });
    await expect(world.consents.withdraw(memberId, id, visitOf())).rejects.toEqual(
      new DomainError('consent.not_withdrawable'),
    );
  });

  it('can be followed by giving again', async () => {
    const memberId = world.member();
    await decide(memberId, { text: marketing, kind: 'given' });
    await world.consents.withdraw(memberId, 'marketing-email', visitOf());
    await decide(memberId, { text: marketing, kind: 'given' });
    expect((await world.consents.current(memberId)).purposes).toMatchObject([{ kind: 'given' }]);
    expect(await world.consents.history(memberId)).toHaveLength(3);
  });
});

describe('what is missing', () => {
  it('are the terms whose very version was never accepted', async () => {
    const memberId = world.member();
    expect(await world.consents.missing(memberId, [terms])).toEqual([terms]);
    await decide(memberId, { text: terms, kind: 'accepted' });
    expect(await world.consents.missing(memberId, [terms])).toEqual([]);
    const changed = { ...terms, version: '2.0', hash: 'other' };
    expect(await world.consents.missing(memberId, [changed])).toEqual([changed]);
  });

  it('does not depend on the language it was accepted in, nor on the brand', async () => {
    const memberId = world.member();
    await decide(memberId, { text: terms, kind: 'accepted' });
    expect(await world.consents.missing(memberId, world.texts('ja').terms)).toEqual([]);
  });

  it('are a brand’s own terms at the first visit', async () => {
    const memberId = world.member();
    await decide(memberId, { text: terms, kind: 'accepted' });
    const club: TermsText = { ...terms, id: 'club-terms', brands: ['volt'] };
    expect(await world.consents.missing(memberId, [terms, club])).toEqual([club]);
  });

  it('knows which purposes were never decided: a refusal is a decision', async () => {
    const memberId = world.member();
    await decide(memberId, { text: personalisation, kind: 'refused' });
    expect(await world.consents.undecided(memberId, [marketing, personalisation])).toEqual([marketing]);
  });
});

describe('an aborted transaction', () => {
  it('leaves neither decision nor standing nor event', async () => {
    const memberId = world.member();
    const aborted = inTransaction(world.db, async (tx) => {
      await world.consents.record(tx, {
        memberId,
        home: 'us',
        decisions: [{ text: terms, kind: 'accepted' }],
        visit: visitOf(),
        channel: 'web',
      });
      throw new Error('injected');
    });
    await expect(aborted).rejects.toThrow('injected');
    expect(await world.consents.history(memberId)).toEqual([]);
    expect((await world.consents.current(memberId)).version).toBe(0);
    expect(await world.eventsOf(memberId)).toEqual([]);
  });

  it('by an event that cannot be written leaves the earlier standing', async () => {
    const memberId = world.member();
    await decide(memberId, { text: marketing, kind: 'given' });
    const failing = world.consentsWith({
      events: { ...world.events, record: () => Promise.reject(new Error('injected')) },
    });
    await expect(failing.withdraw(memberId, 'marketing-email', visitOf())).rejects.toThrow('injected');
    expect((await world.consents.current(memberId)).purposes).toMatchObject([{ kind: 'given' }]);
    expect(await world.consents.history(memberId)).toHaveLength(1);
  });
});

describe('two tabs that decide at once', () => {
  it('both stand in the ledger, and the standing is the later one', async () => {
    for (let round = 0; round < 5; round += 1) {
      const memberId = world.member();
      await Promise.all([
        decide(memberId, { text: marketing, kind: 'given' }),
        decide(memberId, { text: marketing, kind: 'refused' }),
      ]);
      const [later, earlier, ...rest] = await world.consents.history(memberId);
      expect(rest).toEqual([]);
      expect([later?.sequence, earlier?.sequence]).toEqual([2, 1]);
      expect([later?.kind, earlier?.kind].sort()).toEqual(['given', 'refused']);
      const { version, purposes } = await world.consents.current(memberId);
      expect(version).toBe(2);
      expect(purposes).toMatchObject([{ kind: later?.kind, decisionId: later?.id }]);
      expect(await world.eventsOf(memberId)).toHaveLength(2);
    }
  });

  it('on different purposes lose neither', async () => {
    const memberId = world.member();
    await decide(memberId, { text: terms, kind: 'accepted' });
    await Promise.all([
      decide(memberId, { text: marketing, kind: 'given' }),
      decide(memberId, { text: personalisation, kind: 'given' }),
      world.consents.withdraw(memberId, 'partner-sharing', visitOf()),
    ]);
    const { version, purposes } = await world.consents.current(memberId);
    expect(version).toBe(3);
    expect(purposes.map(({ purposeId }) => purposeId).sort()).toEqual([
      'marketing-email',
      'personalisation',
      'program-terms',
    ]);
  });

  it('by withdrawing the same purpose withdraw it once', async () => {
    const memberId = world.member();
    await decide(memberId, { text: marketing, kind: 'given' });
    const withdraw = () => world.consents.withdraw(memberId, 'marketing-email', visitOf());
    expect((await Promise.all([withdraw(), withdraw()])).sort()).toEqual([false, true]);
    expect(await world.consents.history(memberId)).toHaveLength(2);
  });
});
