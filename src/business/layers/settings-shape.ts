/**
 * What any layer may say about the experience. Each part can be left out (the layers above say it) or be `null` (what
 * the layers above say does not count here). The shape of one part stands here once: `layerSettings` is its partial
 * form, `effectiveSettings` what must be there when all layers are joined.
 */
import { z } from 'zod';
import { isPlainAddress } from '../../base/mail/address.ts';
import { attributeName } from '../profiles/attribute-names.ts';
import { attributeShape, attributesSchema, constraintsShape } from '../profiles/attribute-shape.ts';
import { formName, formShape, formsSchema } from '../profiles/form-shape.ts';
import { profilingSchema, ruleShape, whenShape } from '../profiles/profiling-shape.ts';
import { isOneLine, localeTag, oneLineOnly, plainLine } from '../profiles/text-shape.ts';
import { configId, jurisdictionId } from './id-shapes.ts';
import { checkedAs, type JsonObject } from './json.ts';
import { linksShape, logo, shapeShape, tokensShape } from './look-shape.ts';

/** A value that a layer may also leave out or take away. */
const patch = <T extends z.ZodType>(schema: T) => schema.nullable().optional();

/** An object whose parts may each be left out or taken away. */
function patchOf<S extends Record<string, z.ZodType>>(shape: S) {
  const parts = Object.entries(shape).map(([key, schema]) => [key, patch(schema)] as const);
  return patch(
    z.strictObject(Object.fromEntries(parts) as { [K in keyof S]: ReturnType<typeof patch<S[K]>> }),
  );
}

const seconds = (least: number) => z.int().min(least).max(31_536_000);

/** A key of a catalogue of texts. */
const textKey = z.string().regex(/^[a-z0-9][A-Za-z0-9_.-]{0,99}$/, 'a key of the catalogues');
/** A text of a brand's own: no markup but the bold that the catalogues use, no control characters. */
const ownText = z
  .string()
  .min(1)
  .max(2_000)
  .refine((text) => !/[<>]/.test(text.replaceAll(/<b>[^<>]*<\/b>/g, '')), 'text without markup but <b>…</b>')
  .refine(isOneLine, oneLineOnly);

/** Texts that a layer adds to those of the layers above, by language. */
const translations = z.record(localeTag, patch(plainLine));

const scopeName = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, 'a scope');

