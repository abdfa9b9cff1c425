/** Who finds the console, and who finds nothing at its address. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import { signIn } from '../../support/people.ts';
import { publishLayers } from '../../support/publishing.ts';
import { type ConsoleWorld, startConsole, words } from './world.ts';

let world: ConsoleWorld;

beforeAll(async () => {
  world = await startConsole();
});

describe('the console', () => {
  it('sends whoever is not signed in to sign in, and back to the page that was wanted', async () => {
    const { email } = await world.person('Ida Berg', ['*']);
    const agent = world.issuer.agent();
    const asked = await agent.open('/console');
    expect(asked.url).toContain('/interaction/');
    const back = await signIn(agent, asked, { email });
    expect([back.status, new URL(back.url).pathname]).toEqual([200, '/console']);
  });

  it('is not there for a member without grants: the page is that of an unknown address', async () => {
    const nobody = await world.person('Nora Novak', []);
    const console = await nobody.agent.request('/console');
    const unknown = await nobody.agent.request('/no-such-page');
    expect([console.status, unknown.status]).toEqual([404, 404]);
    const without = (text: string) => text.replaceAll(/[0-9a-f]{32}|value="[^"]*"/g, '');
    expect(without(console.text)).toBe(without(unknown.text));
  });

  it('shows what is live, to whom the grant was given and only as long as it stands', async () => {
    const eve = await world.person('Eve Moreau', ['brand:volt'], ['read']);
    const page = await eve.open('/console');
    expect(page.status).toBe(200);
    expect(words(page)).toContain('Live now');
    expect(words(page)).toContain('Everywhere');
    expect(words(page)).toContain('The program itself');
    await world.issuer.issuer.people.staff.revoke(
      { kind: 'member', id: eve.id, home: 'eu' },
      {},
      systemVisit('test'),
    );
    expect((await eve.agent.request('/console')).status).toBe(404);
  });

  it('leads back to itself from what its staff may not see or find', async () => {
    const eve = await world.person('Ewa Lis', ['brand:volt'], ['read']);
    for (const path of ['/console/drafts/drf_unknown', '/console/theme?brand=greenleaf']) {
      const refused = await eve.agent.request(path);
      expect([
        path,
        refused.status >= 400,
        /href="\/console"[^>]*>Go to .*Console/.test(refused.text),
      ]).toEqual([path, true, true]);
    }
  });

  it('speaks in words that no brand has put there', async () => {
    const { open } = await world.person('Ira Blum', ['*']);
    const texts = { en: { 'console.nav.drafts': 'Nothing to see', 'console.name': 'Not here' } };
    await publishLayers(world.issuer, { 'brands/aurora-air/brand': { texts } });
    const page = await open('/console');
    const unknown = await open('/console/drafts/drf_unknown');
    for (const { text } of [page, unknown]) expect(text).not.toMatch(/Nothing to see|Not here/);
    expect(words(page)).toContain('Drafts');
  });

  it('says which drafts wait for whoever looks, and for which step', async () => {
    const ann = await world.person('Ann Keller', ['*']);
    const ben = await world.person('Ben Osei', ['*']);
    const cleo = await world.person('Cleo Brandt', ['brand:aurora']);
    const { drafts } = world.issuer.issuer.core.workflow;
    const who = { by: { kind: 'member' as const, id: ann.id }, visit: systemVisit('test') };
    const opened = await drafts.open({ message: 'Longer passwords' }, who);
    const edited = await drafts.edit(
      opened,
      [{ item: 'brands/volt/brand', patch: { password: { minLength: 15 } } }],
      who,
    );
    expect(words(await ann.open('/console'))).toContain('Longer passwords Your draft');
    expect(words(await ben.open('/console'))).not.toContain('Longer passwords');
    await drafts.submit(edited, who);
    expect(words(await ben.open('/console'))).toContain('Longer passwords To approve Ann Keller');
    expect(words(await ann.open('/console'))).not.toContain('Longer passwords');
    expect(words(await cleo.open('/console'))).not.toContain('Longer passwords');
  });

  it('says nobody’s address and puts none into the log', async () => {
    const { email, open } = await world.person('Finn Adler', ['*']);
    expect((await open('/console')).text).not.toContain(email);
    expect(world.issuer.logLines.filter((line) => line.includes(email))).toEqual([]);
  });
});
