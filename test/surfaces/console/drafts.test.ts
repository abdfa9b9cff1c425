/** A change of the configuration in pages: drafted, edited, checked, handed in, approved by others, published. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import type { Page } from '../../support/agent.ts';
import { publishLayers } from '../../support/publishing.ts';
import { type ConsoleWorld, type Person, startConsole, words } from './world.ts';

let world: ConsoleWorld;
let ann: Person;
let ben: Person;

beforeAll(async () => {
  world = await startConsole();
  ann = await world.person('Ann Keller', ['*']);
  ben = await world.person('Ben Osei', ['*']);
});

const live = () => world.issuer.issuer.core.releases.live.current();
const pathOf = ({ url }: Page) => new URL(url).pathname;
const isForm = (page: Page, action: string) =>
  page.forms.some((form) => form.method === 'POST' && form.action.endsWith(action));

/** Opens a draft in pages; the path of its page. */
async function opened(person: Person, message: string, where: Record<string, string> = { where: 'all' }) {
  const items = await person.agent.submit(await person.open('/console/drafts/new'), { message, ...where });
  expect([items.status, pathOf(items)]).toEqual([
    200,
    expect.stringMatching(/^\/console\/drafts\/drf_.+\/items$/),
  ]);
  return pathOf(items).replace(/\/items$/, '');
}

/** Saves an item as a document; where that leads. */
async function saved(person: Person, draft: string, item: string, document: unknown): Promise<Page> {
  const page = await person.open(`${draft}/items/${item}`);
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  return person.agent.submit(page, { document: text }, item);
}

/** What an item says, with something changed on top. */
async function withChange(person: Person, draft: string, item: string, change: object): Promise<object> {
  const page = await person.open(`${draft}/items/${item}`);
  const form = page.forms.find(({ action }) => action.endsWith(item));
  return { ...JSON.parse(form?.fields.document ?? '{}'), ...change };
}

/** A draft of a longer password for a brand, handed in. */
async function handedIn(minLength: number, where?: Record<string, string>): Promise<string> {
  const draft = await opened(ann, `At least ${minLength}`, where);
  const document = await withChange(ann, draft, 'brands/volt/brand', { password: { minLength } });
  await saved(ann, draft, 'brands/volt/brand', document);
  const done = await ann.agent.submit(await ann.open(`${draft}/submit`), {}, '/submit');
  expect(words(done)).toContain('The draft was handed in.');
  return draft;
}

