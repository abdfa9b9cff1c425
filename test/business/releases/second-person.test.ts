import { describe, expect, it } from '@jest/globals';
import type { Draft } from '../../../src/business/releases/draft.ts';
import type { Author } from '../../../src/business/releases/model.ts';
import { shippedItems } from '../../support/configuration.ts';
import { ana, anybodyMay, ben, cem, refusal, testReleases, who } from './releases-of-test.ts';

const pipeline = who('pipeline', 'client');
const change = [{ item: 'program', patch: { password: { minLength: 12 } } }];

/** Releases that ask for one approval; what is known of the staff may change. */
async function world() {
  const staff = { answering: [] as Author[], barred: new Set<string>() };
  const made = await testReleases({
    items: new Map(shippedItems()).set('program', { ...shippedItems().get('program'), approvals: 1 }),
    standing: {
      mayApprove: async ({ id }, items) => items.includes('program') && !staff.barred.has(id),
      answerFor: async (machine) => (machine === 'pipeline' ? staff.answering : []),
    },
  });
  const { drafts, publishing } = made.workflow;
  return {
    staff,
    drafts,
    publishing,
    clock: made.clock,
    async handedIn(by = ana): Promise<Draft> {
      const opened = await drafts.open({ message: 'Longer passwords' }, by);
      return drafts.submit(await drafts.edit(opened, change, by), by);
    },
  };
}

describe('what a machine drafts', () => {
  it('is approved by nobody who answers for it', async () => {
    const { staff, drafts, handedIn } = await world();
    staff.answering = [ben.by];
    const draft = await handedIn(pipeline);
    expect(draft.editors).toEqual([pipeline.by, ben.by]);
    expect(await refusal(drafts.approve(draft, ben))).toBe('draft.approval_refused');
    expect(await drafts.approve(draft, cem)).toMatchObject({ state: 'approved' });
  });

  it('is approved by nobody who answered for it then, nor by whoever does by now', async () => {
    const { staff, drafts, publishing, handedIn } = await world();
    staff.answering = [ben.by];
    const draft = await handedIn(pipeline);
    staff.answering = [cem.by];
    expect(await refusal(drafts.approve(draft, ben))).toBe('draft.approval_refused');
    expect(await refusal(drafts.approve(draft, cem))).toBe('draft.approval_refused');
    const approved = await drafts.approve(draft, ana);
    staff.answering = [cem.by, ana.by];
    expect(await drafts.get(draft.id)).toMatchObject({ state: 'submitted', approvals: [] });
    expect(await refusal(publishing.publish(approved, {}, cem))).toBe('draft.not_approved');
  });

  it('waits until somebody answers for it, whoever else changed the draft', async () => {
    const { staff, drafts, handedIn } = await world();
    const draft = await drafts.describe(await handedIn(), { message: 'Much longer' }, pipeline);
    const again = await drafts.submit(draft, ana);
    expect(await refusal(drafts.approve(again, cem))).toBe('draft.nobody_responsible');
    staff.answering = [ben.by];
    expect(await refusal(drafts.approve(again, ben))).toBe('draft.approval_refused');
    expect(await drafts.approve(again, cem)).toMatchObject({ state: 'approved' });
  });
});

describe('an approval', () => {
  it('counts as long as its giver may give it, and is shown no longer', async () => {
    const { staff, drafts, publishing, handedIn, clock } = await world();
    const approved = await drafts.approve(await handedIn(), ben);
    const idsOf = async (state: Draft['state']) => (await drafts.list({ state })).items.map(({ id }) => id);
    expect([await idsOf('submitted'), await idsOf('approved')]).toEqual([[], [approved.id]]);

    staff.barred.add('ben');
    expect(await drafts.get(approved.id)).toMatchObject({ state: 'submitted', approvals: [] });
    expect([await idsOf('submitted'), await idsOf('approved')]).toEqual([[approved.id], []]);
    expect(await refusal(publishing.publish(approved, {}, ana))).toBe('draft.not_approved');
    const at = new Date(clock.now() + 60_000);
    expect(await refusal(publishing.schedule(approved, { at }, ana))).toBe('draft.not_approved');

    const instead = await drafts.approve(await drafts.get(approved.id), cem);
    expect(instead).toMatchObject({ state: 'approved', approvals: [{ by: cem.by }] });
    staff.barred.delete('ben');
    const { draft } = await publishing.publish(await drafts.get(approved.id), {}, ana);
    staff.barred.add('ben').add('cem');
    // What is over says who approved it then.
    expect((await drafts.get(draft.id)).approvals.map(({ by }) => by)).toEqual([ben.by, cem.by]);
  });

  it('is asked for again when a planned publication is due', async () => {
    const { staff, drafts, publishing, handedIn, clock } = await world();
    const approved = await drafts.approve(await handedIn(), ben);
    await publishing.schedule(approved, { at: new Date(clock.now() + 60_000) }, ana);
    staff.barred.add('ben');
    clock.move(60_000);
    expect(await publishing.carryOutDue(anybodyMay)).toEqual({ published: 0, failed: 1, trouble: undefined });
    expect(await drafts.get(approved.id)).toMatchObject({
      state: 'submitted',
      schedule: undefined,
      failure: { code: 'draft.not_approved' },
    });
  });
});
