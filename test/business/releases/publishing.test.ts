import { describe, expect, it } from '@jest/globals';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import type { JsonObject } from '../../../src/business/layers/json.ts';
import type { Draft } from '../../../src/business/releases/draft.ts';
import type { Target } from '../../../src/business/releases/target.ts';
import { shippedItems } from '../../support/configuration.ts';
import { ana, anybodyMay, ben, refusal, type TestReleases, testReleases } from './releases-of-test.ts';

const everywhere: Target = 'all';
const europe: Target = { regions: ['europe'], markets: [] };
const germany: Target = { regions: [], markets: ['de'] };

const password = (minLength: number, item = 'program') => ({ item, patch: { password: { minLength } } });

/** A draft with some edits, handed in. */
async function handedIn(
  { workflow }: TestReleases,
  edits: { item: string; patch: JsonObject }[],
  target: Target = everywhere,
): Promise<Draft> {
  const opened = await workflow.drafts.open({ message: 'A longer password', target }, ana);
  return workflow.drafts.submit(await workflow.drafts.edit(opened, edits, ana), ana);
}

/** The shortest password that a market asks for. */
const shortest = ({ releases }: TestReleases, market: string) =>
  releases.live.current().of(market).configuration.settingsOf({ brand: 'volt', market }).password.minLength;

const strict = () =>
  new Map(shippedItems()).set('program', { ...shippedItems().get('program'), approvals: 1 });

