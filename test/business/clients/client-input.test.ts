import { describe, expect, it } from '@jest/globals';
import { type ClientDraft, clientInput } from '../../../src/business/clients/client-input.ts';

type Metadata = ClientDraft['metadata'];

const draft = (metadata: Metadata = {}, rest: Partial<ClientDraft> = {}): ClientDraft => ({
  brand: 'aurora-air',
  name: 'Aurora Air',
  metadata: { redirect_uris: ['https://air.example/callback'], ...metadata },
  ...rest,
});

const faultsOf = (input: unknown) =>
  clientInput.safeParse(input).error?.issues.map(({ path }) => path.join('.')) ?? [];

describe('a client’s description', () => {
  it('needs only brand, name and where to return to', () => {
    expect(clientInput.parse(draft())).toMatchObject({
      firstParty: false,
      metadata: {
        application_type: 'web',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    });
  });

  it('makes third parties pairwise with RS256, and our own public with ES256', () => {
    expect(clientInput.parse(draft()).metadata).toMatchObject({
      subject_type: 'pairwise',
      id_token_signed_response_alg: 'RS256',
    });
    expect(clientInput.parse(draft({}, { firstParty: true })).metadata).toMatchObject({
      subject_type: 'public',
      id_token_signed_response_alg: 'ES256',
    });
  });

  it('makes a native app a public client', () => {
    const native: Metadata = { application_type: 'native', redirect_uris: ['com.example.app:/callback'] };
    expect(clientInput.parse(draft(native)).metadata.token_endpoint_auth_method).toBe('none');
    expect(faultsOf(draft({ ...native, token_endpoint_auth_method: 'client_secret_basic' }))).toEqual([
      'metadata.token_endpoint_auth_method',
    ]);
  });

  it('knows a machine that signs in for itself', () => {
    const machine = draft({ redirect_uris: [], grant_types: ['client_credentials'], scope: '' });
    expect(clientInput.parse(machine).metadata.response_types).toEqual([]);
  });

  it.each<[string, Metadata | Record<string, unknown>, string]>([
    ['a foreign scheme', { redirect_uris: ['javascript:alert(1)'] }, 'metadata.redirect_uris.0'],
    [
      'a wildcard after sign-out',
      { post_logout_redirect_uris: ['https://*.air.example/'] },
      'metadata.post_logout_redirect_uris.0',
    ],
    [
      'the same address twice',
      { redirect_uris: ['https://a.example/', 'https://a.example/'] },
      'metadata.redirect_uris',
    ],
    ['no address to return to', { redirect_uris: [] }, 'metadata.redirect_uris'],
    ['addresses of no use', { grant_types: ['client_credentials'] }, 'metadata.redirect_uris'],
    ['the implicit grant', { grant_types: ['implicit'] }, 'metadata.grant_types.0'],
    ['the password grant', { grant_types: ['password'] }, 'metadata.grant_types.0'],
    ['an implicit response', { response_types: ['id_token'] }, 'metadata.response_types.0'],
    ['switching PKCE off', { require_pkce: false }, 'metadata'],
    ['its own secret', { client_secret: 'hunter2' }, 'metadata'],
    [
      'an unsigned ID token',
      { id_token_signed_response_alg: 'none' },
      'metadata.id_token_signed_response_alg',
    ],
    [
      'a shared-key ID token',
      { id_token_signed_response_alg: 'HS256' },
      'metadata.id_token_signed_response_alg',
    ],
    [
      'http for logout notices',
      { backchannel_logout_uri: 'http://air.example/bye' },
      'metadata.backchannel_logout_uri',
    ],
    ['a script as logo', { logo_uri: 'javascript:alert(1)' }, 'metadata.logo_uri'],
    ['a key without its set', { token_endpoint_auth_method: 'private_key_jwt' }, 'metadata.jwks'],
    [
      'a private key',
      { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ kty: 'EC', d: 'x' }] } },
      'metadata.jwks.keys.0',
    ],
    [
      'a public client that acts for itself',
      { token_endpoint_auth_method: 'none', grant_types: ['authorization_code', 'client_credentials'] },
      'metadata.grant_types',
    ],
    [
      'pairwise subjects for two hosts without a sector',
      { redirect_uris: ['https://a.example/', 'https://b.example/'] },
      'metadata.sector_identifier_uri',
    ],
  ])('refuses %s', (_what, metadata, field) => {
    expect(faultsOf({ ...draft(), metadata: { ...draft().metadata, ...metadata } })).toContain(field);
  });

  it.each(['air.example', 'a', '', '../x', '$where', 'a'.repeat(65)])('refuses the id %j', (id) => {
    expect(faultsOf(draft({}, { id }))).toEqual(['id']);
  });

  it('shows every fault at once', () => {
    const faults = faultsOf({
      ...draft({
        redirect_uris: ['javascript:1', 'https://a.example/#x'],
        grant_types: ['authorization_code'],
      }),
    });
    expect(faults).toEqual(expect.arrayContaining(['metadata.redirect_uris.0', 'metadata.redirect_uris.1']));
  });
});

describe('a policy for token exchange', () => {
  const grant = 'urn:ietf:params:oauth:grant-type:token-exchange';
  const api = 'https://points.xenia.example/api';
  const own = (tokenExchange: ClientDraft['tokenExchange'], rest: Partial<ClientDraft> = {}) =>
    draft({ grant_types: ['authorization_code', grant] }, { firstParty: true, tokenExchange, ...rest });
  const impersonation = { resources: [api], scopes: ['points:read'] };

  it('allows nothing by default', () => {
    expect(clientInput.parse(draft()).tokenExchange).toEqual({});
  });

  it('names whose tokens may be exchanged, for what', () => {
    const delegation = { from: [api, 'airline'], resources: [api], scopes: ['points:read'] };
    expect(faultsOf(own({ delegation, impersonation }))).toEqual([]);
    expect(faultsOf(own({ delegation: { ...delegation, from: [] } }))).toEqual([
      'tokenExchange.delegation.from',
    ]);
  });

  it('needs the grant, and a client that can authenticate', () => {
    expect(faultsOf(draft({}, { firstParty: true, tokenExchange: { impersonation } }))).toEqual([
      'tokenExchange',
    ]);
    expect(
      faultsOf(draft({ grant_types: ['authorization_code', grant], token_endpoint_auth_method: 'none' })),
    ).toEqual(['metadata.grant_types']);
  });

  it('lets agents of our own tools only act as members', () => {
    expect(faultsOf(own({ impersonation }, { firstParty: false }))).toEqual(['tokenExchange.impersonation']);
    const pairwise = own({ impersonation });
    expect(faultsOf({ ...pairwise, metadata: { ...pairwise.metadata, subject_type: 'pairwise' } })).toEqual([
      'tokenExchange.impersonation',
    ]);
  });

  it('never gives what belongs to a sign-in', () => {
    const scopes = ['points:read', 'offline_access'];
    expect(faultsOf(own({ impersonation: { ...impersonation, scopes } }))).toEqual([
      'tokenExchange.impersonation.scopes',
    ]);
  });
});
