/** An issuer with two relying parties, a local Google and Facebook, and what people do on the hosted pages. */
import type { UpstreamAccount } from '../../../examples/upstream/accounts.ts';
import { startUpstream } from '../../../examples/upstream/server.ts';
import type { Agent, Page } from '../../support/agent.ts';
import { atEnd } from '../../support/database.ts';
import { startIssuer } from '../../support/issuer.ts';
import { goodPassword, mailedCode, register, registrationForm } from '../../support/people.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { facebookApp, googleClient, upstreamSettings } from '../../support/upstream-settings.ts';

export type World = Awaited<ReturnType<typeof startWorld>>;

/** Starts everything once for a test file. */
export async function startWorld(
  options: {
    env?: Record<string, string>;
    people?: UpstreamAccount[];
    database?: { uri: string; keysUri: string };
  } = {},
) {
  const upstream = await startUpstream({
    port: 0,
    googleClient,
    facebookApp,
    ...(options.people && { accounts: options.people }),
  });
  atEnd(() => upstream.stop());
  const issuer = await startIssuer({
    env: { ...upstreamSettings(upstream), ...options.env },
    ...(options.database && { database: options.database }),
  });
  const airline = await RelyingParty.register(issuer, { id: 'airline' });
  const grocery = await RelyingParty.register(issuer, { id: 'grocery', brand: 'greenleaf' });
  let count = 0;
  /** An address nobody has used. */
  const newAddress = () => {
    count += 1;
    return `person${count}@example.com`;
  };
  return {
    issuer,
    upstream,
    airline,
    grocery,
    newAddress,
    /** A new browser at the first page of the airline's sign-in. */
    async start(parameters: Record<string, string> = {}, agent = issuer.agent()) {
      return { agent, ...(await airline.open(agent, parameters)) };
    },
    /** A new member, signed in at the airline in a browser of their own. */
    async member() {
      const email = newAddress();
      const agent = issuer.agent();
      const { page, begun } = await airline.open(agent);
      const back = await register(issuer, agent, page, { email });
      if (!back.url.startsWith('https:'))
        throw new Error(`not registered: ${back.status} ${back.title} ${back.text}`);
      const tokens = await airline.finish(back, begun);
      return { email, agent, back, tokens, id: tokens.claims()?.sub ?? '' };
    },
    /** Empties the mailbox once nothing is due any more. */
    async forgetMails() {
      await issuer.issuer.outbox.run();
      await issuer.issuer.outbox.idle();
      issuer.mailbox.clear();
    },
    /** Mails to an address once nothing is due any more. */
    async mailsTo(email: string) {
      await issuer.issuer.outbox.run();
      await issuer.issuer.outbox.idle();
      return issuer.mailbox.messages().filter(({ to }) => to.includes(email));
    },
    /** How many documents a collection holds. */
    count: (collection: string) => issuer.db.main.collection(collection).countDocuments(),
  };
}

/** The address of a link whose address contains a part. */
export function linkOn(page: Page, part: string): string {
  const found = [...page.text.matchAll(/href="([^"]*)"/g)].find(([, href = '']) => href.includes(part))?.[1];
  if (!found) throw new Error(`no link ${part} on ${page.title} (${page.status})`);
  return new URL(found.replaceAll('&amp;', '&'), page.url).href;
}

/** The newest link with a path in the mails to an address. */
export async function mailedLink(world: World, email: string, path: string): Promise<string> {
  const { text } = await world.issuer.mailbox.waitFor(
    (message) => message.to.includes(email) && message.text.includes(path),
  );
  return new RegExp(`http\\S*${path}\\S*`).exec(text)?.[0] ?? '';
}

/** Sends the registration form and ends at the page that asks for the code. */
export async function askForProof(agent: Agent, page: Page, email: string): Promise<Page> {
  const form = await agent.open(linkOn(page, 'view=register'));
  return agent.submit(form, registrationForm(form, { email, password: goodPassword }), '/register');
}

/** Chooses an account at the upstream that a page led to; ends at the page the answer leads to. */
export async function choose(agent: Agent, left: Page, choice: Record<string, string>): Promise<Page> {
  return agent.open(await answerOf(left, choice));
}

/** The address of the callback that an upstream answers with. */
export async function answerOf(left: Page, choice: Record<string, string>): Promise<string> {
  const url = new URL(left.url);
  const provider = url.pathname.split('/')[1] ?? '';
  const answer = await fetch(`http://127.0.0.1:${url.port}/${provider}/choose${url.search}`, {
    method: 'POST',
    body: new URLSearchParams(choice),
    redirect: 'manual',
  });
  return answer.headers.get('location') ?? '';
}

/** What a page says, without markup and without what differs from one visit to the next. */
export function words(page: Page): string {
  return page.text
    .replaceAll(/(value|data-expires-in)="[^"]*"/g, '')
    .replaceAll(/interaction\/[\w-]+/g, 'interaction')
    .replaceAll(/[\w.]+@example\.com/g, 'somebody');
}

export { goodPassword, mailedCode };
