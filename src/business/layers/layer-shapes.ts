/** The shape of each kind of layer document: what only this kind says, and the settings that every layer may say. */
import { z } from 'zod';
import { isOneLine, localeTag, oneLineOnly } from '../profiles/text-shape.ts';
import { configId } from './id-shapes.ts';
import type { LayerKind } from './item-path.ts';
import { layerSettings } from './settings-shape.ts';

/** The type of authorization details (RFC 9396) that pays with points, once. */
export const redemptionType = 'points_redemption';

const resource = z.strictObject({
  indicator: z.url().refine((uri) => !uri.includes('#'), 'an absolute URI without a fragment'),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/))
    .min(1)
    .max(100),
  /** `jwt` (RFC 9068): the API verifies it itself. `opaque`: the API introspects it, and it dies at once. */
  tokens: z.enum(['jwt', 'opaque']).default('jwt'),
  /** What JWT tokens are signed with. */
  signingAlgorithm: z.enum(['ES256', 'RS256', 'PS256', 'EdDSA']).default('ES256'),
  /** How long a token lives, in seconds: a minute to an hour. */
  lifetimeSeconds: z.int().min(60).max(3600).default(600),
  /** Types of authorization details (RFC 9396) that its tokens can carry. */
  authorizationDetails: z.array(z.enum([redemptionType])).default([]),
});

/** A protected API. */
export type Resource = z.output<typeof resource>;

/** The program's layer, `program`. */
const program = z.strictObject({
  name: z.string().min(1).max(80).refine(isOneLine, oneLineOnly),
  /** Id of the brand that pages wear when nothing else says which. */
  defaultBrand: configId,
  /** Language of last resort for pages and legal texts. */
  defaultLocale: localeTag,
  /** Groups of markets that a release can be aimed at; a region may lie within another. */
  regions: z
    .array(z.strictObject({ id: configId, name: z.string().min(1).max(80), within: configId.optional() }))
    .min(1)
    .max(200),
  /** Protected APIs that access tokens can be asked for (RFC 8707), each with its scopes. */
  resources: z.array(resource).max(200).default([]),
  /** How many persons other than the author must approve a draft before it can be published. */
  approvals: z.int().min(0).max(5).default(0),
  ...layerSettings,
});

/** A brand's layer, `brands/<id>/brand`. */
const brand = z.strictObject({
  /** Host names of the brand's own sites; a hint for pages that no client leads to. */
  hosts: z.array(z.string().regex(/^[a-z0-9.-]+$/, 'a host name in lower case')).default([]),
  /** Market assumed when neither the client nor the visit names one. */
  defaultMarket: configId,
  ...layerSettings,
});

/** A market's layer, `markets/<id>`. */
const market = z.strictObject({
  /** ISO 3166-1 alpha-2. */
  country: z.string().regex(/^[A-Z]{2}$/, 'a country code such as DE'),
  timeZone: z.string().refine(isTimeZone, 'an IANA time zone such as Europe/Berlin'),
  region: configId,
  ...layerSettings,
});

const settingsOnly = z.strictObject(layerSettings);

/** The shape of each kind of layer document. */
export const layerShapes = {
  program,
  brand,
  region: settingsOnly,
  market,
  'brand-market': settingsOnly,
  site: settingsOnly,
} satisfies Record<LayerKind, z.ZodType>;

/** What the program's layer says of the program itself. */
export type ProgramLayer = z.output<typeof program>;
/** What a brand's layer says of the brand itself. */
export type BrandLayer = z.output<typeof brand>;
/** What a market's layer says of the market itself. */
export type MarketLayer = z.output<typeof market>;

/** Keys that are no settings: they say what the layer stands for. */
export const structuralKeys: Readonly<Record<LayerKind, readonly string[]>> = {
  program: ['name', 'defaultBrand', 'defaultLocale', 'regions', 'resources', 'approvals'],
  brand: ['hosts', 'defaultMarket'],
  region: [],
  market: ['country', 'timeZone', 'region'],
  'brand-market': [],
  site: [],
};

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
