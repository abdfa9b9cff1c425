/** Apart from the others: whoever moves the clock by hours moves it for everybody in the file. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { linkOn, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});

describe('an interaction', () => {
  it('that is too old is explained, with the way back to the app', async () => {
    const { agent, page } = await world.start();
    world.issuer.clock.advance(2 * 3_600_000);
    const late = await agent.submit(page, { identifier: 'a@example.com' }, '/identifier');
    expect(late.status).toBe(400);
    expect(late.title).not.toBe('');
    expect(linkOn(late, 'airline.example')).toBe('https://airline.example/');
  });
});
