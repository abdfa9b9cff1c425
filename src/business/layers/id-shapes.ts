/** The shapes of names in a configuration. */
import { z } from 'zod';

/** What {@link configId} accepts. */
export const configIdShape = /^[a-z][a-z0-9-]{0,39}$/;

/** A lower-case id that is safe in addresses and file names. */
export const configId = z.string().regex(configIdShape, 'lower-case letters, digits and hyphens');

/** What a client's id looks like (the same rule as for a registered one). */
export const clientIdShape = /^[a-zA-Z0-9][a-zA-Z0-9_-]{2,63}$/;

/** A legal area such as `EU`. */
export const jurisdictionId = z.string().regex(/^[A-Z][A-Z0-9-]{1,9}$/, 'a legal area such as EU');