describe('publishing a draft', () => {
  it('makes a release of it that knows where it comes from, and makes that live', async () => {
    const world = await testReleases();
    const first = world.releases.live.current().all.release;
    const draft = await handedIn(world, [password(12)]);
    const done = await world.workflow.publishing.publish(draft, {}, ben);
    const { release } = world.releases.live.current().all;
    expect(release).toMatchObject({ parent: first.id, author: ana.by, message: 'A longer password' });
    expect(shortest(world, 'de')).toBe(12);
    expect(done.publication).toMatchObject({
      kind: 'publish',
      release: release.id,
      by: ben.by,
      version: 2,
      draft: draft.id,
    });
    expect(done.draft).toMatchObject({
      state: 'published',
      stages: [{ release: release.id, onto: first.id, target: 'all' }],
    });
    expect(await refusal(world.workflow.publishing.publish(done.draft, {}, ben))).toBe('draft.closed');
    expect((await world.events()).at(-1)).toMatchObject({
      type: 'configuration.published',
      data: { release: release.id, regions: '', markets: '', version: 2, draft: draft.id },
    });
  });

  it('reaches only the places it is aimed at', async () => {
    const world = await testReleases();
    const draft = await handedIn(world, [password(12)], europe);
    await world.workflow.publishing.publish(draft, {}, ana);
    expect([shortest(world, 'de'), shortest(world, 'us'), shortest(world, 'jp')]).toEqual([
      12,
      undefined,
      undefined,
    ]);
  });

  it('goes from a market to its region to everywhere, with one release, and each step is recorded', async () => {
    const world = await testReleases();
    const { publishing, history } = world.workflow;
    const draft = await handedIn(world, [password(12)]);
    const one = await publishing.publish(draft, { target: germany }, ana);
    expect(one.draft.state).toBe('approved');
    expect([shortest(world, 'de'), shortest(world, 'us')]).toEqual([12, undefined]);
    const two = await publishing.publish(one.draft, { target: europe }, ana);
    const three = await publishing.publish(two.draft, {}, ana);
    expect(three.draft.state).toBe('published');
    expect(three.draft.stages.map(({ target, head }) => [target, head])).toEqual([
      [germany, 2],
      [europe, 3],
      ['all', 4],
    ]);
    expect(new Set(three.draft.stages.map(({ release }) => release)).size).toBe(1);
    expect(world.releases.live.current().own).toEqual([]);
    const { items } = await history.publications({ limit: 3 });
    expect(items.map(({ target, draft: of }) => [target, of])).toEqual([
      ['all', draft.id],
      [europe, draft.id],
      [germany, draft.id],
    ]);
  });

  it('can be mended between two stages', async () => {
    const world = await testReleases();
    const { publishing, drafts } = world.workflow;
    const staged = await publishing.publish(await handedIn(world, [password(12)]), { target: germany }, ana);
    const mended = await drafts.submit(await drafts.edit(staged.draft, [password(13)], ana), ana);
    const again = await publishing.publish(mended, { target: germany }, ana);
    expect([shortest(world, 'de'), shortest(world, 'us')]).toEqual([13, undefined]);
    await publishing.publish(again.draft, {}, ana);
    expect([shortest(world, 'de'), shortest(world, 'us')]).toEqual([13, 13]);
  });

  it('does not go beyond what the draft is meant for, nor to places that are not', async () => {
    const world = await testReleases();
    const draft = await handedIn(world, [password(12)], europe);
    const { publishing } = world.workflow;
    expect(await refusal(publishing.publish(draft, { target: 'all' }, ana))).toBe('draft.outside_target');
    const us = { regions: [], markets: ['us'] };
    expect(await refusal(publishing.publish(draft, { target: us }, ana))).toBe('draft.outside_target');
    expect(
      await refusal(publishing.publish(draft, { target: { regions: ['mars'], markets: [] } }, ana)),
    ).toBe('target.unknown');
    await publishing.publish(draft, { target: germany }, ana);
  });

  it('needs the approvals that the live program asks for by then', async () => {
    const world = await testReleases();
    const { publishing, drafts } = world.workflow;
    const mine = await handedIn(world, [password(12)]);
    expect(mine.state).toBe('approved');
    await publishing.publish(await handedIn(world, [{ item: 'program', patch: { approvals: 1 } }]), {}, ana);
    expect(await refusal(publishing.publish(mine, {}, ana))).toBe('draft.not_approved');
    await publishing.publish(await drafts.approve(mine, ben), {}, ana);
    expect(shortest(world, 'de')).toBe(12);
  });

  it('is refused to a draft that was not handed in, and in between two versions', async () => {
    const world = await testReleases();
    const { publishing, drafts } = world.workflow;
    const opened = await drafts.open({ message: 'Not yet' }, ana);
    const mine = await drafts.edit(opened, [password(12)], ana);
    expect(await refusal(publishing.publish(mine, {}, ana))).toBe('draft.not_submitted');
    expect(await refusal(publishing.publish(opened, {}, ana))).toBe('draft.changed');
  });

  it('ends nobody’s own release unseen', async () => {
    const world = await testReleases();
    const { publishing } = world.workflow;
    await publishing.publish(await handedIn(world, [password(12)], germany), {}, ana);
    const mine = await handedIn(world, [password(10)]);
    expect(await refusal(publishing.publish(mine, {}, ana))).toBe('draft.places_differ');
    expect(shortest(world, 'de')).toBe(12);
    const again = await world.workflow.drafts.get(mine.id);
    await publishing.publish(again, { ending: true }, ana);
    expect(shortest(world, 'de')).toBe(10);
    await publishing.publish(await handedIn(world, [password(14)], europe), {}, ana);
    const markets = { regions: [], markets: ['de', 'us'] };
    const both = await handedIn(world, [{ item: 'program', patch: { name: 'Both' } }], markets);
    expect(await refusal(publishing.publish(both, {}, ana))).toBe('draft.places_differ');
  });
});

