/** An issuer whose program asks for one approval, and staff who are signed in at browsers of their own. */
import { seedMember } from '../../../src/demo.ts';
import type { Permission } from '../../../src/people/staff/grants.ts';
import type { Agent, Page } from '../../support/agent.ts';
import { allow, startDeskIssuer } from '../../support/desk.ts';
import type { TestIssuer } from '../../support/issuer.ts';
import { goodPassword, signIn } from '../../support/people.ts';

/** Somebody at a browser. */
export interface Person {
  id: string;
  email: string;
  agent: Agent;
  open(path: string): Promise<Page>;
}

/** The issuer and its staff. */
export interface ConsoleWorld {
  issuer: TestIssuer;
  /** A member with a name and these grants, signed in. */
  person(name: string, layers: readonly string[], permissions?: readonly Permission[]): Promise<Person>;
}

/** Starts the issuer; at the top of a test file, which also ends it. */
export async function startConsole(): Promise<ConsoleWorld> {
  const issuer = await startDeskIssuer();
  const { members, staff } = issuer.issuer.people;
  return {
    issuer,
    async person(name, layers, permissions) {
      const email = `${name.toLowerCase().replaceAll(' ', '.')}@example.com`;
      await seedMember(issuer.issuer, { email, name, password: goodPassword });
      const member = await members.findByIdentifier({ type: 'email', value: email });
      if (!member) throw new Error(`no member ${email}`);
      const { _id: id, home } = member;
      await allow(staff, { kind: 'member', id, home }, layers, permissions);
      const agent = issuer.agent();
      await signIn(agent, await agent.open('/account'), { email });
      return { id, email, agent, open: (path) => agent.open(path) };
    },
  };
}

/** What a page says, without its markup and with single spaces. */
export function words(page: Page): string {
  return page.text
    .replace(/<(script|style)[\s\S]*?<\/\1>/g, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&#34;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll(/[\s\u2066-\u2069]+/g, ' ');
}
