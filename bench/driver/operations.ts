/** The operations the bench measures, by name. */
import type { Operation } from './operations/operation.ts';
import { discovery, introspection, userinfo } from './operations/reads.ts';
import { signIn, singleSignOn } from './operations/sign-ins.ts';
import { signOut } from './operations/sign-out.ts';
import { clientAssertion, clientCredentials, devicePoll, manyClients, refresh } from './operations/tokens.ts';

/** The operations by the names `--only` takes. */
export const operations: Record<string, Operation> = {
  discovery,
  'cc-jwt': (slot) => clientCredentials(slot, true),
  'cc-opaque': (slot) => clientCredentials(slot, false),
  'cc-assertion': clientAssertion,
  'cc-many': manyClients,
  refresh: (slot) => refresh(slot, false),
  'refresh-dpop': (slot) => refresh(slot, true),
  'device-poll': devicePoll,
  userinfo,
  introspection: (slot) => introspection(slot, true),
  'introspection-no-hint': (slot) => introspection(slot, false),
  'sign-in': signIn,
  sso: (slot) => singleSignOn(slot, false),
  'sso-par': (slot) => singleSignOn(slot, true),
  'sign-out': signOut,
};
