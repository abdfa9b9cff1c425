/** Whatever is stored by member belongs to a module that joined the rights of a person. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { startIssuer, type TestIssuer } from '../support/issuer.ts';

/** Fields that lead to a member. */
const memberKeys = ['memberId', 'member', 'subject'];

describe('what is stored by member', () => {
  let issuer: TestIssuer;
  let joined: Set<string>;

  beforeAll(async () => {
    issuer = await startIssuer();
    joined = new Set(issuer.issuer.people.personalData.flatMap(({ collections }) => collections));
  });

  it('is seen at all', () => {
    const { main, keys } = issuer.db;
    expect(Object.keys({ ...main.models, ...keys.models }).length).toBeGreaterThan(10);
  });

  it('has a member key only in collections whose module joined', () => {
    const { main, keys } = issuer.db;
    const stored = [...Object.values(main.models), ...Object.values(keys.models)].filter((model) =>
      memberKeys.some((key) => model.schema.path(key) !== undefined),
    );
    const forgotten = stored.map((model) => model.collection.name).filter((name) => !joined.has(name));
    expect(forgotten).toEqual([]);
    expect(joined).toContain('artefacts');
  });

  it('is claimed by no module under a name that nothing is stored under', async () => {
    const { main, keys } = issuer.db;
    const known = new Set([
      ...Object.values(main.models).map((model) => model.collection.name),
      ...Object.values(keys.models).map((model) => model.collection.name),
      ...(await main.listCollections()).map(({ name }) => name),
    ]);
    expect([...joined].filter((name) => !known.has(name))).toEqual([]);
  });
});
