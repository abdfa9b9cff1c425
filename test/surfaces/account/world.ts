/** An issuer with members, a local Google and Facebook, and browsers that are signed in, for the account pages. */
import { afterAll } from '@jest/globals';
import type { GoogleAccount } from '../../../examples/upstream/accounts.ts';
import { startUpstream } from '../../../examples/upstream/server.ts';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import type { Agent, Page } from '../../support/agent.ts';
import { type IssuerOptions, startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { goodPassword, signIn } from '../../support/people.ts';
import { facebookApp, googleClient, upstreamSettings } from '../../support/upstream-settings.ts';

/** A member who exists already. */
export interface Someone {
  id: string;
  email: string;
}

/** How a member comes into being. */
export interface Birth {
  withPassword?: boolean;
  name?: string;
  google?: GoogleAccount;
}

export type World = Awaited<ReturnType<typeof startWorld>>;

/** Starts an issuer on a database of its own with both upstreams; at the top of a test file, which also ends it. */
export async function startWorld(options: Pick<IssuerOptions, 'database'> = {}) {
  const upstream = await startUpstream({ port: 0, googleClient, facebookApp });
  afterAll(() => upstream.stop());
  const issuer = await startIssuer({
    ...options,
    env: { SYMBOLON_MAIL_FROM: 'no-reply@id.example', ...upstreamSettings(upstream) },
  });
  let count = 0;
  return {
    issuer,
    upstream,
    /** A member of the grocery brand, with a password unless told otherwise, who has agreed to what is required. */
    async member(birth: Birth = {}): Promise<Someone> {
      count += 1;
      return addMember(issuer, { withPassword: true, ...birth, email: `member${count}@example.com` });
    },
    /** A browser that the member has signed in with. */
    async signedIn(member: Someone, headers?: Record<string, string>): Promise<Agent> {
      const agent = issuer.agent(headers);
      const page = await signIn(agent, await agent.open('/account'), member);
      if (page.status !== 200 || !page.url.endsWith('/account'))
        throw new Error(`not signed in: ${page.status} ${page.url} ${page.title}`);
      return agent;
    },
    /** Types and data of a member's events since the given number of them, oldest first. */
    async eventsOf({ id }: Someone, since = 0): Promise<string[]> {
      const rows = await issuer.issuer.core.events.ofMember(id, 500);
      return rows
        .sort((a, b) => a.sequence - b.sequence)
        .slice(since)
        .map(({ type, data }) => [type, ...Object.values(data)].join(' '));
    },
    /** Subjects of the mails to an address that have arrived once nothing is due any more. */
    async mailsTo({ email }: Someone): Promise<{ subject: string; text: string }[]> {
      await issuer.issuer.outbox.run();
      await issuer.issuer.outbox.idle();
      return issuer.mailbox.messages().filter(({ to }) => to.includes(email));
    },
    /** Chooses an account at the upstream that a page led to; ends at the page the answer leads to. */
    async choose(agent: Agent, left: Page, choice: Record<string, string>): Promise<Page> {
      const url = new URL(left.url);
      const provider = url.pathname.split('/')[1] ?? '';
      const answer = await fetch(`http://127.0.0.1:${url.port}/${provider}/choose${url.search}`, {
        method: 'POST',
        body: new URLSearchParams(choice),
        redirect: 'manual',
      });
      return agent.open(answer.headers.get('location') ?? '');
    },
  };
}

/** Posts a form of a page without following where it leads. */
export function post(
  agent: Agent,
  page: Page,
  action: string,
  values: Record<string, string> = {},
): Promise<Page> {
  const form = page.forms.find((each) => each.action.endsWith(action));
  if (!form) throw new Error(`no form ${action} on ${page.title} (${page.status})`);
  return agent.request(form.action, { form: { ...form.fields, ...values } });
}

async function addMember(
  { issuer: { core, people } }: TestIssuer,
  birth: Birth & { email: string },
): Promise<Someone> {
  const { email, name, google, withPassword } = birth;
  const { brand, market, jurisdiction } = core.experiences.experienceFor({ brand: 'greenleaf' });
  const visit = { ...systemVisit('test'), brand: brand.id, market: market.id };
  const texts = core.purposes.forVisit({ brand: brand.id, jurisdiction, locale: 'en' });
  const encoded = await people.hasher.hash(goodPassword);
  return inTransaction(core.db, async (tx) => {
    const draft = {
      home: market.region,
      market: market.id,
      brand: brand.id,
      locale: 'en',
      via: 'password',
      email,
      name,
      identifiers: [
        { type: 'email' as const, value: email },
        ...(google ? [{ type: 'google' as const, value: google.sub }] : []),
      ],
    };
    const { _id: memberId, home } = await people.members.create(tx, draft, visit);
    if (withPassword)
      await people.passwords.set(tx, { memberId, home, visit, encoded, reason: 'registration' });
    const decisions = [
      ...texts.terms.map((text) => ({ text, kind: 'accepted' as const })),
      ...texts.notices.map((text) => ({ text, kind: 'acknowledged' as const })),
    ];
    await people.consents.record(tx, { memberId, home, visit, decisions, channel: 'web' });
    return { id: memberId, email };
  });
}
