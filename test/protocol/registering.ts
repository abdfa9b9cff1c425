/** What tests of registration have in common: invitations, and raw requests to the registration endpoints. */
import { systemVisit } from '../../src/base/kernel/visit.ts';
import type { InvitationDraft } from '../../src/business/clients/invitations.ts';
import type { TestIssuer } from '../support/issuer.ts';

/** An answer of the registration endpoints. */
export interface Registered {
  status: number;
  headers: Headers;
  json: Record<string, unknown>;
}

/** An initial access token. */
export async function invite(issuer: TestIssuer, draft: Partial<InvitationDraft> = {}) {
  const { invitation, token } = await issuer.issuer.core.invitations.issue(
    { brand: 'aurora-air', ...draft },
    systemVisit('test'),
  );
  return { id: invitation.id, token };
}

/** Sends a request with a bearer token and a JSON body. */
export async function send(
  url: string | URL,
  options: { token?: string; method?: string; body?: unknown },
): Promise<Registered> {
  const response = await fetch(url, {
    method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
      ...(options.body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, json: text ? JSON.parse(text) : {} };
}

/** Registers a client; the body is laid over a web application with one redirect address. */
export function registerClient(
  issuer: { url: string },
  token: string,
  body: Record<string, unknown> = {},
): Promise<Registered> {
  return send(new URL('/register', issuer.url), {
    token,
    body: { client_name: 'Partner', redirect_uris: ['https://partner.example/callback'], ...body },
  });
}

/** Where and with what a registered client manages itself. */
export function management(registered: Registered): { url: string; token: string } {
  const { registration_client_uri: url, registration_access_token: token } = registered.json;
  if (typeof url !== 'string' || typeof token !== 'string')
    throw new Error(`not registered: ${registered.status} ${JSON.stringify(registered.json)}`);
  return { url, token };
}