describe('a draft that something else was published before', () => {
  it('is applied to what is live by now', async () => {
    const world = await testReleases();
    const { publishing } = world.workflow;
    const mine = await handedIn(world, [password(12)]);
    await publishing.publish(
      await handedIn(world, [{ item: 'program', patch: { name: 'Philia' } }]),
      {},
      ben,
    );
    expect(await world.workflow.drafts.check(mine.id)).toMatchObject({
      stale: true,
      conflicts: [],
      faults: [],
    });
    await publishing.publish(mine, {}, ana);
    const { program } = world.releases.live.current().all.configuration;
    expect([program.name, shortest(world, 'de')]).toEqual(['Philia', 12]);
  });

  it('does not bring back what was rolled back', async () => {
    const world = await testReleases();
    const { publishing } = world.workflow;
    const first = world.releases.live.current().all.release.id;
    await publishing.publish(
      await handedIn(world, [{ item: 'program', patch: { name: 'A mistake' } }]),
      {},
      ben,
    );
    const mine = await handedIn(world, [password(12)]);
    await publishing.rollBack({ release: first, target: 'all', reason: 'The name is wrong' }, ben);
    await publishing.publish(mine, {}, ana);
    const { program } = world.releases.live.current().all.configuration;
    expect([program.name, shortest(world, 'de')]).toEqual(['Xenia', 12]);
  });

  it('is refused where both changed one key, until it is said which side counts', async () => {
    const world = await testReleases({ items: strict() });
    const { publishing, drafts } = world.workflow;
    const mine = await drafts.approve(
      await handedIn(world, [password(12), { item: 'markets/de', patch: { timeZone: 'Europe/Paris' } }]),
      ben,
    );
    const theirs = await drafts.approve(await handedIn(world, [password(14)]), ben);
    await publishing.publish(theirs, {}, ben);
    expect(await refusal(publishing.publish(mine, {}, ana))).toBe('draft.conflicts');
    const now = await drafts.get(mine.id);
    const refused = await drafts.rebase(now, {}, ana);
    expect(refused.conflicts).toEqual([
      { item: 'program', keys: ['password', 'minLength'], key: 'password.minLength', theirs: 14, yours: 12 },
    ]);
    expect(refused.draft).toEqual(now);
    const theirSide = await drafts.rebase(now, { take: () => 'theirs' }, ana);
    expect(theirSide.draft).toMatchObject({
      state: 'open',
      approvals: [],
      changes: [{ item: 'markets/de' }],
    });
  });

  it('keeps its approvals when it is carried over as it is', async () => {
    const world = await testReleases({ items: strict() });
    const { publishing, drafts } = world.workflow;
    const mine = await drafts.approve(await handedIn(world, [password(12)]), ben);
    const theirs = await drafts.approve(
      await handedIn(world, [{ item: 'program', patch: { name: 'Philia' } }]),
      ben,
    );
    await publishing.publish(theirs, {}, ben);
    const { draft, conflicts } = await drafts.rebase(mine, {}, ana);
    expect(conflicts).toEqual([]);
    expect(draft).toMatchObject({ state: 'approved', approvals: [{ by: ben.by }], content: mine.content });
    expect(draft.base).toBe(world.releases.live.current().all.release.id);
    expect(await drafts.check(draft.id)).toMatchObject({ stale: false, conflicts: [], faults: [] });
  });

  it('has nothing left to publish when the same is live already', async () => {
    const world = await testReleases();
    const mine = await handedIn(world, [password(12)]);
    await world.workflow.publishing.publish(await handedIn(world, [password(12)]), {}, ben);
    expect(await refusal(world.workflow.publishing.publish(mine, {}, ana))).toBe('draft.empty');
  });

  it('is judged as a whole with what is live by now', async () => {
    const world = await testReleases();
    const mine = await handedIn(world, [password(9, 'brands/volt/brand')]);
    const lock = { item: 'program', patch: { password: { minLength: 12 }, lock: ['password.minLength'] } };
    await world.workflow.publishing.publish(await handedIn(world, [lock]), {}, ben);
    const before = world.releases.live.current().version;
    expect(await refusal(world.workflow.publishing.publish(mine, {}, ana))).toEqual([
      '  - brands/volt/brand: password.minLength: expected at least 12, locked by program, got 9',
    ]);
    await world.releases.live.reload();
    expect(world.releases.live.current().version).toBe(before);
  });
});