describe('a draft', () => {
  it('is opened once, however often its form is sent, and listed by its state', async () => {
    const form = await ann.open('/console/drafts/new');
    const send = () => ann.agent.submit(form, { message: 'Only once', where: 'all' });
    // Of two at the same instant one opens the draft; the other is answered alike, or told to wait.
    const both = await Promise.all([send(), send()]);
    const first = both.find(({ status }) => status === 200);
    if (!first) throw new Error('nothing was opened');
    expect(both.every((page) => page.status === 409 || pathOf(page) === pathOf(first))).toBe(true);
    const again = await send();
    expect(pathOf(again)).toBe(pathOf(first));
    expect(words(await ann.open('/console/drafts?state=open'))).toContain('Only once Open');
    expect(words(await ann.open('/console/drafts?state=published'))).not.toContain('Only once');
    const { items } = await world.issuer.issuer.core.workflow.drafts.list({ state: 'open', limit: 200 });
    expect(items.filter(({ message }) => message === 'Only once')).toHaveLength(1);
    const nowhere = await ann.agent.submit(form, { message: 'Nowhere', where: 'some' });
    expect([nowhere.status, nowhere.text]).toEqual([422, expect.stringContaining('href="#where"')]);
    expect(words(nowhere)).toContain('Please choose at least one place.');
    const empty = await ann.agent.submit(form, { message: '  ', where: 'all' });
    expect([empty.status, empty.title]).toEqual([422, expect.stringMatching(/^Error:/)]);
  });

  it('shows a manager of one brand only what is that brand’s, and takes only that', async () => {
    const vera = await world.person('Vera Lang', ['brand:volt'], ['read', 'edit']);
    const draft = await opened(vera, 'For volt');
    const items = await vera.open(`${draft}/items`);
    expect(words(items)).toContain('brands/volt/brand');
    expect(words(items)).not.toContain('brands/aurora');
    expect(items.text).not.toContain('/items/markets/de"');
    expect((await vera.agent.request(`${draft}/items/program`)).status).toBe(403);
    const forms = (await vera.open(`${draft}/items/brands/volt/brand`)).forms;
    const { _csrf = '', version = '' } = forms.find(({ action }) => action.endsWith('brand'))?.fields ?? {};
    const forced = await vera.agent.request(`${draft}/items/program`, {
      form: { _csrf, version, document: '{}' },
    });
    expect(forced.status).toBe(403);
  });

  it('takes JSON and YAML, and says of a document that cannot be read what is wrong, with the text kept', async () => {
    const draft = await opened(ann, 'Written by hand');
    const yaml = await saved(ann, draft, 'sites/my-shop', 'password:\n  minLength: 11\n');
    expect(words(yaml)).toContain('Saved.');
    expect(words(yaml)).toContain('sites/my-shop');
    const broken = await saved(ann, draft, 'sites/my-shop', '{ "password": { "minLength": 11 ');
    expect(broken.status).toBe(422);
    expect(words(broken)).toContain('valid JSON');
    expect(broken.forms.find(({ action }) => action.endsWith('my-shop'))?.fields.document).toBe(
      '{ "password": { "minLength": 11 ',
    );
  });

  it('reads no YAML that would hold everybody up', async () => {
    const draft = await opened(ann, 'A long one');
    const keys = Array.from({ length: 4_000 }, (_, at) => `key${at}: 1`).join('\n');
    const refused = await saved(ann, draft, 'sites/my-shop', keys);
    expect(refused.status).toBe(422);
    expect(words(refused)).toContain('at most 32768 characters of YAML, or JSON');
  });

  it('says of each fault where it is, what was expected, what was found and what may have been meant', async () => {
    const draft = await opened(ann, 'With a slip');
    const document = await withChange(ann, draft, 'brands/volt/brand', { pasword: { minLength: 12 } });
    const refused = await saved(ann, draft, 'brands/volt/brand', document);
    expect([refused.status, refused.title]).toEqual([422, expect.stringMatching(/^Error:/)]);
    expect(words(refused)).toContain('/pasword');
    expect(words(refused)).toContain('did you mean password');
    expect(refused.text).toContain('href="#document"');
    expect(refused.forms.find(({ action }) => action.endsWith('brand'))?.fields.document).toContain(
      'pasword',
    );
    expect(words(await ann.open(draft))).toContain('This draft changes nothing yet.');
  });

  it('says which apps are named that nobody has registered, and goes on', async () => {
    const draft = await opened(ann, 'For a site of tomorrow');
    const rules = { kiosk: { ask: ['city'], when: { clients: ['kiosk-of-tomorrow'] } } };
    await saved(ann, draft, 'markets/jp', await withChange(ann, draft, 'markets/jp', { profiling: rules }));
    const check = words(await ann.open(`${draft}/check`));
    expect(check).toContain('There are no faults.');
    expect(check).toContain('markets/jp /profiling/kiosk/when/clients/0');
    expect(check).toContain('"kiosk-of-tomorrow"');
    expect(words(await ann.open(`${draft}/dry-run`))).toContain('"kiosk-of-tomorrow"');
  });

  it('says in which line of the text as it was written a fault is, and how that line reads', async () => {
    const draft = await opened(ann, 'By line');
    const yaml = await saved(ann, draft, 'sites/my-shop', 'password:\r\n  minLength: eleven\r\n');
    expect(yaml.status).toBe(422);
    expect(words(yaml)).toContain('/password/minLength Line 2, column 3 minLength: eleven Expected');
    const json = await saved(ann, draft, 'sites/my-shop', '{\n  "password": { "minlength": 11 }\n}');
    expect(words(json)).toContain('/password/minlength Line 2, column 17 "password": { "minlength": 11 }');
    const broken = await saved(ann, draft, 'sites/my-shop', '{\n  "password": {\n');
    expect(words(broken)).toContain('Line 3, column 1');
  });

  it('tells at an item what is live of it by now, if that is not what the draft began with', async () => {
    const draft = await opened(ann, 'Behind');
    const item = 'brands/volt/brand';
    await saved(ann, draft, item, await withChange(ann, draft, item, { password: { minLength: 26 } }));
    expect(words(await ann.open(`${draft}/items/${item}`))).not.toContain('since the draft began');
    await publishLayers(world.issuer, { [item]: { password: { minLength: 27 } } });
    const page = await ann.open(`${draft}/items/${item}`);
    expect(words(page)).toContain('What is live has changed here since the draft began');
    expect(words(page)).toMatch(/Key Before After password\.minLength nothing 27 Carry over/);
    expect(page.text).toContain(`href="${draft}/rebase"`);
    // Of any other item nothing has changed.
    expect(words(await ann.open(`${draft}/items/markets/jp`))).not.toContain('since the draft began');
    await publishLayers(world.issuer, {});
  });

  it('tells the later of two editors who changed it in between, shows both, and loses nothing', async () => {
    const draft = await opened(ann, 'Two at once');
    const item = 'brands/volt/brand';
    const page = await ann.open(`${draft}/items/${item}`);
    const theirs = await withChange(ben, draft, item, { password: { minLength: 13 } });
    await saved(ben, draft, item, theirs);
    const mine = JSON.stringify(await withChange(ann, draft, item, { password: { minLength: 14 } }));
    const refused = await ann.agent.submit(page, { document: mine }, item);
    expect(refused.status).toBe(412);
    expect(words(refused)).toContain('Changed in between Ben Osei');
    expect(refused.text).toContain('&#34;minLength&#34;: 13');
    expect(refused.forms.find(({ action }) => action.endsWith(item))?.fields.document).toBe(mine);
    expect(words(await ann.agent.submit(refused, {}, item))).toContain('Saved.');
    expect((await ann.open(`${draft}/items/${item}`)).text).toContain('&#34;minLength&#34;: 14');
    // The same once more is a second click.
    expect(words(await ann.agent.submit(refused, {}, item))).toContain('Saved.');
  });

  it('removes an item, and brings it back by saving it', async () => {
    const draft = await opened(ann, 'Remove and bring back');
    const item = 'brands/spring/brand';
    const gone = await ann.agent.submit(await ann.open(`${draft}/remove/${item}`), {}, '/remove/');
    expect(words(gone)).toContain(`${item} removed`);
    const page = await ann.open(`${draft}/items/${item}`);
    expect(words(page)).toContain('saving brings it back');
    await ann.agent.submit(page, {}, item);
    expect(words(await ann.open(draft))).toContain('This draft changes nothing yet.');
  });

  it('shows what it would change, for whom, and what it would change for members', async () => {
    const draft = await handedIn(15);
    expect(words(await ann.open(`${draft}/diff`))).toContain('What that comes to');
    const check = words(await ann.open(`${draft}/check`));
    expect(check).toContain('There are no faults.');
    const dry = words(await ann.open(`${draft}/dry-run`));
    expect(dry).toContain('Made up');
    expect(dry).toContain('Registration · Volt Fuel · Japan · Japanese password');
  });

  it('cannot be handed in broken, and says why', async () => {
    const draft = await opened(ann, 'No such market');
    const document = await withChange(ann, draft, 'brands/volt/brand', { defaultMarket: 'atlantis' });
    await saved(ann, draft, 'brands/volt/brand', document);
    const refused = await ann.agent.submit(await ann.open(`${draft}/submit`), {}, '/submit');
    expect(refused.status).toBe(422);
    expect(words(refused)).toContain('brands/volt/brand');
    expect(refused.text).toContain(`href="${draft}/items/brands/volt/brand"`);
    expect(words(await ann.open(`${draft}/check`))).toContain('/defaultMarket');
    expect((await ann.open(`${draft}/dry-run`)).status).toBe(422);
    expect(words(await ann.open(draft))).toContain('Open');
  });

  it('tells how many members’ values a narrower attribute would not fit', async () => {
    const label = { en: 'Motto', 'en-US': 'Motto' };
    const motto = { type: 'text', class: 'trait', label };
    const known = live().all.release.items.get('program')?.attributes as object | undefined;
    const withMotto = (constraints: object) => ({
      attributes: { ...known, motto: { ...motto, constraints } },
    });
    await publishLayers(world.issuer, { program: withMotto({ maxLength: 80 }) });
    const { core, people } = world.issuer.issuer;
    const { members } = people;
    const member = await members.get(ann.id);
    if (!member) throw new Error('no member');
    const { attributes: definitions } = core.experiences.experienceFor({});
    const write = {
      values: { motto: 'Longer than ten characters' },
      definitions,
      source: { by: 'member' as const },
    };
    await inTransaction(core.db, (tx) => members.setAttributes(tx, member, write, systemVisit('test')));
    const draft = await opened(ann, 'A shorter motto');
    const shorter = withMotto({ maxLength: 10 });
    await saved(ann, draft, 'program', await withChange(ann, draft, 'program', shorter));
    const check = words(await ann.open(`${draft}/check`));
    expect(check).toContain('motto narrowed');
    expect(check).toContain('Values that would not fit any more: 1 of 1');

    // Nobody has values counted for what they may not read.
    const longer = await withChange(ann, draft, 'brands/greenleaf/brand', { password: { minLength: 13 } });
    await saved(ann, draft, 'brands/greenleaf/brand', longer);
    const gil = await world.person('Gil Moreau', ['brand:greenleaf']);
    const { drafts } = core.workflow;
    const { schema } = drafts;
    drafts.schema = () => Promise.reject(new Error('counted'));
    try {
      const seen = words(await gil.open(`${draft}/check`));
      expect(seen).toContain('There are no faults.');
      expect(seen).not.toContain('motto narrowed');
    } finally {
      drafts.schema = schema;
    }
    await publishLayers(world.issuer, {});
  });
});

