/** Generated from docs/openapi/account.json by scripts/generate.mjs; edit the routes there. */

/** RFC 9457. `code` is stable; `title` is for people, in the language of `Accept-Language`. */
export type Problem = {
  /** Where the code is explained. */
  type: string;
  title: string;
  status: number;
  code: string;
  /** The same as the header `Trace-Id` and in our log. */
  trace: string;
  /** Every fault of what was sent. */
  errors?: Array<{
    /** The document, where several are judged together. */
    item?: string;
    /** JSON pointer (RFC 6901). */
    path: string;
    /** Where, when it is not the body. */
    in?: 'path' | 'query';
    code: string;
    expected?: string;
    /** Cut short, and never a secret. */
    got?: string;
  }>;
};

/** `country` is ISO 3166-1 alpha-2. */
export type AddressPart = {
  part: 'street_address' | 'postal_code' | 'locality' | 'region' | 'country';
  label: string;
  /** An address without it is none. */
  required: boolean;
  maxLength: number;
};

export type Answers = {
  /** By attribute, typed; `null` skips. What is not named waits on. */
  answers: Record<string, unknown>;
};

/** Typed as the attribute is defined; a date is yyyy-mm-dd. */
export type AttributeValue = string | number | boolean | Array<string> | Record<string, string>;

/** The field is asked only where the answer to the attribute, asked before it, is so. */
export type Condition = {
  attribute: string;
  equals?: string | number | boolean;
  oneOf?: Array<string | number | boolean>;
  present?: boolean;
};

export type Consent = {
  purpose: string;
  /** `open`: never decided. `expired`: given so long ago that it does not count any more. */
  state: 'open' | 'given' | 'refused' | 'withdrawn' | 'expired';
  /** ISO 8601. */
  decidedAt: string | null;
  /** The version that was decided on. */
  decidedVersion: string | null;
  title: string;
  /** One plain sentence: the label beside the choice. */
  summary: string;
  /** The whole text; blank lines part paragraphs. */
  text: string;
  /** The version in force: the one to decide on. */
  version: string;
  /** Language of the text. */
  language: string;
  /** SHA-256 of the exact text, base64url. */
  hash: string;
};

export type ConsentDecision = {
  state: 'given';
  /** Of the text that was shown, as it was read here. */
  version: string;
  language: string;
  hash: string;
} | {
  state: 'withdrawn';
};

/** Lengths count code points. `min` and `max`: of a number, a day (yyyy-mm-dd) or the number of choices. */
export type Constraints = {
  minLength?: number;
  maxLength?: number;
  min?: number | string;
  max?: number | string;
  step?: number;
  /** A regular expression of the whole text, as in an HTML `pattern`. */
  pattern?: string;
};

export type Form = {
  name: string;
  title: string;
  lead: string | null;
  /** The language asked for; a text may lack it and be in another. */
  language: string;
  steps: Array<{
    title: string | null;
    fields: Array<FormField>;
  }>;
  answers: PresentAnswers;
};

export type FormAnswers = {
  /** By attribute, typed; `null` takes the answer away. What is not named stays as it is. */
  attributes?: Record<string, unknown>;
  /** By purpose. What is not named is not decided on. */
  consents?: Record<string, {
    state: 'given';
    /** Of the text that was shown, as the field brought it. */
    version: string;
    language: string;
    hash: string;
  } | {
    /** What had been given is withdrawn. */
    state: 'refused';
  }>;
  name?: string | null;
  locale?: string;
};

export type FormField = {
  kind: 'attribute' | 'consent' | 'core';
  /** Of the attribute, of the purpose, or `name` or `locale`: what every member has. */
  name: string;
  /** An unticked box of type `boolean` is the answer `false`: required, it must be ticked. */
  type: 'text' | 'number' | 'boolean' | 'date' | 'choice' | 'choices' | 'email' | 'phone' | 'address' | 'reference';
  /** In the language asked for; of a consent its one plain sentence. */
  label: string;
  hint: string | null;
  options: Array<{
    value: string;
    label: string;
  }> | null;
  constraints: Constraints;
  /** Of an address, in their order. */
  parts: Array<AddressPart> | null;
  /** Autofill token of the HTML standard. */
  autocomplete: string | null;
  required: boolean;
  when: Condition | null;
  /** Of a consent: two equal choices, none chosen before; send the text back with a yes. */
  consent: {
    title: string;
    /** The whole text; blank lines part paragraphs. */
    text: string;
    version: string;
    /** Language of the text. */
    language: string;
    /** SHA-256 of the exact text, base64url. */
    hash: string;
    /** Where the text can be read. */
    url: string;
  } | null;
};

