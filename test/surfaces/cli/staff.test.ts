/** Who may act on the configuration: from the command line while the issuer serves. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { newMember, type SignedIn } from '../../protocol/world.ts';
import { type CommandLine, commandLine } from '../../support/command.ts';
import { freshDatabaseAddress } from '../../support/database.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import type { RelyingParty } from '../../support/relying-party.ts';
import { ask, machineToken, memberToken, registerMachine, registerSite } from '../apis/world.ts';

const whoami = '/api/configuration/whoami';

describe('the staff', () => {
  let issuer: TestIssuer;
  let desk: RelyingParty;
  let operator: CommandLine;
  let ann: SignedIn;

  beforeAll(async () => {
    const database = freshDatabaseAddress();
    issuer = await startIssuer({ database });
    desk = await registerSite(issuer, 'console');
    await registerMachine(issuer, 'pipeline', 'configuration:read');
    await registerMachine(issuer, 'robot', 'configuration:read');
    operator = commandLine({ database, port: issuer.port });
    ann = await newMember(issuer, desk, 'ann@example.com');
  });

  it('is granted and loses, member and client alike, with an event, and at once', async () => {
    const { access_token: token } = await memberToken(issuer, desk, ann, { api: 'configuration' });
    const grants = async () => (await ask(issuer, whoami, { token })).json.grants;
    expect(await grants()).toEqual([]);

    const granted = await operator.json(
      ...['staff', 'grant', 'Ann@Example.com', '--may', 'edit,read', '--on', 'brand:aurora-air market:de'],
    );
    const both = ['brand:aurora-air', 'market:de'];
    const expected = [
      { permission: 'read', layers: both },
      { permission: 'edit', layers: both },
    ];
    expect(granted).toMatchObject({ code: 0, data: { kind: 'member', id: ann.memberId, grants: expected } });
    expect(await grants()).toEqual(expected);
    const listed = await operator.run('staff', 'list');
    expect(listed.out).toMatch(/KIND +ID +MAY +ON/);
    expect(listed.out).not.toContain('ann@example.com');

    await operator.run('staff', 'revoke', ann.memberId, '--may', 'edit', '--on', 'market:de');
    expect(await grants()).toEqual([expected[0], { permission: 'edit', layers: ['brand:aurora-air'] }]);
    await operator.run('staff', 'revoke', ann.memberId);
    expect(await grants()).toEqual([]);

    const events = await issuer.issuer.core.events.ofMember(ann.memberId, 10);
    expect(events.map(({ type, data, actor }) => [type, data, actor.kind]).slice(0, 3)).toEqual([
      ['staff.revoked', { permissions: 'read edit', layers: 'brand:aurora-air market:de' }, 'operator'],
      ['staff.revoked', { permissions: 'edit', layers: 'market:de' }, 'operator'],
      ['staff.granted', { permissions: 'edit read', layers: 'brand:aurora-air market:de' }, 'operator'],
    ]);
  });

  it('may be a machine', async () => {
    const { json } = await machineToken(issuer, 'pipeline', {
      api: 'configuration',
      scope: 'configuration:read',
    });
    await operator.run('staff', 'grant', 'pipeline', '--client', '--may', 'read', '--on', '*');
    const answer = await ask(issuer, whoami, { token: String(json.access_token) });
    expect(answer.json.grants).toEqual([{ permission: 'read', layers: ['*'] }]);
  });

  it('has somebody who answers for a machine', async () => {
    const grant = ['staff', 'grant', 'robot', '--client'];
    const bare = await operator.run(...grant, '--may', 'edit', '--on', 'brand:aurora-air');
    expect(bare.out).toContain('Nobody answers for it');
    const named = await operator.json(...grant, '--responsible', 'ann@example.com');
    expect(named).toMatchObject({ code: 0, data: { id: 'robot', responsible: [ann.memberId] } });
    const listed = await operator.run('staff', 'list');
    expect(listed.out).toMatch(new RegExp(`client +robot +edit +brand:aurora-air +${ann.memberId}`));
    const [latest] = await issuer.issuer.core.events.ofMember(ann.memberId, 1);
    expect(latest).toMatchObject({ type: 'staff.responsible_named', data: { client: 'robot' } });
  });

  it.each([
    [['ann@example.com', '--responsible', 'ann@example.com'], 2, /--client/],
    [['pipeline', '--client', '--responsible', ','], 2, /nobody is named/],
    [['pipeline', '--client', '--responsible', 'nobody@example.com'], 1, /No member/],
    [['ann@example.com'], 2, /--may[\s\S]*--on/],
    [['ann@example.com', '--may', 'delete', '--on', '*'], 2, /delete is not one of/],
    [['ann@example.com', '--may', 'read', '--on', 'brands:x'], 2, /brand:<id>/],
    [['ann@example.com', '--may', 'read', '--on', 'brand:aurora-ar'], 2, /did you mean brand:aurora-air\?/],
    [['ann@example.com', '--may', 'read', '--on', 'site:nobody'], 2, /no client nobody/],
    [['nobody@example.com', '--may', 'read', '--on', '*'], 1, /No member/],
    [['nobody', '--client', '--may', 'read', '--on', '*'], 1, /No client/],
  ])('is not granted %j', async (args, code, words) => {
    const refused = await operator.run('staff', 'grant', ...args);
    expect(refused.code).toBe(code);
    expect(refused.err).toMatch(words);
  });

  it('loses nothing that it does not have', async () => {
    expect((await operator.run('staff', 'revoke', ann.memberId, '--may', 'publish')).code).toBe(1);
  });
});
