import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { registrationForm } from '../../support/people.ts';
import { addGreenleafTerms, copyOfProgram } from '../../support/program-folder.ts';
import { startWorld, type World } from './world.ts';

const program = copyOfProgram();
let world: World;
beforeAll(async () => {
  addGreenleafTerms(program);
  world = await startWorld({ env: { SYMBOLON_PROGRAM_DIR: program.path } });
});
afterAll(() => program.remove());

describe("a brand's own required terms", () => {
  it('show one page at the first visit, and none afterwards', async () => {
    const { agent, id } = await world.member();
    const { page, begun } = await world.grocery.open(agent);
    expect(page.status).toBe(200);
    expect(page.text).toContain('Greenleaf terms');
    const refused = await agent.submit(page, {}, '/terms');
    expect(refused.status).toBe(422);
    expect(refused.title).toMatch(/^Error:/);
    const back = await agent.submit(refused, registrationForm(refused), '/terms');
    expect((await world.grocery.finish(back, begun)).claims()?.sub).toBe(id);
    expect((await world.grocery.silently(agent)).claims()?.sub).toBe(id);
    const rows = await world.issuer.issuer.people.consents.history(id);
    expect(rows.find(({ subjectId }) => subjectId === 'greenleaf-terms')?.kind).toBe('accepted');
  });

  it('make prompt=none answer interaction_required', async () => {
    const { agent } = await world.member();
    const { page } = await world.grocery.open(agent, { prompt: 'none' });
    expect(new URL(page.url).searchParams.get('error')).toBe('interaction_required');
  });

  it('can be left by cancelling', async () => {
    const { agent } = await world.member();
    const { page, begun } = await world.grocery.open(agent);
    const back = new URL((await agent.submit(page, {}, '/cancel')).url);
    expect(back.searchParams.get('error')).toBe('access_denied');
    expect(back.searchParams.get('state')).toBe(begun.state);
  });

  it('can be read in full, with a way back to the page', async () => {
    const { agent } = await world.member();
    const { page } = await world.grocery.open(agent);
    const href = /href="([^"]*\/legal\/greenleaf-terms[^"]*)"/.exec(page.text)?.[1] ?? '';
    const text = await agent.open(href.replaceAll('&amp;', '&'));
    expect(text.text).toContain('Be kind to the apples.');
    expect(text.text).toContain(`href="${new URL(page.url).pathname}"`);
  });
});
