/** The staff that a demo start brings: a newcomer can try how one changes and another approves. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { demoStaff, seedStaff } from '../../../src/demo.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { signIn } from '../../support/people.ts';
import { words } from './world.ts';

let issuer: TestIssuer;

beforeAll(async () => {
  issuer = await startIssuer();
  await seedStaff(issuer.issuer);
  await seedStaff(issuer.issuer);
});

describe('the staff of the demo', () => {
  it('ask for one approval, once, however often the demo starts', async () => {
    const { releases, workflow } = issuer.issuer.core;
    expect(releases.live.current().all.configuration.program.approvals).toBe(1);
    expect((await workflow.history.publications()).items).toHaveLength(2);
  });

  it.each(demoStaff)('find the console: $name', async (person) => {
    const agent = issuer.agent();
    const page = await signIn(agent, await agent.open('/console'), person);
    expect([page.status, new URL(page.url).pathname]).toEqual([200, '/console']);
    expect(words(page)).toContain('One changes, another approves');
    const drafts = await agent.open('/console/drafts');
    expect(drafts.text.includes('/console/drafts/new')).toBe(person.may.some((each) => each === 'edit'));
  });
});
