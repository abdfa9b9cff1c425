import { describe, expect, it } from '@jest/globals';
import { post, startWorld } from './world.ts';

const world = await startWorld();
const path = '/account/profile';

describe('the profile page', () => {
  it('keeps name and language, tells so once, and speaks the language from then on', async () => {
    const member = await world.member();
    const agent = await world.signedIn(member);
    const before = (await world.eventsOf(member)).length;
    const saved = await post(agent, await agent.open(path), path, { name: '  Aoi 佐藤  ', locale: 'ja' });
    expect(saved.status).toBe(303);
    expect(saved.headers.get('location')).toBe(path);
    const page = await agent.open(path);
    expect(page.text).toContain('<html lang="ja"');
    expect(page.text).toContain('value="Aoi 佐藤"');
    expect(page.text).toContain('role="status"');
    expect((await agent.open(path)).text).not.toContain('class="notice');
    expect(await world.eventsOf(member, before)).toEqual([
      'member.profile_changed name',
      'member.locale_changed ja',
    ]);
  });

  it('has one effect when the form is sent twice', async () => {
    const member = await world.member();
    const agent = await world.signedIn(member);
    const before = (await world.eventsOf(member)).length;
    const page = await agent.open(path);
    for (let times = 0; times < 2; times += 1) {
      expect((await post(agent, page, path, { name: 'Mika', locale: 'en' })).status).toBe(303);
    }
    expect(await world.eventsOf(member, before)).toEqual(['member.profile_changed name']);
  });

  it('takes any name, and none', async () => {
    const member = await world.member({ name: 'Mika' });
    const agent = await world.signedIn(member);
    for (const name of ['X Æ A-12', "O'Connor-ßмя", '🙂', 'ا ب', '']) {
      expect((await post(agent, await agent.open(path), path, { name })).status).toBe(303);
      expect((await agent.open(path)).forms.find(({ action }) => action.endsWith(path))?.fields.name).toBe(
        name,
      );
    }
  });

  it.each([
    ['a name that is too long', { name: 'x'.repeat(201) }, 'name', 'This is too long'],
    ['a control character', { name: 'a\u0007b' }, 'name', 'This entry is not right yet'],
    ['an unknown language', { locale: 'xx' }, 'locale', 'This entry is not right yet'],
  ])('refuses %s beside its field and keeps what was entered', async (_name, values, field, words) => {
    const member = await world.member({ name: 'Mika' });
    const agent = await world.signedIn(member);
    const before = (await world.eventsOf(member)).length;
    const page = await post(agent, await agent.open(path), path, values);
    expect(page.status).toBe(422);
    expect(page.text).toContain(`id="${field}-fault"`);
    expect(page.text).toContain(words);
    expect(page.title).toMatch(/^Error/);
    expect(await world.eventsOf(member, before)).toEqual([]);
  });

  it.each([
    ['an operator', '_csrf=TOKEN&name[$gt]=&locale=en', 400],
    ['a NUL byte', '_csrf=TOKEN&name=a%00b&locale=en', 400],
    ['a repeated field', '_csrf=TOKEN&name=a&name=b&locale=en', 400],
    ['too much', `_csrf=TOKEN&name=${'x'.repeat(70_000)}&locale=en`, 413],
  ])('refuses %s', async (_name, body, status) => {
    const agent = await world.signedIn(await world.member());
    const token =
      (await agent.open(path)).forms.find(({ action }) => action.endsWith(path))?.fields._csrf ?? '';
    const page = await agent.request(path, { method: 'POST', body: body.replace('TOKEN', token) });
    expect(page.status).toBe(status);
    expect(page.text).not.toMatch(/at .*\.ts/);
  });

  it('changes nothing that is not on the form', async () => {
    const member = await world.member();
    const agent = await world.signedIn(member);
    const values = {
      name: 'Mika',
      email: 'evil@example.com',
      status: 'locked',
      memberId: 'mbr_x',
      securityEpoch: '9',
    };
    expect((await post(agent, await agent.open(path), path, values)).status).toBe(303);
    const found = await world.issuer.issuer.people.members.get(member.id);
    expect(found).toMatchObject({ status: 'active', securityEpoch: 1 });
    expect((await agent.open(path)).text).toContain(member.email);
  });
});
