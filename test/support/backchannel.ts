/** A client at another place for tests (CIBA), over `openid-client`: asks for a member, polls; and a member who answers. */
import * as client from 'openid-client';
import type { Agent, Page } from './agent.ts';
import type { TestIssuer } from './issuer.ts';
import { RelyingParty } from './relying-party.ts';

/** The grant's identifier. */
export const cibaGrant = 'urn:openid:params:grant-type:ciba';

/** What a client was told. */
export type Asked = client.BackchannelAuthenticationResponse;

/** Registers a client that only asks by backchannel. */
export function registerKiosk(
  issuer: TestIssuer,
  options: { id: string; firstParty?: boolean; brand?: string; metadata?: Record<string, unknown> },
): Promise<RelyingParty> {
  return RelyingParty.register(issuer, {
    ...options,
    metadata: {
      grant_types: [cibaGrant, 'refresh_token'],
      redirect_uris: [],
      post_logout_redirect_uris: [],
      subject_type: 'public',
      ...options.metadata,
    },
  });
}

/** Asks for a member. */
export function ask(
  kiosk: RelyingParty,
  email: string,
  parameters: Record<string, string> = {},
): Promise<Asked> {
  return client.initiateBackchannelAuthentication(kiosk.config, {
    scope: 'openid profile',
    login_hint: email,
    ...parameters,
  });
}

/** The form of one poll. */
export function pollForm(asked: Asked): Record<string, string> {
  return { grant_type: cibaGrant, auth_req_id: asked.auth_req_id };
}

/** Opens the page of waiting requests. */
export const waitingPage = (agent: Agent): Promise<Page> => agent.open('/account/requests');

/** Answers the newest request on the page; returns once the answer has reached the protocol. */
export async function answer(
  issuer: TestIssuer,
  agent: Agent,
  decision: 'allow' | 'deny' | 'report',
  ticked: readonly string[] = [],
): Promise<Page> {
  const page = await waitingPage(agent);
  const which = page.forms.findLastIndex(({ action }) => action.endsWith('/answer'));
  if (which < 0) throw new Error(`nothing to answer on ${page.title} (${page.status})`);
  const values = Object.fromEntries(ticked.map((name) => [name, 'yes']));
  const done = await agent.submit(page, { ...values, decision }, which);
  await settled(issuer);
  return done;
}

/** Waits until nothing is due any more. */
export async function settled(issuer: TestIssuer): Promise<void> {
  await issuer.issuer.outbox.run();
  await issuer.issuer.outbox.idle();
}
