import { describe, expect, it } from '@jest/globals';
import type { EdgeContext } from '../../../src/base/http/context.ts';
import type { StaffGrant } from '../../../src/people/staff/grants.ts';
import { powerOf } from '../../../src/surfaces/admin/power.ts';

const everything: StaffGrant[] = [
  { permission: 'edit', layers: ['*'] },
  { permission: 'approve', layers: ['*'] },
  { permission: 'publish', layers: ['*'] },
];

function powerWith(scopes: string[], grants: readonly StaffGrant[], memberId?: string) {
  const ctx = {
    get: () => '',
    append: () => undefined,
    state: { caller: { clientId: 'desk', memberId, scopes: new Set(scopes) } },
  } as never as EdgeContext;
  const asked: unknown[] = [];
  const staff = {
    async grantsOf(principal: unknown) {
      asked.push(principal);
      return grants;
    },
  };
  return powerOf({ issuer: 'https://id.example.com', staff }, ctx).then((power) => ({ power, asked }));
}

describe('the power of a caller', () => {
  it('is that of the member, or of the client that acts for itself', async () => {
    expect((await powerWith([], [], 'mbr_1')).asked).toEqual([{ kind: 'member', id: 'mbr_1' }]);
    expect((await powerWith([], [])).asked).toEqual([{ kind: 'client', id: 'desk' }]);
  });

  it.each([
    ['program', 'configuration:write.program'],
    ['legal/terms', 'configuration:write.program'],
    ['brands/volt/brand', 'configuration:write.brand'],
    ['regions/europe', 'configuration:write.region'],
    ['markets/de', 'configuration:write.market'],
    ['brands/volt/markets/de', 'configuration:write.market'],
    ['sites/shop', 'configuration:write.site'],
  ])('to edit %s needs the scope of its layer', async (path, scope) => {
    const { power } = await powerWith([scope], everything);
    expect(power.may('edit', path)).toBe(true);
    const all = ['program', 'brand', 'region', 'market', 'site'].map((kind) => `configuration:write.${kind}`);
    const others = all.filter((each) => each !== scope);
    expect((await powerWith(others, everything)).power.may('edit', path)).toBe(false);
  });

  it('needs scope and grant, and says which is missing', async () => {
    const granted = (await powerWith(['configuration:read'], everything)).power;
    expect(granted.may('read', 'program')).toBe(true);
    expect(() => granted.require('publish', 'program')).toThrow('token.insufficient');
    const scoped = (await powerWith(['configuration:publish'], [])).power;
    expect(() => scoped.require('publish', 'program')).toThrow('permission.missing');
    expect(() => granted.require('edit', 'nothing/here')).toThrow('token.insufficient');
  });
});