describe('a draft of others', () => {
  it('is neither listed nor found by whoever may read nothing of it', async () => {
    const eva = await world.person('Eva Lind', ['brand:spring']);
    const draft = await handedIn(23);
    const id = draft.split('/').at(-1) ?? '';
    for (const page of ['/console', '/console/drafts', '/console/preview', '/console/theme?brand=spring'])
      expect([page, (await eva.open(page)).text]).toEqual([page, expect.not.stringContaining(id)]);
    const pages = [
      '',
      '/items',
      '/diff',
      '/check',
      '/dry-run',
      '/approve',
      '/publish',
      '/rebase',
      '/withdraw',
    ];
    for (const path of [...pages.map((page) => `${draft}${page}`), `/console/preview?draft=${id}`])
      expect([path, (await eva.open(path)).status]).toEqual([path, 404]);
  });
});

describe('the way of a draft', () => {
  it('needs a second person, and tells the author so', async () => {
    const draft = await handedIn(14);
    const own = await ann.open(draft);
    expect(words(own)).toContain('A draft is approved by people who had no hand in it');
    expect(own.text).not.toContain(`href="${draft}/approve"`);
    const forced = await ann.agent.submit(await ann.open(`${draft}/approve`), {}, '/approve');
    expect(forced.status).toBe(403);
    const early = await ben.agent.submit(await ben.open(`${draft}/publish`), {}, '/publish');
    expect([early.status, words(early)]).toEqual([409, expect.stringContaining('not approved yet')]);
    const page = await ben.open(`${draft}/approve`);
    expect(words(page)).toContain('password.minLength');
    expect(words(await ben.agent.submit(page, {}, '/approve'))).toContain('You approved the draft.');
    // A second click changes nothing, and says the same.
    expect(words(await ben.agent.submit(page, {}, '/approve'))).toContain('You approved the draft.');
    expect(words(await ann.open(draft))).toContain('Approvals: 1 of 1 Ben Osei');
  });

  it('names whoever changed its contents last, not who took a step with it', async () => {
    const draft = await handedIn(24);
    await ben.agent.submit(await ben.open(`${draft}/approve`), {}, '/approve');
    expect(words(await ann.open(draft))).toContain('Contents last changed by Ann Keller (you)');
    expect(words(await ben.open(`${draft}/send-back`))).toContain('Contents last changed by Ann Keller');
    const sent = await ben.agent.submit(
      await ben.open(`${draft}/send-back`),
      { reason: 'Wait' },
      '/send-back',
    );
    expect(words(sent)).toContain('Contents last changed by Ann Keller');
    const document = await withChange(ben, draft, 'brands/volt/brand', { password: { minLength: 25 } });
    await saved(ben, draft, 'brands/volt/brand', document);
    expect(words(await ann.open(draft))).toContain('Contents last changed by Ben Osei');
  });

  it('is approved only as it was seen', async () => {
    const draft = await handedIn(16);
    const page = await ben.open(`${draft}/approve`);
    const document = await withChange(ann, draft, 'brands/volt/brand', { password: { minLength: 9 } });
    await saved(ann, draft, 'brands/volt/brand', document);
    const late = await ben.agent.submit(page, {}, '/approve');
    expect([late.status, words(late)]).toEqual([
      412,
      expect.stringContaining('Contents last changed by Ann Keller'),
    ]);
  });

  it('leads to one region first, seen only there, and from there back', async () => {
    const before = live().all.release.id;
    const draft = await handedIn(17);
    await ben.agent.submit(await ben.open(`${draft}/approve`), {}, '/approve');
    const page = await ben.open(`${draft}/publish`);
    const done = await ben.agent.submit(page, { where: 'some', region: 'americas' }, '/publish');
    expect(words(done)).toContain('The draft is live.');
    expect(words(done)).toContain('Where it went live Americas');
    const { configuration } = live().of('us');
    expect(configuration.settingsOf({ brand: 'volt', market: 'us' }).password.minLength).toBe(17);
    expect(live().all.release.id).toBe(before);
    const { version } = live();
    await ben.agent.submit(page, { where: 'some', region: 'americas' }, '/publish');
    expect(live().version).toBe(version);
    await ben.agent.submit(await ben.open('/console/undo'), { reason: 'Enough seen' });
    expect(live().of('us').release.id).toBe(before);
  });

  it('is planned for a time in a named zone, and called off', async () => {
    const draft = await handedIn(18);
    await ben.agent.submit(await ben.open(`${draft}/approve`), {}, '/approve');
    const page = await ben.open(`${draft}/publish`);
    const none = await ben.agent.submit(page, { when: 'later', at: '' }, '/publish');
    expect([none.status, none.text]).toEqual([422, expect.stringContaining('href="#at"')]);
    const past = await ben.agent.submit(
      page,
      { when: 'later', at: '2020-01-01T00:00', zone: 'UTC' },
      '/publish',
    );
    expect([past.status, words(past)]).toEqual([422, expect.stringContaining('This time is past.')]);
    const planned = await ben.agent.submit(
      page,
      { when: 'later', at: '2099-07-01T09:30', zone: 'Asia/Tokyo' },
      '/publish',
    );
    expect(words(planned)).toContain('The publication is planned.');
    expect(planned.text).toContain('datetime="2099-07-01T00:30:00.000Z"');
    const off = await ben.agent.submit(await ben.open(`${draft}/cancel`), {}, '/cancel');
    expect(words(off)).toContain('called off');
  });

  it('names the places whose own release would end, and ends them only when that is said', async () => {
    await publishLayers(
      world.issuer,
      { 'brands/volt/brand': { password: { minLength: 11 } } },
      { regions: ['europe'], markets: [] },
    );
    const draft = await handedIn(22);
    await ben.agent.submit(await ben.open(`${draft}/approve`), {}, '/approve');
    const page = await ben.open(`${draft}/publish`);
    expect(words(page)).toContain('What these places have of their own may end: Europe');
    const own = /href="(\/console\/compare\?[^"]*)">Difference: <bdi>Europe/.exec(page.text)?.[1] ?? '';
    expect(words(await ben.open(own.replaceAll('&amp;', '&')))).toContain('password.minLength');
    const refused = await ben.agent.submit(page, {}, '/publish');
    expect([refused.status, words(refused)]).toEqual([409, expect.stringContaining('would end: ')]);
    const done = await ben.agent.submit(refused, { ending: 'yes' }, '/publish');
    expect(words(done)).toContain('The draft is live.');
    expect(live().own).toEqual([]);
    await publishLayers(world.issuer, {});
  });

  it('shows whoever may only read where it is, and no step', async () => {
    const draft = await handedIn(23);
    const reader = await world.person('Rita Holm', ['*'], ['read']);
    const page = await reader.open(draft);
    expect(words(page)).toContain('Waits for approval');
    expect(page.text).not.toMatch(/href="[^"]*\/(?:submit|approve|publish|send-back|withdraw|items)"/);
    expect((await reader.agent.request(`${draft}/withdraw`)).status).toBe(403);
  });

  it('is sent back with a reason, and withdrawn with one', async () => {
    const draft = await handedIn(19);
    const page = await ben.open(`${draft}/send-back`);
    expect((await ben.agent.submit(page, { reason: '' }, '/send-back')).status).toBe(422);
    expect(words(await ben.agent.submit(page, { reason: 'Too long' }, '/send-back'))).toContain('Too long');
    const gone = await ann.agent.submit(
      await ann.open(`${draft}/withdraw`),
      { reason: 'Never mind' },
      '/withdraw',
    );
    expect(words(gone)).toContain('Withdrawn');
    expect(isForm(await ann.open(draft), '/withdraw')).toBe(false);
    expect((await saved(ann, draft, 'brands/volt/brand', {})).status).toBe(409);
  });

  it('is carried over to what is live by now, key by key where both changed', async () => {
    const draft = await opened(ann, 'Late');
    const document = await withChange(ann, draft, 'brands/volt/brand', { password: { minLength: 20 } });
    await saved(ann, draft, 'brands/volt/brand', document);
    await publishLayers(world.issuer, { 'brands/volt/brand': { password: { minLength: 21 } } });
    const stopped = await ann.agent.submit(await ann.open(`${draft}/submit`), {}, '/submit');
    expect(stopped.status).toBe(409);
    const page = await ann.open(`${draft}/rebase`);
    expect(words(page)).toContain('Live now: 21');
    expect((await ann.agent.submit(page, {}, '/rebase')).status).toBe(422);
    const done = await ann.agent.submit(page, { 'side-0': 'yours' }, '/rebase');
    expect(words(done)).toContain('The draft was carried over.');
    expect(words(await ann.open(`${draft}/check`))).not.toContain('Changed on both sides');
    await publishLayers(world.issuer, {});
  });
});

describe('where a value comes from', () => {
  it('is told for a brand in a market, filtered by a key in the address', async () => {
    const page = words(await ann.open('/console/explain?brand=volt&market=de&key=password'));
    expect(page).toContain('password.minLength 12 markets/de');
    expect(page).not.toContain('session.');
    expect(page).toContain('Aurora Air Greenleaf Markets Spring Drinks Volt Fuel');
    const unknown = await ann.open('/console/explain?brand=atlantis');
    expect([unknown.status, words(unknown)]).toEqual([422, expect.stringContaining('one of')]);
    const vera = await world.person('Vera Moor', ['brand:volt'], ['read']);
    expect((await vera.open('/console/explain?brand=aurora-air&market=de')).status).toBe(403);
  });
});
