/**
 * What a client says about itself when it registers, held against its invitation (RFC 7591 sections 2 and 5). Unknown
 * metadata is ignored; what only an operator may decide cannot be said at all. Pure.
 */

import { type ClientDraft, type ClientInput, clientInput } from './client-input.ts';
import { metadataShape } from './client-metadata.ts';
import type { ClientRecord } from './client-record.ts';
import type { Invitation } from './invitations.ts';

/** Something that a client says about itself and must not. */
export interface RegistrationFault {
  /** Name of the metadata. */
  field: string;
  message: string;
}

/** What is looked at. */
export interface SelfDescription {
  /** client_id. */
  id: string;
  body: Readonly<Record<string, unknown>>;
  invitation: Invitation;
  /** The client as it stands, when it changes itself. */
  before?: ClientRecord | undefined;
}

/** Metadata with an address that somebody is sent to or that is called. */
const addressFields = [
  'jwks_uri',
  'sector_identifier_uri',
  'backchannel_logout_uri',
  'backchannel_client_notification_endpoint',
  'client_uri',
  'logo_uri',
  'policy_uri',
  'tos_uri',
  'initiate_login_uri',
] as const;

/**
 * Reads what a client says about itself.
 * @param said the body, the invitation, the client so far
 * @param refuseAddress throws for an address that must not be called, such as one of a private network
 * @returns the whole description, or every fault
 */
export function readSelfDescription(
  said: SelfDescription,
  refuseAddress: (uri: string) => void,
): { client: ClientInput & { id: string } } | { faults: RegistrationFault[] } {
  const given = knownMetadata(said.body);
  const draft = draftOf(said, given);
  const faults = [...invitationFaults(said, draft.metadata), ...nameFaults(said.body.client_name)];
  const parsed = clientInput.safeParse(draft);
  for (const issue of parsed.error?.issues ?? []) {
    const [first, second] = issue.path;
    const field =
      first === 'metadata' ? String(second ?? first) : first === 'name' ? 'client_name' : String(first);
    faults.push({ field, message: issue.message });
  }
  for (const field of addressFields) {
    const uri = given[field];
    if (typeof uri !== 'string' || faults.some((fault) => fault.field === field)) continue;
    try {
      refuseAddress(uri);
    } catch {
      faults.push({ field, message: 'must be a public https address' });
    }
  }
  return parsed.success && faults.length === 0 ? { client: { ...parsed.data, id: said.id } } : { faults };
}

/** A member of the specification with the value null or an empty one counts as absent (RFC 7592 section 2.2). */
function knownMetadata(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = Object.keys(metadataShape).filter((name) => Object.hasOwn(body, name));
  return Object.fromEntries(
    names.map((name) => [name, body[name]]).filter(([, value]) => value !== null && value !== ''),
  );
}

/** What the operator has decided comes from the client as it stands, or else from the invitation. */
function draftOf({ id, body, invitation, before }: SelfDescription, given: Record<string, unknown>) {
  const decided = before ?? invitation;
  const interactive = invitation.grants.includes('authorization_code');
  const metadata: Record<string, unknown> = {
    // The default of RFC 7591 section 2, where the invitation allows it.
    grant_types: interactive ? ['authorization_code'] : invitation.grants,
    scope: invitation.scopes.join(' '),
    ...given,
  };
  const name = body.client_name;
  return {
    id,
    brand: decided.brand,
    market: decided.market,
    name: typeof name === 'string' && name.trim() !== '' ? name : (hostOf(given.redirect_uris) ?? id),
    firstParty: decided.firstParty,
    profile: decided.profile,
    pkceExempt: invitation.pkceExempt === true && isConfidential(given),
    ...(before && {
      resourceServer: before.resourceServer,
      pkceExempt: before.pkceExempt,
      refreshLeewaySeconds: before.refreshLeewaySeconds,
      tokenExchange: before.tokenExchange,
    }),
    metadata: metadata as ClientDraft['metadata'] & Record<string, unknown>,
  };
}

/** A public client cannot be exempt from PKCE, whatever its invitation says. */
function isConfidential(given: Record<string, unknown>): boolean {
  return given.token_endpoint_auth_method !== 'none' && given.application_type !== 'native';
}

/** A client without a name is shown to members by the address they will go back to. */
function hostOf(uris: unknown): string | undefined {
  const first: unknown = Array.isArray(uris) ? uris[0] : undefined;
  const host = typeof first === 'string' && URL.canParse(first) ? new URL(first).host : '';
  return host === '' ? undefined : host.slice(0, 80);
}

function nameFaults(name: unknown): RegistrationFault[] {
  const absent = name === undefined || name === null;
  return absent || typeof name === 'string' ? [] : [{ field: 'client_name', message: 'must be a text' }];
}

function invitationFaults(
  { invitation, before }: SelfDescription,
  metadata: Readonly<Record<string, unknown>>,
): RegistrationFault[] {
  const faults: RegistrationFault[] = [];
  const outside = (field: string, allowed: readonly string[]) => {
    const beyond = texts(metadata[field]).filter((value) => !allowed.includes(value));
    if (beyond.length > 0)
      faults.push({ field, message: `the invitation does not allow ${beyond.join(', ')}` });
  };
  outside('grant_types', invitation.grants);
  outside('scope', invitation.scopes);
  const firstParty = (before ?? invitation).firstParty;
  if (metadata.subject_type === 'public' && !firstParty && !invitation.publicSubject)
    faults.push({ field: 'subject_type', message: 'the invitation allows pairwise only' });
  if (metadata.authorization_details_types !== undefined && !firstParty)
    faults.push({ field: 'authorization_details_types', message: 'only an operator can allow this' });
  for (const field of ['redirect_uris', 'post_logout_redirect_uris']) {
    if (invitation.redirectHosts.length === 0) break;
    const elsewhere = texts(metadata[field]).filter(
      (uri) => !invitation.redirectHosts.includes(placeOf(uri)),
    );
    if (elsewhere.length > 0)
      faults.push({ field, message: `the invitation allows ${invitation.redirectHosts.join(', ')} only` });
  }
  const site = metadata.client_uri;
  const places = [...texts(metadata.redirect_uris).map(placeOf), ...invitation.redirectHosts];
  // Members are shown its host as proof of who asks (RFC 7591 section 5).
  if (typeof site === 'string' && !places.includes(placeOf(site)))
    faults.push({
      field: 'client_uri',
      message: 'must be at a host of the redirect addresses, or one the invitation names',
    });
  return faults;
}

function texts(value: unknown): string[] {
  if (typeof value === 'string') return value.split(' ').filter((part) => part !== '');
  return Array.isArray(value) ? value.filter((part): part is string => typeof part === 'string') : [];
}

/** Host of a web address, scheme of a private-use one. */
function placeOf(uri: string): string {
  if (!URL.canParse(uri)) return '';
  const { protocol, host } = new URL(uri);
  return /^https?:$/.test(protocol) ? host : protocol;
}