describe('a planned publication', () => {
  const hour = 3_600_000;
  const inAnHour = ({ clock }: TestReleases) => ({ at: new Date(clock.now() + hour) });

  it('happens at its time, once, however many processes look', async () => {
    const world = await testReleases();
    const other = await testReleases({ db: world.db });
    const draft = await handedIn(world, [password(12)]);
    const planned = await world.workflow.publishing.schedule(draft, inAnHour(world), ben);
    expect(planned.schedule).toEqual({ ...inAnHour(world), by: ben.by, target: 'all' });
    expect(await world.workflow.publishing.carryOutDue(anybodyMay)).toMatchObject({ published: 0 });
    world.clock.move(hour);
    other.clock.move(hour);
    const reports = await Promise.all(
      [world, other, world, other].map((each) => each.workflow.publishing.carryOutDue(anybodyMay)),
    );
    expect(reports.reduce((sum, { published }) => sum + published, 0)).toBe(1);
    await Promise.all([world, other].map(({ releases }) => releases.live.reload()));
    expect([shortest(world, 'de'), shortest(other, 'de')]).toEqual([12, 12]);
    const { items } = await world.workflow.history.publications();
    expect(items.map(({ draft: of, by }) => [of, by])).toEqual([
      [draft.id, ben.by],
      [undefined, { kind: 'system', id: 'first-start' }],
    ]);
  });

  it('is not planned for a time that is past, but for a clock that is a little behind', async () => {
    const world = await testReleases();
    const { publishing, drafts } = world.workflow;
    const draft = await handedIn(world, [password(12)]);
    const ago = (ms: number) => ({ at: new Date(world.clock.now() - ms) });
    expect(await refusal(publishing.schedule(draft, ago(60_001), ben))).toBe('draft.time_past');
    expect(await drafts.get(draft.id)).toEqual(draft);
    await publishing.schedule(draft, ago(60_000), ben);
    expect(await publishing.carryOutDue(anybodyMay)).toMatchObject({ published: 1 });
  });

  it('can be called off, and does not outlive a change of the draft', async () => {
    const world = await testReleases();
    const { publishing, drafts } = world.workflow;
    const planned = await publishing.schedule(await handedIn(world, [password(12)]), inAnHour(world), ben);
    const off = await publishing.cancel(planned, ana);
    expect(off).toMatchObject({ state: 'approved', schedule: undefined });
    const again = await publishing.schedule(off, inAnHour(world), ben);
    const edited = await drafts.edit(again, [password(13)], ana);
    expect(edited.schedule).toBeUndefined();
    world.clock.move(hour);
    expect(await publishing.carryOutDue(anybodyMay)).toEqual({ published: 0, failed: 0, trouble: undefined });
    expect(world.releases.live.current().version).toBe(1);
  });

  it('does not happen when whoever planned it may not publish any more, and says so on the draft', async () => {
    const world = await testReleases();
    const { publishing, drafts } = world.workflow;
    const draft = await handedIn(world, [password(9, 'brands/volt/brand')]);
    await publishing.schedule(draft, inAnHour(world), ben);
    world.clock.move(hour);
    const asked: unknown[] = [];
    const report = await publishing.carryOutDue(async (by, items) => {
      asked.push(by, items);
      return false;
    });
    expect(asked).toEqual([ben.by, ['brands/volt/brand']]);
    expect(report).toEqual({ published: 0, failed: 1, trouble: undefined });
    expect(await drafts.get(draft.id)).toMatchObject({
      state: 'approved',
      schedule: undefined,
      failure: { code: 'permission.missing' },
    });
    expect(world.releases.live.current().version).toBe(1);
  });

  it('is judged again, and says on the draft why it failed', async () => {
    const world = await testReleases();
    const { publishing, drafts } = world.workflow;
    const draft = await handedIn(world, [password(9, 'brands/volt/brand')]);
    await publishing.schedule(draft, inAnHour(world), ben);
    const lock = { item: 'program', patch: { password: { minLength: 12 }, lock: ['password.minLength'] } };
    await publishing.publish(await handedIn(world, [lock]), {}, ben);
    world.clock.move(hour);
    expect(await publishing.carryOutDue(anybodyMay)).toEqual({ published: 0, failed: 1, trouble: undefined });
    expect(await drafts.get(draft.id)).toMatchObject({
      state: 'approved',
      schedule: undefined,
      failure: {
        code: 'configuration.refused',
        faults: [{ item: 'brands/volt/brand', key: 'password.minLength' }],
      },
    });
    expect((await world.events()).at(-1)).toMatchObject({
      type: 'configuration.draft_failed',
      actor: { kind: 'member', id: 'ben' },
      data: { draft: draft.id, code: 'configuration.refused' },
    });
    expect(await publishing.carryOutDue(anybodyMay)).toEqual({ published: 0, failed: 0, trouble: undefined });
  });
});

