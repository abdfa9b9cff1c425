/** Samples of forms as parts of account pages: every kind of field, and names that several forms of a page share. */
import type { FieldQuestion } from '../../business/profiles/attribute-input.ts';
import type { ShownField } from '../pages/form-fields.ts';
import type { FormPart } from './views.ts';

const asked: Omit<FieldQuestion, 'name' | 'label' | 'control'> = {
  hint: undefined,
  required: false,
  input: {},
  options: undefined,
  parts: undefined,
};

const question = (
  spec: Pick<FieldQuestion, 'name' | 'label' | 'control'> & Partial<FieldQuestion>,
): ShownField => ({ kind: 'attribute', question: { ...asked, ...spec } });

const options = (...labels: string[]) =>
  labels.map((label) => ({ value: label.toLowerCase().replaceAll(/[^a-z]+/g, '-'), label }));

const news: ShownField = {
  kind: 'consent',
  purpose: {
    id: 'news',
    title: 'News by e-mail',
    summary: 'About two mails a month with offers.',
    version: '1',
    url: '/legal/news/1',
  },
};

/** The profile form. */
export const profileAnswers: FormPart = {
  action: '/account/profile/answers',
  seen: 'field.phone=mark',
  title: 'About you',
  lead: 'You can leave open what you do not want to say.',
  sections: [
    {
      title: 'Contact',
      fields: [
        question({
          name: 'phone',
          label: 'Mobile phone',
          control: 'input',
          hint: 'For messages about your bookings.',
          input: { type: 'tel', inputmode: 'tel', autocomplete: 'tel', maxlength: 40 },
        }),
      ],
    },
    {
      title: 'Around you',
      fields: [
        question({ name: 'town', label: 'Town', control: 'input', input: { type: 'text', maxlength: 160 } }),
        {
          ...question({ name: 'nearby', label: 'Tell me of offers nearby', control: 'checkbox' }),
          when: { input: 'field.town', wanted: [], kind: 'present', question: 'Town' },
        },
      ],
    },
  ],
  origins: [{ label: 'Mobile phone', kind: 'member', place: 'Aurora Air', at: '2026-05-02T08:30:00Z' }],
};

/** The form for the whole program. */
export const communication: Omit<FormPart, 'action'> = {
  seen: 'field.channels=mark',
  title: 'How we may reach you',
  sections: [
    {
      fields: [
        question({
          name: 'channels',
          label: 'By which ways?',
          control: 'checkboxes',
          options: options('E-mail', 'Text message', 'Notification of our app', 'Post'),
        }),
        question({
          name: 'frequency',
          label: 'How often?',
          control: 'radios',
          options: options('At once', 'Once a week', 'Once a month'),
        }),
        { kind: 'locale', required: true, hint: 'For our messages.' },
      ],
    },
  ],
  languages: [
    { code: 'en', tag: 'en', name: 'English' },
    { code: 'ja', tag: 'ja', name: '日本語' },
  ],
  origins: [],
};

/** The form of an airline. */
export const airlinePreferences: Omit<FormPart, 'action'> = {
  seen: 'field.seat=mark',
  title: 'Your trips',
  lead: 'So that your next trip fits you.',
  sections: [
    {
      title: 'On board',
      fields: [
        question({
          name: 'seat',
          label: 'Where do you like to sit?',
          control: 'radios',
          options: options('Window', 'Aisle', 'No preference'),
        }),
        question({
          name: 'meal',
          label: 'What do you like to eat?',
          control: 'select',
          options: options('Regular', 'Vegetarian', 'Vegan', 'Halal', 'Kosher', 'Without gluten'),
        }),
      ],
    },
    { title: 'Your data', fields: [news] },
  ],
  origins: [
    { label: 'Where do you like to sit?', kind: 'member', place: 'Aurora Air', at: '2026-05-02T08:30:00Z' },
    { label: 'What do you like to eat?', kind: 'upstream', at: '2026-04-02T08:30:00Z' },
  ],
};

/** The form of a grocery, which asks for the same consent. */
export const groceryPreferences: Omit<FormPart, 'action'> = {
  seen: '',
  title: 'Your shopping',
  sections: [
    {
      fields: [
        question({
          name: 'allergies',
          label: 'Which allergies should we know of?',
          control: 'input',
          hint: 'Kept sealed, and shown to nobody but you.',
          input: { type: 'text', maxlength: 400 },
        }),
        news,
      ],
    },
  ],
  origins: [],
};
