/** What staff had typed when their sign-in became too old: kept for them, shown again, and carried out by nobody. */
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import type { Page } from '../../support/agent.ts';
import { signIn } from '../../support/people.ts';
import { publishLayers } from '../../support/publishing.ts';
import { type ConsoleWorld, type Person, startConsole, words } from './world.ts';

let world: ConsoleWorld;
let ann: Person;
let first: string;

const live = () => world.issuer.issuer.core.releases.live.current();
const password = (minLength: number) =>
  publishLayers(world.issuer, { 'brands/volt/brand': { password: { minLength } } });
const fieldsOf = (page: Page, action: string) =>
  page.forms.find((form) => form.method === 'POST' && form.action.endsWith(action))?.fields;
const tooOld = () => world.issuer.clock.advance(16 * 60_000);
const undo = '/console/undo';
const told = 'What you entered is still here, and nothing has been done yet.';

beforeAll(async () => {
  world = await startConsole();
  first = live().all.release.id;
});
beforeEach(async () => {
  ann = await world.person('Ann Keller', ['*']);
});

/** Signs in again where a form has led to that. */
async function again(asked: Page, person = ann): Promise<Page> {
  expect(asked.url).toContain('/interaction/');
  return signIn(person.agent, asked, person);
}

describe('what was typed when a sign-in became too old', () => {
  it('is there again after signing in, and is done only when it is sent once more', async () => {
    await password(13);
    const page = await ann.open(undo);
    tooOld();
    const { version } = live();
    const asked = await ann.agent.submit(page, { reason: 'Stations complain <loudly>' });
    for (const url of [asked.url, ...ann.agent.cookies.map(({ value }) => value)])
      expect(decodeURIComponent(url)).not.toContain('complain');
    const back = await again(asked);
    expect([back.status, new URL(back.url).pathname]).toEqual([200, undo]);
    expect(words(back)).toContain(told);
    expect(back.text).toContain('Stations complain &lt;loudly&gt;</textarea>');
    expect(live().version).toBe(version);
    const done = await ann.agent.submit(back, { reason: 'Stations complain' });
    expect(words(done)).toContain('The publication was undone.');
    // Once it is sent nothing is kept.
    await password(14);
    expect((await ann.open(undo)).text).not.toContain('complain');
  });

  it('keeps the places that were chosen for going back', async () => {
    await password(15);
    const path = `/console/releases/${first}/roll-back`;
    const page = await ann.open(`${path}?where=some&region=americas`);
    tooOld();
    const back = await again(await ann.agent.submit(page, { reason: 'Only there' }, 1));
    expect(new URL(back.url).pathname).toBe(path);
    expect(back.text).toContain('Only there</textarea>');
    expect(fieldsOf(back, path)).toMatchObject({ where: 'some', region: 'americas' });
    expect(live().of('us').release.id).not.toBe(first);
  });

  it('keeps what was chosen for publishing', async () => {
    const { drafts } = world.issuer.issuer.core.workflow;
    const ben = await world.person('Ben Osei', ['*']);
    const as = ({ id }: Person) => ({ by: { kind: 'member' as const, id }, visit: systemVisit('test') });
    const opened = await drafts.open({ message: 'Longer' }, as(ben));
    const patch = { password: { minLength: 21 } };
    const edited = await drafts.edit(opened, [{ item: 'brands/volt/brand', patch }], as(ben));
    await drafts.approve(await drafts.submit(edited, as(ben)), as(ann));
    const path = `/console/drafts/${opened.id}/publish`;
    const chosen = { where: 'some', region: 'americas', when: 'later', at: '2099-07-01T09:30', zone: 'UTC' };
    const page = await ann.open(path);
    tooOld();
    const back = await again(await ann.agent.submit(page, chosen, path));
    expect(words(back)).toContain(told);
    expect(back.text).toMatch(/name="when" value="later" checked/);
    expect(back.text).toMatch(/name="region" value="americas" checked/);
    expect(fieldsOf(back, path)).toMatchObject({ at: '2099-07-01T09:30' });
    const draft = await drafts.get(opened.id);
    expect([draft.state, draft.schedule]).toEqual(['approved', undefined]);
    const planned = await ann.agent.submit(back, chosen, path);
    expect(words(planned)).toContain('The publication is planned.');
  });

  it('says so when what it was typed for has changed meanwhile', async () => {
    await password(16);
    const page = await ann.open(undo);
    tooOld();
    const asked = await ann.agent.submit(page, { reason: 'Not that one' });
    await password(17);
    const back = await again(asked);
    expect([back.status, back.title]).toEqual([409, expect.stringMatching(/^Error:/)]);
    expect(back.text).toContain('Not that one</textarea>');
  });

  it('is shown to nobody else, and in no other session', async () => {
    await password(18);
    const page = await ann.open(undo);
    tooOld();
    const asked = await ann.agent.submit(page, { reason: 'For my eyes' });
    const eve = await world.person('Eve Moreau', ['*']);
    expect((await eve.open(undo)).text).not.toContain('For my eyes');
    const elsewhere = world.issuer.agent();
    const other = await signIn(elsewhere, await elsewhere.open(undo), ann);
    expect([other.status, other.text.includes('For my eyes')]).toEqual([200, false]);
    expect((await again(asked)).text).toContain('For my eyes');
  });

  it('is gone after a quarter of an hour', async () => {
    await password(19);
    const page = await ann.open(undo);
    tooOld();
    const asked = await ann.agent.submit(page, { reason: 'Too slow' });
    world.issuer.clock.advance(15 * 60_000);
    const back = await again(asked);
    expect(new URL(back.url).pathname).toBe(undo);
    expect(back.text).not.toContain('Too slow');
  });

  it('stands in the database only sealed, and not at all for a form that is none of ours', async () => {
    const kept = () => world.issuer.issuer.core.db.main.collection('keptForms').find().toArray();
    await password(20);
    const page = await ann.open(undo);
    tooOld();
    const { length } = await kept();
    const forged = await ann.agent.request(undo, { form: { seen: 'x', reason: 'forged', _csrf: 'forged' } });
    expect([forged.status, (await kept()).length]).toEqual([403, length]);
    await ann.agent.submit(page, { reason: 'Unreadable' });
    const rows = await kept();
    expect(rows).toHaveLength(length + 1);
    expect(JSON.stringify(rows)).not.toMatch(new RegExp(`Unreadable|${ann.id}|undo`));
  });
});
