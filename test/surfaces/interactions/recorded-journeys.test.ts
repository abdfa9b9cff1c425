/** What remains of the journeys of real members: shapes that lead to nobody, and that a dry run replays. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { mergePatch } from '../../../src/business/layers/json.ts';
import { signIn } from '../../support/people.ts';
import { goodPassword, linkOn, mailedCode, startWorld, type World } from './world.ts';

let world: World;
let people: { email: string; id: string }[];

beforeAll(async () => {
  world = await startWorld();
  const first = await world.member();
  const second = await world.member();
  people = [first, second];
  for (let times = 0; times < 2; times += 1) {
    const { agent, page } = await world.start({ ui_locales: 'de' });
    await signIn(agent, page, { email: first.email, password: goodPassword });
  }
  await recover(second.email);
  await world.issuer.issuer.journeys.flush();
});

async function recover(email: string): Promise<void> {
  const { agent, page } = await world.start();
  const link = linkOn(await agent.submit(page, { identifier: email }, '/identifier'), 'view=recover');
  const asked = await agent.submit(await agent.open(link), { identifier: email }, '/recover');
  await world.mailsTo(email);
  const code = await mailedCode(world.issuer, email);
  const form = await agent.submit(asked, { code }, '/recover/code');
  await agent.submit(form, { password: 'copper lantern drifting nine' }, '/new-password');
}

describe('the journeys of members', () => {
  it('are counted when they come to their end', async () => {
    const place = { brand: 'aurora-air', market: 'us', client: 'airline' };
    expect(await world.issuer.issuer.journeys.list()).toEqual(
      expect.arrayContaining([
        { kind: 'register', ...place, method: 'password', locale: 'en', count: 2 },
        { kind: 'sign-in', ...place, method: 'password', locale: 'de', count: 2 },
        { kind: 'recover', ...place, method: 'password', locale: 'en', count: 1 },
      ]),
    );
  });

  it('lead to nobody', async () => {
    const { main } = world.issuer.db;
    const stored = JSON.stringify(await main.collection('recordedJourneys').find().toArray());
    const devices = await main.collection('devices').find().toArray();
    const events = await main.collection('events').find().toArray();
    const traces = events.flatMap(({ _id, visit, ...event }) => [String(_id), ...textsIn([visit, event])]);
    const identifiers = [
      ...people.flatMap(({ email, id }) => [email, id]),
      ...devices.map(({ _id }) => String(_id)),
      ...traces.filter((text) => text.length >= 12 || text.includes('127.0.0')),
    ];
    expect(identifiers.length).toBeGreaterThan(10);
    expect(identifiers.filter((each) => stored.includes(each))).toEqual([]);
  });

  it('are replayed by a dry run', async () => {
    const { dryRuns, core } = world.issuer.issuer;
    const items = new Map(core.releases.live.current().all.configuration.items);
    items.set(
      'brands/aurora-air/brand',
      mergePatch(items.get('brands/aurora-air/brand'), {
        password: { minLength: 20 },
      }) as never,
    );
    const { changed, summary } = await dryRuns.run(items, 'all', ['recorded']);
    expect(summary.recorded).toEqual({ journeys: 3, changed: 2, people: 5, changedPeople: 3 });
    expect(changed[0]).toMatchObject({
      source: 'recorded',
      count: 2,
      journey: { kind: 'register', clientId: 'airline' },
      differences: [{ path: 'password.minLength', after: 20 }],
    });
    expect((await dryRuns.run(items, { regions: ['europe'], markets: [] })).summary.markets).toEqual(['de']);
  });
});

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