export type FormItem = {
  name: string;
  title: string;
  lead: string | null;
};

/** As far as the client may read them. */
export type PresentAnswers = {
  attributes: Record<string, AttributeValue>;
  /** By purpose; `true` is given. */
  consents: Record<string, boolean>;
  name?: string | null;
  locale?: string;
};

export type Profile = {
  /** The member, as this client knows them. */
  sub: string;
  /** What the member calls themselves. */
  name: string | null;
  /** The language the member chose. */
  locale: string;
  /** Values the client may read; one without a value is left out. */
  attributes: Record<string, AttributeValue>;
  /** Attributes the client may write with this token. */
  writable: Array<string>;
};

export type ProfileChange = {
  /** `null` removes it. */
  name?: string | null;
  locale?: string;
  /** What is named is written, `null` removes, what is not named stays. */
  attributes?: Record<string, unknown>;
};

export type Question = {
  attribute: string;
  /** It cannot be skipped. */
  required: boolean;
  /** An unticked box of type `boolean` is the answer `false`: required, it must be ticked. */
  type: 'text' | 'number' | 'boolean' | 'date' | 'choice' | 'choices' | 'email' | 'phone' | 'address' | 'reference';
  /** In the language of `Accept-Language`. */
  label: string;
  hint: string | null;
  options: Array<{
    value: string;
    label: string;
  }> | null;
  constraints: Constraints;
  /** Of an address, in their order. */
  parts: Array<AddressPart> | null;
  /** Autofill token of the HTML standard. */
  autocomplete: string | null;
};

export type Questions = {
  items: Array<Question>;
};

/** What goes in and what comes back, by operation. */
export interface Operations {
  /** Says who calls. */
  'account_api.whoami': {
    body: undefined;
    answer: {
      /** The client the token was issued to. */
      client: string;
      /** The member, as this client knows them; null where the client acts for itself. */
      sub: string | null;
      /** What the token opens at this moment. */
      scopes: Array<string>;
    };
  };
  /** Reads the profile. */
  'account_api.profile': {
    body: undefined;
    answer: Profile;
  };
  /** Changes the profile. */
  'account_api.profile.change': {
    body: ProfileChange;
    answer: Profile;
  };
  /** Reads what the member can agree to, and where they stand. */
  'account_api.consents': {
    body: undefined;
    answer: {
      items: Array<Consent>;
    };
  };
  /** Gives or withdraws a consent. */
  'account_api.consents.decide': {
    body: ConsentDecision;
    answer: Consent;
  };
  /** Reads the questions that wait for the member. */
  'account_api.questions': {
    body: undefined;
    answer: Questions;
  };
  /** Keeps answers, and that others were skipped. */
  'account_api.questions.answer': {
    body: Answers;
    answer: Questions;
  };
  /** Lists the forms of the client’s experience. */
  'account_api.forms': {
    body: undefined;
    answer: {
      items: Array<FormItem>;
    };
  };
  /** Reads a form, to draw it. */
  'account_api.form': {
    body: undefined;
    answer: Form;
  };
  /** Sends a form filled in. */
  'account_api.form.answer': {
    body: FormAnswers;
    answer: Form;
  };
  /** Writes an attribute that the caller owns. */
  'account_api.members.attribute': {
    body: {
      /** `null` removes it. */
      value: AttributeValue | null;
    };
    answer: undefined;
  };
  /** This document. */
  'account.openapi': {
    body: undefined;
    answer: {
      openapi: string;
    };
  };
}
