/** The history in pages: what went live, what a release changed, and the ways back. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { signIn } from '../../support/people.ts';
import { publishLayers } from '../../support/publishing.ts';
import { type ConsoleWorld, type Person, startConsole, words } from './world.ts';

let world: ConsoleWorld;
let ann: Person;
let first: string;

const live = () => world.issuer.issuer.core.releases.live.current();

beforeAll(async () => {
  world = await startConsole();
  ann = await world.person('Ann Keller', ['*']);
  first = live().all.release.id;
});

describe('the history', () => {
  it('is read page by page, the place standing in the address', async () => {
    for (let count = 0; count < 26; count += 1)
      await publishLayers(world.issuer, { 'brands/volt/brand': { password: { minLength: 10 + count } } });
    const page = await ann.open('/console/releases');
    const next = /href="([^"]*)" rel="next"/.exec(page.text)?.[1] ?? '';
    expect(next).toMatch(/^\/console\/releases\?cursor=/);
    const releasesOn = (text: string) =>
      [...text.matchAll(/href="(\/console\/releases\/[\w-]+)"/g)].map(([, to]) => to);
    const older = await ann.open(next);
    expect(releasesOn(page.text)).toHaveLength(25);
    expect(releasesOn(older.text).length).toBeGreaterThan(1);
    expect((await ann.agent.request('/console/releases?cursor=x')).status).toBe(422);
  });

  it('says of a release who made it, from what, and what it changed, as far as the role may read', async () => {
    const id = await publishLayers(world.issuer, {
      'brands/volt/brand': { password: { minLength: 14 } },
      'markets/jp': { password: { minLength: 9 } },
    });
    const whole = words(await ann.open(`/console/releases/${id}`));
    for (const said of ['Release: test', 'The program itself', 'brands/volt/brand', 'markets/jp'])
      expect(whole).toContain(said);
    const volt = await world.person('Vera Lang', ['brand:volt'], ['read']);
    const part = words(await volt.open(`/console/releases/${id}`));
    expect(part).toContain('password.minLength');
    expect(part).not.toContain('markets/jp');
    expect(part).toContain('not shown to your role: 1');
    expect(part).not.toContain('Roll back');
  });

  it('finds a release by the beginning of its id, as it is shown', async () => {
    const found = await ann.open(`/console/releases/${first.slice(0, 10)}`);
    expect(new URL(found.url).pathname).toBe(`/console/releases/${first}`);
    expect((await ann.agent.request('/console/releases/aaaaaaaaaa')).status).toBe(404);
  });

  it('shows the difference of any two releases', async () => {
    const id = await publishLayers(world.issuer, { 'brands/volt/brand': { password: { minLength: 15 } } });
    const page = words(await ann.open(`/console/compare?from=${first}&to=${id}`));
    expect(page).toContain('password.minLength');
    expect(page).toContain('What that comes to');
    const { text } = await ann.open(`/console/compare?from=${first}&to=${id}`);
    const cells = text.match(/<td[^>]*>/g) ?? [];
    expect(cells.length).toBeGreaterThan(2);
    expect(cells.filter((cell) => !/ data-label="(?:Before|After|For)"/.test(cell))).toEqual([]);
    expect((await ann.agent.request('/console/releases/aaaaaaaaaaaaaaaaaaaaaaaa')).status).toBe(404);
  });
});

describe('going back', () => {
  it('shows first what would change, asks for a reason, and keeps to where the release was live', async () => {
    const before = await publishLayers(world.issuer, {
      'brands/volt/brand': { password: { minLength: 13 } },
    });
    const page = await ann.open(`/console/releases/${first}/roll-back?where=all`);
    expect(words(page)).toContain('Instead of');
    expect(words(page)).toContain('password.minLength');
    const empty = await ann.agent.submit(page, { reason: ' ' }, 1);
    expect([empty.status, empty.title]).toEqual([422, expect.stringMatching(/^Error:/)]);
    expect(live().all.release.id).toBe(before);
    const done = await ann.agent.submit(empty, { reason: 'Complaints from stations' }, 1);
    expect(new URL(done.url).pathname).toBe('/console/releases');
    expect(words(done)).toContain('The release is live again.');
    expect(words(done)).toContain('Complaints from stations');
    expect(live().all.release.id).toBe(first);
    // A second click on the same page does nothing again, and says the same.
    const { version } = live();
    const again = await ann.agent.submit(empty, { reason: 'Complaints from stations' }, 1);
    expect(words(again)).toContain('The release is live again.');
    expect(live().version).toBe(version);
  });

  it('goes to a named region only', async () => {
    const everywhere = await publishLayers(world.issuer, {
      'brands/volt/brand': { password: { minLength: 16 } },
    });
    const page = await ann.open(`/console/releases/${first}/roll-back?where=some&region=americas`);
    expect(words(await ann.agent.submit(page, { reason: 'Only there' }, 1))).toContain('live again');
    expect(live().all.release.id).toBe(everywhere);
    expect(live().of('us').release.id).toBe(first);
    expect(live().of('jp').release.id).toBe(everywhere);
    await publishLayers(world.issuer, {});
  });

  it('is refused against anything else than what was shown', async () => {
    await publishLayers(world.issuer, { 'brands/volt/brand': { password: { minLength: 12 } } });
    const page = await ann.open(`/console/releases/${first}/roll-back?where=all`);
    const meanwhile = await publishLayers(world.issuer, {
      'brands/volt/brand': { password: { minLength: 17 } },
    });
    const refused = await ann.agent.submit(page, { reason: 'Too late' }, 1);
    expect(refused.status).toBe(409);
    expect(words(refused)).toContain('changed in the meantime');
    expect(refused.text).toContain('Too late');
    expect(live().all.release.id).toBe(meanwhile);
  });

  it('undoes the last publication, once', async () => {
    const before = live().all.release.id;
    await publishLayers(world.issuer, { 'brands/volt/brand': { password: { minLength: 18 } } });
    const page = await ann.open('/console/undo');
    expect(words(page)).toContain('password.minLength');
    const done = await ann.agent.submit(page, { reason: 'By mistake' });
    expect(words(done)).toContain('The publication was undone.');
    expect(live().all.release.id).toBe(before);
    const { version } = live();
    expect(words(await ann.agent.submit(page, { reason: 'By mistake' }))).toContain('was undone');
    expect(live().version).toBe(version);
  });

  it('keeps an undo as an entry of its own: who, when, why, and what it took back', async () => {
    const restored = live().all.release;
    const id = await publishLayers(world.issuer, { 'brands/volt/brand': { password: { minLength: 19 } } });
    await ann.agent.submit(await ann.open('/console/undo'), { reason: 'Wrong brand' });
    expect(live().all.release.id).toBe(restored.id);
    for (const path of ['/console/releases', '/console', `/console/releases/${id}`]) {
      const { text } = await ann.open(path);
      const rows = text.match(/<tr[^>]*>.*?<\/tr>/gs) ?? [];
      const [row = '', ...others] = rows.filter((each) => each.includes('Wrong brand'));
      expect([path, others]).toEqual([path, []]);
      expect(row).toContain('Undone');
      expect(row).toContain('Ann Keller');
      expect(row).toContain('<time datetime=');
      expect(row).toContain(`href="/console/releases/${id}"`);
      expect(row).not.toContain(`href="/console/releases/${restored.id}"`);
    }
    // What was restored did not go live anew: it is what was live all along.
    const { text } = await ann.open(`/console/releases/${restored.id}`);
    expect(text).not.toContain('Wrong brand');
  });

  it('takes the right for everything that changes', async () => {
    await publishLayers(world.issuer, { 'markets/jp': { password: { minLength: 11 } } });
    const volt = await world.person('Viktor Lang', ['brand:volt']);
    const page = await volt.open(`/console/releases/${first}/roll-back?where=all`);
    expect(words(page)).toContain('Your role does not include this.');
    expect(page.forms.some(({ method, action }) => method === 'POST' && action.includes('roll-back'))).toBe(
      false,
    );
    const own = await ann.open(`/console/releases/${first}/roll-back?where=all`);
    const { _csrf } = page.forms.find(({ fields }) => fields._csrf)?.fields ?? {};
    const { version } = live();
    const forced = await volt.agent.request(`/console/releases/${first}/roll-back`, {
      form: { ...own.forms[1]?.fields, _csrf: _csrf ?? '', reason: 'Anyway' },
    });
    expect([forced.status, live().version]).toEqual([403, version]);
  });

  it('takes a recent sign-in, asked for before anything is entered', async () => {
    world.issuer.clock.advance(16 * 60_000);
    const asked = await ann.open(`/console/releases/${first}/roll-back?where=all`);
    expect(asked.url).toContain('/interaction/');
    expect((await ann.open('/console/releases')).status).toBe(200);
    const again = await ann.open(`/console/releases/${first}/roll-back?where=all`);
    const back = await signIn(ann.agent, again, ann);
    expect(back.url).toContain(`/console/releases/${first}/roll-back?where=all`);
    expect(words(back)).toContain('You have signed in again.');
  });

  it('takes a form of ours', async () => {
    const page = await ann.agent.request('/console/undo', {
      form: { seen: 'x', reason: 'y', _csrf: 'forged' },
    });
    expect(page.status).toBe(403);
  });
});