const lookShape = {
  /** Stands in mails as their sender too. */
  name: z.string().min(1).max(80).refine(isOneLine, oneLineOnly),
  logo,
  supportEmail: z.email(),
};
const languagesShape = {
  /** Languages that pages are offered in; every one there are catalogues for when nobody says. */
  offered: z.array(localeTag).min(1).max(50),
  /** Language of a visitor who prefers none that is offered. */
  default: localeTag,
};
/** Ways to sign in: `password`, `mail-code`, or an upstream's id. */
const signInMethod = configId;
const signInShape = {
  /** What members may type to say who they are. */
  identifier: z.enum(['email', 'any']),
  /** In the order of their buttons. */
  methods: z.array(signInMethod).min(1).max(20),
};
const passwordShape = {
  /** Fewest characters of a new password. */
  minLength: z.int().min(8).max(64),
  /** Lowest accepted strength estimate, 0 to 4. */
  minStrength: z.int().min(0).max(4),
};
const sessionShape = {
  /** A sign-in older than this many seconds does not count for this client; others keep theirs. */
  freshSeconds: seconds(60),
};
const levelShape = z.strictObject({
  /** Authentication context class the scope needs. */
  acr: z.string().min(1).max(100),
  /** Oldest sign-in that counts for the scope. */
  maxAgeSeconds: seconds(0).optional(),
});
const legalShape = {
  /** The legal area whose texts apply; a market's own word. */
  jurisdiction: jurisdictionId,
  /** Youngest age at which a person may register without a guardian. */
  minimumAge: z.int().min(0).max(21),
  /** Age in days after which a given consent is asked again. */
  consentMaxAgeDays: z.int().min(30).max(3650),
};
/** The keys of what the law asks. */
export const legalKeys: readonly string[] = Object.keys(legalShape);
const purposesShape = {
  /** Purposes asked at registration, in this order; all that apply when nobody says. */
  askAtRegistration: z.array(configId).max(20),
};
const mailsShape = {
  /** Shown as the sender of mails; the brand's name when nobody says. */
  senderName: z
    .string()
    .min(1)
    .max(80)
    .regex(/^[^\p{Cc}\p{Cf}\u2028\u2029<>"]+$/u, 'a name without quotes, brackets and control characters'),
  /** Where answers to mails go. */
  replyTo: z.email().refine(isPlainAddress, 'one plain mail address'),
};

/** The settings of a layer: everything may be left out. */
export const layerSettings = {
  /** Keys (such as `password.minLength`) that layers below may only tighten, or not touch where there is no tighter. */
  lock: z.array(z.string().min(1).max(200)).max(200).optional(),
  look: patch(
    z.strictObject({
      name: patch(lookShape.name),
      logo: patch(lookShape.logo),
      supportEmail: patch(lookShape.supportEmail),
      links: patchOf(linksShape),
      shape: patchOf(shapeShape),
      theme: patch(z.strictObject({ light: patchOf(tokensShape), dark: patchOf(tokensShape) })),
    }),
  ),
  languages: patchOf(languagesShape),
  /** Texts in the place of the catalogues', by language and key. */
  texts: patch(z.record(localeTag, patch(z.record(textKey, patch(ownText))))),
  signIn: patchOf(signInShape),
  password: patchOf(passwordShape),
  session: patchOf(sessionShape),
  /** Levels that scopes need. */
  acr: patch(z.record(scopeName, patch(levelShape))),
  legal: patchOf(legalShape),
  purposes: patchOf(purposesShape),
  mails: patchOf(mailsShape),
  /** The attribute schema: what may be known of a member. */
  attributes: patch(
    z.record(
      attributeName,
      patchOf({
        ...attributeShape.shape,
        label: translations,
        hint: translations,
        constraints: patchOf(constraintsShape.shape),
      }),
    ),
  ),
  /** Forms by name; the steps of a form are one value. */
  forms: patch(z.record(formName, patchOf({ ...formShape.shape, title: translations, lead: translations }))),
  /** Progressive profiling: when which attributes are asked. */
  profiling: patch(
    z.record(formName, patchOf({ ...ruleShape.shape, lead: translations, when: patchOf(whenShape.shape) })),
  ),
  /** Attributes that a scope releases to clients. */
  claims: patch(z.record(scopeName, patch(z.array(attributeName).max(50)))),
};

/** What the joined layers of a client's visit must say; what may be left out has its default here. */
export const effectiveSettings = z.strictObject({
  lock: z.array(z.string()).default([]),
  look: z.strictObject({
    ...lookShape,
    links: z.strictObject(linksShape),
    shape: z.strictObject(shapeShape).partial().optional(),
    theme: z.strictObject({ light: z.strictObject(tokensShape), dark: z.strictObject(tokensShape) }),
  }),
  languages: z.strictObject(languagesShape).partial().default({}),
  texts: z.record(localeTag, z.record(textKey, ownText)).default({}),
  signIn: z
    .strictObject({
      identifier: signInShape.identifier.default('email'),
      methods: signInShape.methods.default(['password', 'mail-code']),
    })
    .prefault({}),
  password: z.strictObject(passwordShape).partial().default({}),
  session: z.strictObject(sessionShape).partial().default({}),
  acr: z.record(scopeName, levelShape).default({}),
  legal: z.strictObject({
    jurisdiction: legalShape.jurisdiction,
    minimumAge: legalShape.minimumAge,
    consentMaxAgeDays: legalShape.consentMaxAgeDays.optional(),
  }),
  purposes: z.strictObject(purposesShape).partial().default({}),
  mails: z.strictObject(mailsShape).partial().default({}),
  attributes: attributesSchema.default({}),
  forms: formsSchema.default({}),
  profiling: profilingSchema.default({}),
  claims: z.record(scopeName, z.array(attributeName)).default({}),
});

/** The joined settings of a client's visit. */
export type EffectiveSettings = z.output<typeof effectiveSettings>;

const nothing = Object.freeze({});

/**
 * Checked and joined layers with what holds when nobody says anything; parts that are said stay the same objects.
 * @param joined what the layers of a checked configuration say together
 */
export function withDefaults(joined: JsonObject): EffectiveSettings {
  const signIn = checkedAs<Partial<EffectiveSettings['signIn']>>(joined.signIn ?? nothing);
  const whole =
    signIn.identifier && signIn.methods
      ? signIn
      : { identifier: signIn.identifier ?? 'email', methods: signIn.methods ?? ['password', 'mail-code'] };
  const { lock = [], languages = nothing, texts = nothing, password = nothing, session = nothing } = joined;
  const { acr = nothing, purposes = nothing, mails = nothing, attributes = nothing } = joined;
  const { forms = nothing, profiling = nothing, claims = nothing, look = nothing, legal = nothing } = joined;
  const rest = {
    languages,
    texts,
    password,
    session,
    acr,
    purposes,
    mails,
    attributes,
    forms,
    profiling,
    claims,
  };
  return checkedAs<EffectiveSettings>({ ...rest, lock, look, legal, signIn: whole });
}
