import { beforeAll, describe, expect, it } from '@jest/globals';
import { linkOn, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});

describe('an app that sends people to join', () => {
  it('has the registration first, and the way to sign in on it', async () => {
    const { agent, page } = await world.start({ screen_hint: 'register' });
    expect(page.forms.some(({ action }) => action.endsWith('/register'))).toBe(true);
    const other = await agent.open(linkOn(page, 'view=sign-in'));
    expect(other.forms.some(({ action }) => action.endsWith('/identifier'))).toBe(true);
  });

  it('gets the usual first page for any other hint', async () => {
    const { page } = await world.start({ screen_hint: 'whatever' });
    expect(page.forms.some(({ action }) => action.endsWith('/identifier'))).toBe(true);
  });
});
