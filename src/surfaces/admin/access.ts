/** The tokens that routes of the Configuration API ask for, and what is common to their declarations. */
import type { ApiScopes } from '../../base/http/json-routes.ts';
import { anyWriteScope } from './power.ts';

const api = 'configuration';

/** To read. */
export const reading: ApiScopes = { api, scopes: ['configuration:read'] };
/** To change drafts: which of the scopes it takes follows from the items. */
export const writing: ApiScopes = { api, scopes: [...anyWriteScope] };
/** To approve what others have drafted. */
export const approving: ApiScopes = { api, scopes: ['configuration:approve'] };
/** To publish and to go back. */
export const publishing: ApiScopes = { api, scopes: ['configuration:publish'] };

/** Where the API is. */
export const root = '/api/configuration';

/** Largest document, in bytes. */
export const largestDocument = 1024 * 1024;
