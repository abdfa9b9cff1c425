/** A client on its smoke journey: what is looked at, and the requests that are made in its name. Pure. */
import { createHash } from 'node:crypto';
import type { I18n } from '../../base/i18n/i18n.ts';
import type { Ids } from '../../base/kernel/ids.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import type { JourneyRules, World } from '../../business/dry-runs/outcome.ts';
import type { Experience } from '../../business/experiences/experience.ts';
import type { ListenerAddress, Visitor } from './loopback.ts';

/** One thing that was looked at. */
export interface SmokeCheck {
  name: string;
  ok: boolean;
  /** What was found, in one sentence. */
  detail: string;
  /** It could not be tried for this kind of client. */
  skipped?: true;
}

/** What a smoke journey is made of. */
export interface SmokeDeps {
  issuer: string;
  /** Where this issuer listens: the only address that is called. */
  listener(): ListenerAddress;
  ids: Pick<Ids, 'secret'>;
  i18n: Pick<I18n, 'locale'>;
  world: World;
  rules: JourneyRules;
}

/** A client on its smoke journey. */
export interface Smoked {
  deps: SmokeDeps;
  client: ClientRecord;
  experience: Experience;
  visitor: Visitor;
}

/** The address that begins an authorization, and what it must come back with. */
export interface Authorization {
  url: string;
  state: string;
  redirectUri: string;
}

/** Why authorization cannot be tried from outside; undefined when it can. */
export function untried({ client }: Pick<Smoked, 'client'>): string | undefined {
  const {
    redirect_uris: addresses,
    require_pushed_authorization_requests: pushed,
    response_modes: modes,
  } = client.metadata;
  if (addresses.length === 0) return 'The client sends nobody here: it has no redirect address.';
  if (pushed === true || client.profile === 'fapi2')
    return 'The client must push its requests, signed with a key that only it has.';
  if (modes && !modes.includes('query'))
    return 'The client takes its answers in another way than the address of a redirect.';
  return undefined;
}

/**
 * An authorization request with PKCE, as the client would make it.
 * @param smoked the client
 * @param more further parameters
 */
export function authorizationOf(
  { deps, client }: Pick<Smoked, 'deps' | 'client'>,
  more: Readonly<Record<string, string>> = {},
): Authorization {
  const state = deps.ids.secret(16);
  const redirectUri = client.metadata.redirect_uris[0] ?? '';
  const parameters = new URLSearchParams({
    client_id: client.id,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid',
    state,
    nonce: deps.ids.secret(16),
    code_challenge: createHash('sha256').update(deps.ids.secret()).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  });
  return { url: `${deps.issuer}/authorize?${parameters}`, state, redirectUri };
}