describe('going back', () => {
  it('makes an earlier release live for everywhere or for a place, with the reason', async () => {
    const world = await testReleases();
    const { publishing, history } = world.workflow;
    const first = world.releases.live.current().all.release.id;
    await publishing.publish(await handedIn(world, [password(12)]), {}, ana);
    const back = await publishing.rollBack(
      { release: first, target: germany, reason: 'Too long for Germany' },
      ben,
    );
    expect([shortest(world, 'de'), shortest(world, 'us')]).toEqual([undefined, 12]);
    expect(back).toMatchObject({
      kind: 'rollback',
      reason: 'Too long for Germany',
      target: germany,
      by: ben.by,
    });
    await publishing.rollBack({ release: first, target: 'all', reason: 'Too long' }, ben);
    expect([shortest(world, 'de'), shortest(world, 'us')]).toEqual([undefined, undefined]);
    expect(world.releases.live.current().own).toEqual([]);
    expect(await history.publication()).toMatchObject({ kind: 'rollback', version: 4 });
    expect((await world.events()).at(-1)).toMatchObject({
      type: 'configuration.rolled_back',
      data: { release: first },
    });
  });

  it('undoes the last publication in every place at once, and only the last one', async () => {
    const world = await testReleases();
    const { publishing, history } = world.workflow;
    await publishing.publish(await handedIn(world, [password(12)], germany), {}, ana);
    const everywhere = await publishing.publish(await handedIn(world, [password(10)]), { ending: true }, ana);
    expect([shortest(world, 'de'), shortest(world, 'us')]).toEqual([10, 10]);
    const { id } = everywhere.publication;
    const undone = await publishing.undo({ publication: id, reason: 'Germany was meant to stay' }, ben);
    expect([shortest(world, 'de'), shortest(world, 'us')]).toEqual([12, undefined]);
    expect(undone).toMatchObject({ kind: 'undo', undone: id, version: 4 });
    expect(await refusal(publishing.undo({ publication: id, reason: 'Again' }, ben))).toBe(
      'publication.not_last',
    );
    const first = await history.publication(1);
    expect(await refusal(publishing.undo({ publication: first?.id ?? '', reason: 'More' }, ben))).toBe(
      'publication.not_last',
    );
  });

  it('records of an undo in one market the release that comes back there', async () => {
    const world = await testReleases();
    const { publishing, history } = world.workflow;
    const first = await publishing.publish(await handedIn(world, [password(12)], germany), {}, ana);
    const second = await publishing.publish(await handedIn(world, [password(14)], germany), {}, ana);
    const undone = await publishing.undo({ publication: second.publication.id, reason: 'Too long' }, ben);
    expect([undone.release, shortest(world, 'de')]).toEqual([first.publication.release, 12]);
    const again = await publishing.undo({ publication: undone.id, reason: 'Not too long' }, ben);
    expect([again.release, shortest(world, 'de')]).toEqual([second.publication.release, 14]);
    expect((await history.publication())?.release).toBe(second.publication.release);
  });

  it('leads only to what was live at the place', async () => {
    const world = await testReleases();
    const { publishing } = world.workflow;
    const local = await publishing.publish(await handedIn(world, [password(12)], germany), {}, ana);
    const { release } = local.publication;
    const back = (target: Target, to = release) =>
      publishing.rollBack({ release: to, target, reason: 'Try' }, ben);
    expect(await refusal(back('all'))).toBe('release.never_live');
    expect(await refusal(back(europe))).toBe('release.never_live');
    expect(await refusal(back('all', 'none'))).toBe('release.unknown');
    await back(germany);
    expect(shortest(world, 'us')).toBeUndefined();
  });

  it('is no way around the second person, but for whoever runs the machines', async () => {
    const world = await testReleases();
    const { publishing } = world.workflow;
    const first = world.releases.live.current().all.release.id;
    const stricter = await publishing.publish(
      await handedIn(world, [{ item: 'program', patch: { approvals: 1 } }]),
      {},
      ana,
    );
    const back = { release: first, target: 'all' as const, reason: 'Quicker' };
    expect(await refusal(publishing.rollBack(back, ben))).toBe('release.fewer_approvals');
    expect(
      await refusal(publishing.undo({ publication: stricter.publication.id, reason: 'Quicker' }, ben)),
    ).toBe('release.fewer_approvals');
    await publishing.rollBack(back, { by: { kind: 'operator', id: 'root' }, visit: systemVisit('cli') });
    expect(world.releases.live.current().all.release.id).toBe(first);
  });

  it('leaves every legal text that was live where it can be read', async () => {
    const world = await testReleases();
    const { publishing } = world.workflow;
    const first = world.releases.live.current().all.release.id;
    const terms = shippedItems().get('legal/program-terms');
    const { document, texts } = JSON.parse(JSON.stringify(terms));
    document.versions.push({ version: '9.0', validFrom: '2026-01-01' });
    texts['9.0'] = { en: '# New terms\n\n> We change them.\n\nNobody reads them.' };
    await publishing.publish(
      await handedIn(world, [{ item: 'legal/program-terms', patch: { document, texts } }]),
      {},
      ana,
    );
    await publishing.rollBack({ release: first, target: 'all', reason: 'Not yet' }, ben);
    const kept = await world.releases.publishedTexts();
    expect(kept.filter(({ version }) => version === '9.0')).toMatchObject([
      { id: 'program-terms', language: 'en' },
    ]);
    texts['9.0'].en = '# New terms\n\n> We change them again.\n\nNobody reads them.';
    const changed = await world.workflow.drafts.open({ message: 'Another text, same version' }, ana);
    const edited = await world.workflow.drafts.edit(
      changed,
      [{ item: 'legal/program-terms', patch: { document, texts } }],
      ana,
    );
    expect((await world.workflow.drafts.check(edited.id)).faults).toMatchObject([
      { item: 'legal/program-terms', code: 'published_text' },
    ]);
  });
});

describe('the history', () => {
  it('lists publications with the newest first, page by page, and reads a release with its items', async () => {
    const world = await testReleases();
    const { publishing, history } = world.workflow;
    for (const length of [10, 11, 12]) {
      world.clock.move(1_000);
      await publishing.publish(await handedIn(world, [password(length)]), {}, ana);
    }
    const first = await history.publications({ limit: 2 });
    expect(first.items.map(({ version }) => version)).toEqual([4, 3]);
    const second = await history.publications({ limit: 2, cursor: first.next });
    expect(second.items.map(({ version }) => version)).toEqual([2, 1]);
    expect(second.next).toBeUndefined();
    const older = await history.release(first.items[1]?.release ?? '');
    expect(older.items.get('program')).toMatchObject({ password: { minLength: 11 } });
    const ofOne = await history.publications({ release: older.id });
    expect(ofOne.items.map(({ version }) => version)).toEqual([3]);
  });
});
