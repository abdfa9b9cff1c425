/** Decisions are taken on the text that was read: one that came into force while the page stood open is shown first. */
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readConfigurationFolder } from '../../../src/business/layers/folder.ts';
import { registrationForm } from '../../support/people.ts';
import { publishLayers } from '../../support/publishing.ts';
import { goodPassword, linkOn, mailedCode, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});

/** The shipped text is in force again. */
beforeEach(async () => {
  await publishLayers(world.issuer, {});
});

/** Puts another version of a shipped text in force. */
async function publishNewVersion(id: string): Promise<void> {
  const { programDir } = world.issuer.issuer.core.config;
  const { document, texts } = readConfigurationFolder(programDir).items.get(`legal/${id}`) as {
    document: { versions: { version: string; validFrom: string }[] };
    texts: Record<string, Record<string, string>>;
  };
  const changed = Object.entries(texts['1.0'] ?? {}).map(([language, text]) => [
    language,
    `${text}\nMore than before.\n`,
  ]);
  const versions = [...document.versions, { version: '9.0', validFrom: '2026-01-02' }];
  const item = {
    document: { ...document, versions },
    texts: { ...texts, '9.0': Object.fromEntries(changed) },
  };
  await publishLayers(world.issuer, { [`legal/${id}`]: item });
}

const versionsOf = async (memberId: string, id: string) => {
  const rows = await world.issuer.issuer.people.consents.history(memberId);
  return rows.flatMap(({ subjectId, version, kind }) => (subjectId === id ? [`${kind} ${version}`] : []));
};

describe.each(['marketing-email', 'program-terms', 'privacy-notice'])('when %s changes', (id) => {
  it('while a registration stands open, the new text is shown before anything is decided', async () => {
    const { agent, page, begun } = await world.start();
    const form = await agent.open(linkOn(page, 'view=register'));
    const email = world.newAddress();
    await publishNewVersion(id);
    const fields = registrationForm(form, {
      email,
      password: goodPassword,
      'purpose.marketing-email': 'yes',
    });
    const again = await agent.submit(form, fields, '/register');
    expect(again.status).toBe(409);
    expect(again.text).toContain('This text has changed in the meantime.');
    expect(again.text).toContain(`/legal/${id}/9.0`);
    expect(again.text).toContain(`value="${email}"`);
    const kept = again.forms.find(({ action }) => action.endsWith('/register'))?.fields ?? {};
    expect(Object.keys(kept).filter((name) => /^(terms|purpose)\./.test(name))).toEqual([]);

    const anew = registrationForm(again, { password: goodPassword, 'purpose.marketing-email': 'yes' });
    const waiting = await agent.submit(again, anew, '/register');
    const back = await agent.submit(waiting, { code: await mailedCode(world.issuer, email) }, '/verify');
    const memberId = String((await world.airline.finish(back, begun)).claims()?.sub);
    expect(await versionsOf(memberId, id)).toEqual([
      expect.stringMatching(/^(given|accepted|acknowledged) 9\.0$/),
    ]);
  });
});

describe('when a purpose changes while the account page stands open', () => {
  it('a yes is asked again with the new text, and a no counts at once', async () => {
    const { agent, id } = await world.member();
    const page = await agent.open('/account/consents');
    await publishNewVersion('marketing-email');
    const again = await agent.submit(page, { decision: 'give' }, '/account/consents/marketing-email');
    expect(again.status).toBe(409);
    expect(again.text).toContain('This text has changed in the meantime.');
    expect(await versionsOf(id, 'marketing-email')).toEqual(['refused 1.0']);
    await agent.submit(again, { decision: 'give' }, '/account/consents/marketing-email');
    expect(await versionsOf(id, 'marketing-email')).toContain('given 9.0');
    await agent.submit(page, { decision: 'withdraw' }, '/account/consents/marketing-email');
    expect((await versionsOf(id, 'marketing-email')).some((row) => row.startsWith('withdrawn'))).toBe(true);
  });
});
