/** A change of the configuration by two people in pages, without JavaScript: drafted, tried, approved, live, taken back. */
import { beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import { demoMember, seedMember } from '../../../src/demo.ts';
import type { Permission } from '../../../src/people/staff/grants.ts';
import { describeInBrowser, visitor } from '../../support/browser.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { copyOfProgram } from '../../support/program-folder.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { arriveAt, follow, press, signIn } from './steps.ts';

describeInBrowser('a change in the console', () => {
  let issuer: TestIssuer;
  let german: RelyingParty;
  let american: RelyingParty;

  beforeAll(async () => {
    const folder = copyOfProgram();
    folder.edit('program.json', (program) => {
      program.approvals = 1;
    });
    issuer = await startIssuer({ env: { SYMBOLON_PROGRAM_DIR: folder.path } });
    german = await RelyingParty.register(issuer, { id: 'grocery-de', brand: 'greenleaf', market: 'de' });
    american = await RelyingParty.register(issuer, { id: 'grocery-us', brand: 'greenleaf', market: 'us' });
  });

  /** Somebody with grants for one brand, at a browser of their own. */
  async function staff(name: string, permissions: readonly Permission[]): Promise<Page> {
    const person = { ...demoMember, name, email: `${name.split(' ')[0]?.toLowerCase()}@example.com` };
    await seedMember(issuer.issuer, person);
    const { members, staff: grants } = issuer.issuer.people;
    const member = await members.findByIdentifier({ type: 'email', value: person.email });
    if (!member) throw new Error('no member');
    await grants.grant(
      { kind: 'member', id: member._id, home: member.home },
      permissions.map((permission) => ({ permission, layers: ['brand:greenleaf'] })),
      systemVisit('test'),
    );
    const { page } = await visitor({ script: false });
    await page.goto(`${issuer.url}/console`);
    await signIn(page, person);
    await arriveAt(page, 'Overview');
    return page;
  }

  async function titleAt(site: RelyingParty): Promise<string> {
    const { page, context } = await visitor({ script: false });
    await page.goto((await site.begin()).url);
    const title = await page.title();
    await context.close();
    return title;
  }

  it('is drafted by one, approved by another, live in one region only, and taken back', async () => {
    const ann = await staff('Ann Keller', ['read', 'edit']);
    await follow(ann, 'Drafts');
    await follow(ann, 'New draft');
    await ann.getByLabel('What changes, and why').fill('A name of its own in Europe');
    await ann.getByLabel('Only in these places').check();
    await ann.getByLabel(/^Europe/).check();
    await press(ann, 'Save');
    await arriveAt(ann, 'Edit an item');
    await ann.getByLabel('New item').fill('brands/greenleaf/markets/de');
    await press(ann, 'Open');
    const document = ann.getByLabel('Document');
    const before = JSON.parse(await document.inputValue());
    await document.fill(JSON.stringify({ ...before, look: { nmae: 'Grünblatt' } }));
    await press(ann, 'Save');
    await ann.getByText('did you mean name').waitFor();
    expect(await document.inputValue()).toContain('nmae');
    await document.fill(JSON.stringify({ ...before, look: { name: 'Grünblatt' } }));
    await press(ann, 'Save');
    await arriveAt(ann, 'Draft: A name of its own in Europe');
    await follow(ann, 'Dry run');
    await ann.getByText('Greenleaf Markets · Germany').first().waitFor();
    expect(await ann.getByText('Greenleaf Markets · United States').count()).toBe(0);
    await ann.goBack();
    await follow(ann, 'Hand in for approval');
    await press(ann, 'Hand in for approval');
    await ann.getByText('The draft was handed in.').waitFor();
    await ann.getByText('A draft is approved by people who had no hand in it').waitFor();

    const ben = await staff('Ben Osei', ['read', 'approve', 'publish']);
    await ben.getByText('To approve').waitFor();
    await follow(ben, 'A name of its own in Europe');
    await follow(ben, 'Approve');
    await ben.getByText('Grünblatt').first().waitFor();
    await press(ben, 'Approve');
    await ben.getByText('You approved the draft.').waitFor();
    expect(await titleAt(german)).toContain('Greenleaf Markets');
    await follow(ben, 'Publish');
    await press(ben, 'Publish');
    await ben.getByText('The draft is live.').waitFor();
    expect(await titleAt(german)).toContain('Grünblatt');
    expect(await titleAt(american)).toContain('Greenleaf Markets');

    await follow(ben, 'Releases');
    await follow(ben, 'Configuration folder at the first start');
    await follow(ben, 'Roll back to this release');
    await ben.getByText('Choose other places').click();
    await ben.getByLabel('Only in these places').check();
    await ben.getByLabel(/^Europe/).check();
    await press(ben, 'Show');
    await ben.getByText('Grünblatt').first().waitFor();
    await ben.getByLabel('Reason').fill('Not understood by customers');
    await press(ben, 'Roll back');
    await ben.getByText('The release is live again.').waitFor();
    expect(await titleAt(german)).toContain('Greenleaf Markets');
  });
});
