import { describe, expect, it } from '@jest/globals';
import { mayRead, mayWrite, type Reader } from '../../../src/business/profiles/attribute-access.ts';

const member: Reader = { kind: 'member' };
const ledger: Reader = { kind: 'client', id: 'points-ledger', scopes: [] };
const app: Reader = { kind: 'client', id: 'app', scopes: ['openid', 'profile'] };
const support: Reader = { kind: 'staff', roles: ['support', 'audit'] };

describe('who may read and write an attribute', () => {
  it.each<[string[] | undefined, { member: boolean; ledger: boolean; app: boolean; support: boolean }]>([
    [undefined, { member: true, ledger: false, app: false, support: false }],
    [[], { member: false, ledger: false, app: false, support: false }],
    [['member'], { member: true, ledger: false, app: false, support: false }],
    [['client:points-ledger'], { member: false, ledger: true, app: false, support: false }],
    [['scope:profile'], { member: false, ledger: false, app: true, support: false }],
    [['scope:profile.write'], { member: false, ledger: false, app: false, support: false }],
    [['role:support'], { member: false, ledger: false, app: false, support: true }],
    [
      ['role:admin', 'client:points-ledger', 'member'],
      { member: true, ledger: true, app: false, support: false },
    ],
  ])('%j', (list, expected) => {
    const seen = { member, ledger, app, support };
    const may = (judge: (reader: Reader) => boolean) =>
      Object.fromEntries(Object.entries(seen).map(([name, reader]) => [name, judge(reader)]));
    expect(may((reader) => mayRead({ read: list }, reader))).toEqual(expected);
    expect(may((reader) => mayWrite({ write: list }, reader))).toEqual(expected);
  });

  it('never takes an app or an agent for the member, whatever they call themselves', () => {
    expect(mayRead({ read: ['member'] }, { kind: 'client', id: 'member', scopes: ['member'] })).toBe(false);
    expect(mayRead({ read: ['member'] }, { kind: 'staff', roles: ['member'] })).toBe(false);
  });
});
