/** A form as an app draws it: steps, fields with their rules and conditions, and the present answers. Pure. */
import { z } from 'zod';
import type { LocaleInfo } from '../../base/i18n/i18n.ts';
import { conditionShape } from '../../business/profiles/condition.ts';
import { askedAttribute, canBeAsked, type FormAnswers } from '../../business/profiles/form-answers.ts';
import type { FormField } from '../../business/profiles/form-shape.ts';
import { longestName } from '../../business/profiles/person-name.ts';
import { inLanguage } from '../../business/profiles/text-shape.ts';
import type { PurposeText } from '../../business/purposes/purposes.ts';
import type { MemberForm } from '../../people/answers/forms.ts';
import { type DrawnIn, drawn, drawnAttribute } from './drawn.ts';
import { attributeValue } from './profile.ts';

const legalText = z.object({
  title: z.string(),
  text: z.string().meta({ description: 'The whole text; blank lines part paragraphs.' }),
  version: z.string(),
  language: z.string().meta({ description: 'Language of the text.' }),
  hash: z.string().meta({ description: 'SHA-256 of the exact text, base64url.' }),
  url: z.string().meta({ description: 'Where the text can be read.' }),
});

const condition = conditionShape.meta({
  id: 'Condition',
  description: 'The field is asked only where the answer to the attribute, asked before it, is so.',
});

const field = z
  .object({
    kind: z.enum(['attribute', 'consent', 'core']),
    name: z.string().meta({
      description: 'Of the attribute, of the purpose, or `name` or `locale`: what every member has.',
    }),
    ...drawn,
    label: z
      .string()
      .meta({ description: 'In the language asked for; of a consent its one plain sentence.' }),
    required: z.boolean(),
    when: condition.nullable(),
    consent: legalText.nullable().meta({
      description: 'Of a consent: two equal choices, none chosen before; send the text back with a yes.',
    }),
  })
  .meta({ id: 'FormField' });

const answers = z
  .object({
    attributes: z.record(z.string(), attributeValue),
    consents: z.record(z.string(), z.boolean()).meta({ description: 'By purpose; `true` is given.' }),
    name: z.string().nullable().optional(),
    locale: z.string().optional(),
  })
  .meta({ id: 'PresentAnswers', description: 'As far as the client may read them.' });

/** A form, drawn. */
export const formSchema = z
  .object({
    name: z.string(),
    title: z.string(),
    lead: z.string().nullable(),
    language: z
      .string()
      .meta({ description: 'The language asked for; a text may lack it and be in another.' }),
    steps: z.array(z.object({ title: z.string().nullable(), fields: z.array(field) })),
    answers,
  })
  .meta({ id: 'Form' });

type Field = z.input<typeof field>;

/** What a form is drawn with. */
export interface FormDrawing extends DrawnIn {
  issuer: string;
  locales: readonly LocaleInfo[];
}

/**
 * A form as an app draws it. What cannot be asked here is left out, and a step without a field.
 * @param member the form as it stands for the member
 * @param drawing language, texts, languages
 */
export function drawnForm(member: MemberForm, drawing: FormDrawing): z.input<typeof formSchema> {
  const { form, name } = member;
  const text = (texts: Readonly<Record<string, string>> | undefined) =>
    texts ? inLanguage(texts, drawing.locale) : null;
  const steps = form.steps.map(({ title, fields }) => ({
    title: text(title),
    fields: fields.flatMap((each) => fieldOf(each, member, drawing)),
  }));
  const shown = steps.filter(({ fields }) => fields.length > 0);
  return {
    name,
    title: text(form.title) ?? name,
    lead: text(form.lead),
    language: drawing.locale,
    steps: shown,
    answers: answersTo(
      shown.flatMap(({ fields }) => fields),
      member.answers,
    ),
  };
}

function fieldOf(each: FormField, member: MemberForm, drawing: FormDrawing): Field[] {
  const { context, purposes } = member;
  if (!canBeAsked(each, context)) return [];
  const { required = false, when = null, hint } = each;
  const common = { required, when, consent: null };
  const asked = askedAttribute(each, context.attributes);
  if (asked)
    return [{ ...common, kind: 'attribute', name: asked.name, ...drawnAttribute(asked, drawing, context) }];
  const plain = {
    hint: hint ? inLanguage(hint, drawing.locale) : null,
    options: null,
    constraints: {},
    parts: null,
    autocomplete: null,
  };
  const purpose = purposes.find(({ id }) => id === each.consent);
  if (purpose) {
    const consent = legalTextOf(purpose, drawing.issuer);
    const label = purpose.summary;
    return [{ ...common, ...plain, kind: 'consent', name: purpose.id, type: 'boolean', label, consent }];
  }
  if (each.core === 'name') {
    const label = drawing.t('field.name');
    const rules = { constraints: { maxLength: longestName }, autocomplete: 'name' };
    return [{ ...common, ...plain, ...rules, kind: 'core', name: 'name', type: 'text', label }];
  }
  if (each.core !== 'locale') return [];
  const offered = member.at.experience.locales.offered;
  const options = drawing.locales
    .filter(({ code }) => offered === undefined || offered.includes(code))
    .map(({ code, name }) => ({ value: code, label: name }));
  const label = drawing.t('field.language');
  return [
    { ...common, ...plain, options, required: true, kind: 'core', name: 'locale', type: 'choice', label },
  ];
}

function legalTextOf({ id, title, plain, version, language, hash }: PurposeText, issuer: string) {
  const url = `${issuer}/legal/${id}/${version}?ui_locales=${language}`;
  return { title, text: plain, version, language, hash, url };
}

/** Of the present answers only those that a field shows. */
function answersTo(fields: readonly Field[], known: FormAnswers): z.input<typeof answers> {
  const shows = (kind: Field['kind'], name: string) =>
    fields.some((each) => each.kind === kind && each.name === name);
  const values = Object.entries(known.attributes).filter(
    ([name, value]) => value !== null && shows('attribute', name),
  );
  const { name, locale } = known;
  return {
    attributes: Object.fromEntries(values) as z.input<typeof answers>['attributes'],
    consents: Object.fromEntries(Object.entries(known.consents).filter(([id]) => shows('consent', id))),
    ...(name !== undefined && shows('core', 'name') && { name: name || null }),
    ...(locale !== undefined && shows('core', 'locale') && { locale }),
  };
}
