/** The shape of the configuration files of brands and markets; each field says what it is for. */
import { z } from 'zod';
import { localeTag, translated } from '../profiles/text-shape.ts';

/** A lower-case id that is safe in addresses and file names. */
export const configId = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'lower-case letters, digits and hyphens');

/** A further question of a brand at registration. */
export const fieldSpecSchema = z
  .strictObject({
    /** Key of the answer among the member's traits. */
    name: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'lower-case letters, digits and underscores'),
    kind: z.enum(['text', 'choice', 'checkbox']),
    label: translated,
    hint: translated.optional(),
    required: z.boolean().default(false),
    options: z
      .array(z.strictObject({ value: z.string().regex(/^[a-z0-9_-]{1,40}$/), label: translated }))
      .min(2)
      .max(50)
      .optional(),
    /** Autofill token of the HTML standard, such as `name`. */
    autocomplete: z.string().max(60).optional(),
    /** Longest answer in code points; text only. */
    maxLength: z.int().min(1).max(500).optional(),
  })
  .refine((field) => (field.kind === 'choice') === (field.options !== undefined), {
    message: 'options belong to kind choice, and only to it',
    path: ['options'],
  });

/** A further question of a brand at registration, in every language. */
export type FieldSpec = z.output<typeof fieldSpecSchema>;

/** The type of authorization details (RFC 9396) that pays with points, once. */
export const redemptionType = 'points_redemption';

/** `program.json`. */
export const programSchema = z.strictObject({
  name: z.string().min(1).max(80),
  /** Id of the brand that pages wear when nothing else says which. */
  defaultBrand: configId,
  /** Language of last resort for pages and legal texts. */
  defaultLocale: localeTag,
  /** Groups of markets that a release can be aimed at. */
  regions: z.array(z.strictObject({ id: configId, name: z.string().min(1).max(80) })).min(1),
  /** Protected APIs that access tokens can be asked for (RFC 8707), each with its scopes. */
  resources: z
    .array(
      z.strictObject({
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
      }),
    )
    .default([]),
});

/** A protected API. */
export type Resource = z.output<typeof programSchema>['resources'][number];

/** The program: one deployment, one issuer. */
export type Program = z.output<typeof programSchema>;

/** `brands/<id>/brand.json`: how a brand behaves; how it looks and is called stands in its `look.json`. */
export const brandSchema = z.strictObject({
  /** Host names of the brand's own sites; a hint for pages that no client leads to. */
  hosts: z.array(z.string().regex(/^[a-z0-9.-]+$/, 'a host name in lower case')).default([]),
  /** Market assumed when neither the client nor the visit names one. */
  defaultMarket: configId,
  defaultLocale: localeTag,
  signIn: z.strictObject({
    /** What members may type to say who they are. */
    identifier: z.enum(['email', 'any']).default('email'),
    /** Identity providers offered, in the order of their buttons. */
    upstreams: z.array(configId).default([]),
    /** Ways to sign in, where they are not password, mailed code and the upstreams. */
    methods: z.array(configId).min(1).optional(),
  }),
  session: z
    .strictObject({
      /** A sign-in older than this many seconds does not count for the brand's clients; others keep the program's limits. */
      freshSeconds: z.int().min(60).optional(),
    })
    .default({}),
  /** Questions asked at registration beyond e-mail and password. */
  fields: z
    .array(fieldSpecSchema)
    .default([])
    .refine((fields) => new Set(fields.map((field) => field.name)).size === fields.length, {
      message: 'two fields have the same name',
    }),
});

/** How a brand behaves. */
export type BrandSettings = z.output<typeof brandSchema>;

/** `markets/<id>.json`. */
export const marketSchema = z.strictObject({
  /** ISO 3166-1 alpha-2. */
  country: z.string().regex(/^[A-Z]{2}$/),
  /** The legal area whose texts apply, such as `EU`. */
  jurisdiction: z.string().regex(/^[A-Z][A-Z0-9-]{1,9}$/),
  /** The market's languages, the usual one first. */
  languages: z.array(localeTag).min(1),
  timeZone: z.string().refine(isTimeZone, 'not an IANA time zone'),
  region: configId,
  /** Youngest age at which a person may register without a guardian. */
  minimumAge: z.int().min(0).max(21),
});

/** A country or legal region as its file says it. */
export type MarketSettings = z.output<typeof marketSchema>;

const colour = z.string().regex(/^#[0-9a-f]{6}$/i, 'a colour as #rrggbb');
const tokens = z.strictObject({
  brand: colour,
  onBrand: colour,
  accent: colour,
  surface: colour,
  page: colour,
  text: colour,
  mutedText: colour,
  border: colour,
  danger: colour,
  success: colour,
  focus: colour,
});

/** An absolute address that a page may link to: https, or http on this machine in development. */
const pageUrl = z.string().refine((value) => {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  if (url.username || url.password) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}, 'an absolute https address (http only on localhost)');

/** `brands/<id>/look.json`: the JSON form of a BrandLook; program name and siblings are filled in by the program. */
export const lookSchema = z.strictObject({
  id: configId,
  name: z.string().min(1).max(80),
  programName: z.string().optional(),
  siblings: z.array(z.string()).optional(),
  theme: z.strictObject({ light: tokens, dark: tokens }),
  logo: z
    .string()
    .regex(/^<svg[\s>][\s\S]*<\/svg>\s*$/, 'inline SVG markup')
    .refine((svg) => !/<script|\son[a-z]+\s*=|javascript:|<foreignObject/i.test(svg), 'SVG without scripts'),
  links: z.strictObject({ home: pageUrl, help: pageUrl, privacy: pageUrl, terms: pageUrl }),
  supportEmail: z.email(),
});

/** Whether a host name always means this machine (RFC 6761 section 6.3, RFC 8252 section 7.3). */
export function isLoopbackHost(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '127.0.0.1' ||
    hostname === '[::1]'
  );
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
