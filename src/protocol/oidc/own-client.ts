/**
 * The issuer's own client: the account pages sign members in through the same endpoints as every site. It never
 * gets a code or a token (`response_type=none`, OAuth 2.0 Multiple Response Types section 4); what it wants is the session.
 */
import type { ClientRecord } from '../../business/clients/client-record.ts';

const id = 'account';
const returnPath = '/account/signed-in';

/** The built-in client of the account pages. */
export const ownClient = {
  id,
  /** Path the sign-in returns to. */
  returnPath,
  /**
   * Its record, as if it stood in the database.
   * @param issuer the issuer's address
   */
  record(issuer: string): ClientRecord {
    const known = records.get(issuer);
    if (known) return known;
    const record: ClientRecord = {
      id,
      brand: '',
      market: undefined,
      name: '',
      firstParty: true,
      resourceServer: false,
      profile: 'baseline',
      pkceExempt: false,
      refreshLeewaySeconds: 0,
      invitation: undefined,
      tokenExchange: {},
      disabledAt: undefined,
      endedAt: undefined,
      metadata: {
        application_type: 'web',
        redirect_uris: [`${issuer}${returnPath}`],
        post_logout_redirect_uris: [],
        grant_types: [],
        response_types: ['none'],
        token_endpoint_auth_method: 'none',
      } as never,
      secrets: [],
      version: 1,
      createdAt: new Date(0),
      updatedAt: new Date(0),
    };
    records.set(issuer, record);
    return record;
  },
};

const records = new Map<string, ClientRecord>();
